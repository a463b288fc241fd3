import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GuestMemory } from '../core/memory.ts';
import { MemoryMedium } from '../media/memory.ts';
import { DATA, LIST, NvmeRig } from './nvme-rig.ts';
import { ADMIN, NVM } from './registers/commands.ts';

/** RAM between guards: a controller that reaches past it changes them. */
const [RAM, GUARD, FILL] = [1 << 21, 1 << 16, 0xa5];

const address = fc.oneof(
  fc.constantFrom(...[0, DATA, LIST, LIST + 4088, RAM - 4096, RAM - 1, RAM, 2 ** 53 - 4096].map(BigInt)),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);
const word = fc.oneof(
  fc.constantFrom(0, 1, 2, 7, 0x7_0001, 0x7_0002, 0x1_0001, 0xff_0002, 0xffff_ffff),
  fc.integer({ min: 0, max: 0xffff_ffff }),
);
const command = fc.record({
  opcode: fc.oneof(fc.constantFrom(...Object.values(ADMIN), ...Object.values(NVM)), fc.nat(255)),
  flags: fc.constantFrom(0, 0, 0, 1, 0x40),
  cid: fc.nat(0xffff),
  nsid: fc.constantFrom(0, 1, 1, 1, 2, 0xffff_ffff),
  prp1: address,
  prp2: address,
  cdw10: word,
  cdw11: word,
  cdw12: word,
});
type Act = (rig: NvmeRig) => void;
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.tuple(command, fc.nat(1)).map(
    ([fields, queue]): Act =>
      (rig) => {
        rig.put(fields, queue);
        rig.ring(queue);
      },
  ),
  fc.tuple(fc.nat(12), fc.nat(0xffff)).map(
    ([index, value]): Act =>
      (rig) =>
        rig.doorbell(index, value),
  ),
  fc.tuple(fc.constantFrom(0x0c, 0x10, 0x14, 0x20, 0x24, 0x28, 0x2c, 0x30, 0x34), word).map(
    ([offset, value]): Act =>
      (rig) =>
        rig.write({ offset }, value),
  ),
  fc.tuple(fc.nat(15), address).map(
    ([slot, to]): Act =>
      (rig) =>
        rig.view.setBigUint64(LIST + slot * 8, to, true),
  ),
  fc.nat(5000).map(
    (time): Act =>
      (rig) =>
        rig.clock.advance(time),
  ),
  fc.nat(1).map((): Act => (rig) => void rig.takeAll()),
);

test('no command, doorbell or register makes the controller reach past RAM or the disk, throw or hang', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
      const whole = new Uint8Array(RAM + 2 * GUARD).fill(FILL);
      const ram = whole.subarray(GUARD, GUARD + RAM).fill(0);
      const rig = new NvmeRig({}, new MemoryMedium(1 << 20), GuestMemory.of(RAM, ram as never));
      rig.enable().makePair();
      for (const one of acts) one(rig);
      const guards = [whole.subarray(0, GUARD), whole.subarray(GUARD + RAM)];
      expect(guards.every((guard) => guard.every((byte) => byte === FILL))).toBe(true);
    }),
    { numRuns: 60 },
  );
});
