import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { forOneRun } from './computer.ts';
import { GCE_N1, gceN1 } from './gce-n1.ts';
import type { Machine } from './machine.ts';

const SMALL = { memory: { below4G: 4 << 20 } };
/** An address that firmware and well-behaved drivers leave alone. */
const FAR = 0x30_0000;

const ramOf = ({ chassis }: Machine) => chassis.board.memory.ranges[0]!.bytes;
const ended = (machine: Machine) => {
  machine.close();
  machine.chassis.giveBackRam();
};

describe('a machine for one run', () => {
  test('has the RAM of the one before, as if it had never been used', () => {
    const before = forOneRun(GCE_N1, SMALL);
    const bytes = ramOf(before);
    const untouched = bytes.slice();
    before.port.memory.store(FAR, 0xdead_beef, 4);
    before.port.memory.write(FAR + 0x8000, Uint8Array.of(1, 2, 3));
    before.port.memory.fill(FAR + 0x1_0000, 0xff, 5000);
    before.port.allocate(64, 64);

    ended(before);
    const next = forOneRun(GCE_N1, SMALL);

    expect(ramOf(next).buffer).toBe(bytes.buffer);
    expect(Buffer.compare(ramOf(next), untouched)).toBe(0);
  });

  test('has new RAM if there were unseen writes to the RAM of the one before', () => {
    const before = forOneRun(GCE_N1, SMALL);
    const { buffer } = ramOf(before);
    (before.port.memory as unknown as { direct(): void }).direct();

    ended(before);

    expect(ramOf(forOneRun(GCE_N1, SMALL)).buffer).not.toBe(buffer);
  });

  test('has no RAM after it was given back', () => {
    const machine = forOneRun(GCE_N1, SMALL);

    ended(machine);

    expect(machine.port.memory.load(FAR, 4)).toBe(0xffff_ffff);
  });
});

test('any other machine keeps its RAM, for inspection', () => {
  const machine = gceN1(SMALL);
  machine.port.memory.store(FAR, 0xdead_beef, 4);

  ended(machine);

  expect(machine.port.memory.load(FAR, 4)).toBe(0xdead_beef);
});
