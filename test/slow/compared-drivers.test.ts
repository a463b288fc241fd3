import { describe, expect, test } from 'vitest';
import { pattern } from '../../src/core/bytes-rig.ts';
import { virtioNet, virtioRng, virtioScsi } from '../../src/guest/index.ts';
import { gceN1, type MachineOptions } from '../../src/index.ts';
import { MIB, POLICIES, WAYS } from './completion-ways.ts';

const SECOND = 1_000_000_000;
const LENT = ['virtio/CLEAN-D1', 'virtio/PACKED-DESC-D2'];
/** Policies by which a device holds chains while its guest goes on. */
const HOLDING = POLICIES.filter(([, policy]) => Object.keys(policy!).some((key) => key !== 'interrupts'));

/**
 * Drivers' stores are not seen: the memory that devices hold is compared, and the rings are small enough to be used up
 * often.
 */
function machineFor(options: MachineOptions, completion: MachineOptions['completion']) {
  const machine = gceN1({
    ...options,
    completion,
    rng: true,
    nics: [{ mergeable: true, ringSize: 16 }],
    scsi: { ringSize: 64 },
    disks: [{ bytes: MIB }],
  });
  machine.chassis.port.memory.direct();
  return machine;
}

describe.each(WAYS)('%s', (_way, options) => {
  describe.each(HOLDING)('completions %s', (_policy, completion) => {
    test('cause no finding for good drivers', () => {
      const machine = machineFor(options, completion);
      const nic = machine.attach(virtioNet());
      const host = machine.attach(virtioScsi());
      const frames = Array.from({ length: 8 }, (_, i) => pattern(60 + 200 * i, 3 + i));

      for (let turn = 0; turn < 12; turn++) {
        for (const frame of frames) nic.post(frame);
        nic.flush();
        machine.nics[0]!.receive(...frames);
        for (const _ of frames) nic.receiveWithin(SECOND);
        host.write(1, turn, pattern(16 * 1024, turn));
        host.read(1, turn, 32);
      }
      machine.attach(virtioRng({ interrupts: 'polled' })).read(600);

      expect([machine.journal.stores, machine.findings]).toEqual(['compared', []]);
      expect(LENT.some((clause) => machine.journal.reached(clause))).toBe(true);
    });
  });
});
