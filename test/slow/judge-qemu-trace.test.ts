import { describe, expect, test } from 'vitest';
import { referenceModel } from '../../src/conformance/reference.ts';
import { BY_REGISTERS } from '../../src/hosts/log/qemu/judged.ts';
import { replayTrace } from '../../src/hosts/log/qemu/replay-trace.ts';
import { gceN1 } from '../../src/index.ts';
import { BROKEN_DRIVERS } from '../../src/rules/all.mutants.ts';
import { traced } from '../judge-log/as-qemu.ts';
import { judgedRun } from '../judge-log/recorded.ts';

const OTHERWISE = [
  // Our table has another length than QEMU's, so that the pending bits are elsewhere.
  'writes the pending bits of MSI-X',
  // It does not read the queue's size, so that the trace shows that, and not a missing queue.
  'sets up a queue that does not exist',
  // A trace ends where QEMU was stopped, which need not be where the driver left off.
  'leaves the lines open without 8086 mode',
  'waits for a tick after half a count',
];
const BROKEN = BROKEN_DRIVERS.filter(
  ({ machine, clause, model }) =>
    machine === undefined && BY_REGISTERS.has(clause) && !OTHERWISE.includes(model.name),
);
const machine = () => gceN1();
const good = traced(judgedRun(referenceModel(), machine));

const verdictsOf = (lines: readonly string[]) => {
  const { machine: one, log, accesses, lacks } = replayTrace(() => lines);
  one.close();
  return { log, accesses, lacks, findings: one.findings };
};

describe("QEMU's trace of a guest's accesses", () => {
  test('clears good drivers', () => {
    expect([good.trace, good.log.damaged]).toEqual([[], []]);
  });

  test('shows that rules on registers were reached', () => {
    const passed = good.again.filter(({ outcome }) => outcome === 'pass').map(({ clause }) => clause);

    expect(passed).toEqual(
      expect.arrayContaining([
        'virtio/INIT-D2',
        'virtio/FEAT-D1',
        'virtio/VQ-SPLIT-LEG-D1',
        'virtio/PCI-KICK-D1',
        'pci/BUS-MASTER',
        'pci/MSIX-MASKED',
      ]),
    );
  });

  test.each(BROKEN.map(({ model, act }) => [model.name, model, act] as const))(
    'convicts the driver that %s',
    (_name, model, act) => {
      const { own, trace } = traced(judgedRun(model, machine, act));

      expect(trace).toEqual(own);
    },
  );
});

describe("an incomplete trace of QEMU's", () => {
  test('has damaged lines reported, and console text skipped', () => {
    const { lines } = good;
    const cut = lines.with(3, lines[3]!.slice(0, 40)).toSpliced(9, 0, 'SeaBIOS (version 1.16.3)');

    const { log, findings } = verdictsOf(cut);

    expect([log.damaged.map(({ line }) => line), log.foreign, findings]).toEqual([[4], 1, []]);
  });

  test('may have times before its events', () => {
    const timed = good.lines.map((line, i) => `4711@1732747.${100000 + i}:${line}`);

    expect(verdictsOf(timed)).toMatchObject({ accesses: verdictsOf(good.lines).accesses, findings: [] });
  });

  test('may be of a machine that was reset, which its devices show', () => {
    const last = "memory_region_ops_write cpu 0 mr 0x1 addr 0x80 value 0x1 size 1 name 'ioport80'";
    const reset = ['virtio_set_status vdev 0x1 val 0', 'virtio_set_status vdev 0x2 val 0'];
    const cleared = good.lines.find((line) => /_write .* value 0x0 size 1 name 'virtio-pci'$/.test(line))!;
    const status = (value: string) => cleared.replace('value 0x0', `value ${value}`);
    // FAILED, and then a driver that starts again.
    const failed = [...good.lines, status('0x87'), last];

    expect(verdictsOf([...failed, ...reset, status('0x3')]).findings).toEqual([]);
    expect(verdictsOf([...failed, status('0x3')]).findings).not.toEqual([]);
  });

  test.each([
    ['is one device told of after a command register was written', ['0x1'], true],
    ['are two devices told of after one write: the machine was reset', ['0x1', '0x2'], false],
  ])('may have statuses that were not written: so %s', (_what, devices, initialised) => {
    const told = devices.map((device) => `virtio_set_status vdev ${device} val 0`);
    const command = "memory_region_ops_write cpu 0 mr 0x9 addr 0xcfc value 0x3 size 2 name 'pci-conf-data'";
    const [sequence, unmask] = [[0x11, 0x08, 0x04, 0x01], 0xfe];
    const pic = (value: number, i: number) =>
      `memory_region_ops_write cpu 0 mr 0x8 addr 0x2${Math.min(i, 1)} value 0x${value.toString(16)} size 1 name 'pic'`;

    const { findings } = verdictsOf([...sequence.map(pic), command, ...told, pic(unmask, 1)]);

    expect(findings.map(({ clause }) => clause).includes('pic/INIT')).toBe(!initialised);
  });

  test('reports a missing virtio function', () => {
    const { lacks } = verdictsOf([
      "memory_region_ops_read cpu 0 mr 0x1 addr 0x71 value 0x0 size 1 name 'rtc'",
    ]);

    expect(lacks).toHaveLength(2);
  });

  test("takes accesses without a CPU for a device's", () => {
    const line = "memory_region_ops_write cpu -1 mr 0x1 addr 0x70 value 0x8f size 1 name 'rtc-index'";

    expect(verdictsOf([line]).findings).toEqual([]);
  });

  test.each([
    ['an address that is none', 'addr 0xffffffffffffffff value 0x1 size 1'],
    ['a port beyond all', 'addr 0xffff value 0xffffffff size 8'],
    ['a value too wide', 'addr 0xc0 value 0xffffffffffffffff size 2'],
  ])('survives %s', (_what, access) => {
    const names = ['serial', 'virtio-pci', 'msix-table', 'pci-conf-data', 'virtio-pci-common-virtio-net'];
    const lines = names.map((name) => `memory_region_ops_write cpu 0 mr 0x1 ${access} name '${name}'`);

    expect(() => verdictsOf([...lines, ...good.lines])).not.toThrow();
  });
});
