import { describe, expect, test } from 'vitest';
import { conform, type DriverModel, fails, probeMachine } from '../src/conformance/index.ts';
import { thoroughGvnic } from '../src/conformance/reference/gvnic.ts';
import { referenceNvme } from '../src/conformance/reference/nvme.ts';
import type { GuestPort } from '../src/core/guest-port.ts';
import { virtioNet, virtioScsi } from '../src/guest/index.ts';
import { gceN1, type Machine, type MachineOptions, qemuPc } from '../src/index.ts';
import { RamAccess } from '../src/machine/ram-access.ts';
import { FRAME } from './nics.ts';

/** The machine as a guest of the other byte order sees it. */
function otherOrder(machine: Machine): GuestPort {
  const { port, chassis } = machine;
  const endian = port.memory.endian === 'be' ? 'le' : 'be';
  return Object.create(port, { memory: { value: new RamAccess(chassis.board.memory, endian) } }) as GuestPort;
}
const nicOf = (machine: Machine) => machine.nics[0]!.fn.bdf;
const ERRAND = { text: 'hello', frames: [FRAME] };
const polled = virtioNet({ interrupts: 'polled' });

test('a big-endian guest is served as any other: disks, offloads both ways, interrupts, events', () => {
  const [big, little] = (['big', 'little'] as const).map((guestEndian) =>
    probeMachine(gceN1({ guestEndian, vcpus: 2, nics: [{ backend: 'loopback' }] }), ERRAND),
  );

  expect(big!.requirements).toEqual(little!.requirements);
  expect(big!.verdicts.filter(fails)).toEqual([]);
});

// Their rings have a byte order of their own.
test.each<[string, DriverModel, MachineOptions]>([
  ['a gVNIC of GQI_QPL', thoroughGvnic, { nics: [{ type: 'gvnic', gvnic: { formats: ['GQI_QPL'] } }] }],
  ['a gVNIC of DQO_RDA', thoroughGvnic, { nics: [{ type: 'gvnic', gvnic: { formats: ['DQO_RDA'] } }] }],
  ['NVMe', referenceNvme({}), { nvme: [{ namespaces: [{ bytes: 1 << 20 }] }] }],
])('a big-endian guest drives %s', (_device, model, options) => {
  const { stopped, verdicts } = conform(model, {
    scenarios: ['a machine as its firmware leaves it'],
    machine: { ...options, guestEndian: 'big' },
  });

  expect(stopped.map(({ stopped: why }) => String(why))).toEqual([]);
  expect(verdicts.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
});

describe.each([
  ['gceN1', gceN1],
  ['qemuPc', qemuPc],
] as const)('a big-endian guest of %s', (_name, make) => {
  test('resets units and switches offloads, in its own byte order', () => {
    const machine = make({ guestEndian: 'big', vcpus: 2 });
    const nic = machine.attach(virtioNet());
    const host = machine.attach(virtioScsi());

    expect([nic.setPairs(2), nic.setOffloads(1 << 1), host.resetUnit(1), host.maxTarget > 200]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(machine.findings).toEqual([]);
  });

  test('that stores little-endian gets a finding', () => {
    const machine = make({ guestEndian: 'big' });
    polled.attach(otherOrder(machine), nicOf(machine)).post(FRAME);

    expect(machine.findings.map(({ clause }) => clause)).toContain('virtio/VQ-SPLIT-LEG-D4');
    expect(machine.nics[0]!.sent).toEqual([]);
  });
});

test('a driver that stores big-endian on a little-endian machine breaks its ring', () => {
  const machine = gceN1();
  polled.attach(otherOrder(machine), nicOf(machine)).post(FRAME);

  expect(machine.findings.map(({ severity }) => severity)).toContain('must');
  expect(machine.nics[0]!.sent).toEqual([]);
});

test.each(['modern', 'transitional'] as const)('a %s machine has no big-endian guest: misuse', (virtio) => {
  expect(() => gceN1({ virtio, guestEndian: 'big' })).toThrow(
    'guestEndian must be "little" unless virtio is "legacy"; got "big"',
  );
});
