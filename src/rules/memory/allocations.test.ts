import { describe, expect, test } from 'vitest';
import { AccessTrail } from '../../core/access.ts';
import { Journal } from '../../core/journal.ts';
import { FOUR_GIB, GuestMemory } from '../../core/memory.ts';
import { Allocations, LentWatch } from './allocations.ts';

const PAGE = 4096;
const RING = 0x10_0000;
const BUFFER = 0x10_8000;

function rig() {
  const clock = { now: 0 };
  const journal = new Journal(clock, new AccessTrail(clock));
  const allocations = new Allocations(GuestMemory.of(2 << 20), journal);
  const lent = new LentWatch(allocations, journal, () => 'net0, transmit queue 1');
  allocations.allocated(RING, PAGE);
  allocations.allocated(BUFFER, 2048);
  return { journal, allocations, lent, said: () => journal.findings.map(({ said }) => said) };
}

test('a buffer that is longer than its allocation is told, once however often it is given', () => {
  const { lent, said } = rig();
  lent.ring(RING, PAGE);

  for (let i = 0; i < 3; i++) lent.buffer(BUFFER + 512 * i, PAGE);

  expect(said()).toEqual([
    '4096 bytes at 00108000 are the device’s, and the allocation there ends 2048 bytes before their end',
  ]);
});

test('a ring that is longer than its allocation is told', () => {
  const { lent, said } = rig();

  lent.ring(RING, PAGE + 6);

  expect(said()).toEqual([
    '4102 bytes at 00100000 are the device’s, and the allocation there ends 6 bytes before their end',
  ]);
});

test('allocations above 4 GiB are known, too', () => {
  const { allocations } = rig();

  allocations.allocated(FOUR_GIB + PAGE, 3 * PAGE + 1);

  expect(
    [FOUR_GIB + PAGE - 1, FOUR_GIB + PAGE, FOUR_GIB + 4 * PAGE, FOUR_GIB + 4 * PAGE + 1].map(
      (at) => allocations.endOf(at) - FOUR_GIB,
    ),
  ).toEqual([-FOUR_GIB, 4 * PAGE + 1, 4 * PAGE + 1, -FOUR_GIB]);
});

describe('nothing is said', () => {
  test('of pieces of one allocation, side by side', () => {
    const { allocations, lent, said } = rig();
    allocations.allocated(0x11_0000, 4 * PAGE);
    lent.ring(0x11_0000, PAGE);

    for (let i = 2; i < 8; i++) lent.buffer(0x11_0000 + 2048 * i, 2048);

    expect(said()).toEqual([]);
  });

  test('of a driver whose rings are in RAM of its own', () => {
    const { lent, said } = rig();
    lent.ring(0x12_0000, PAGE);

    lent.buffer(BUFFER, PAGE);

    expect(said()).toEqual([]);
  });

  test('of memory that begins in no allocation', () => {
    const { lent, said } = rig();
    lent.ring(RING, PAGE);

    lent.buffer(BUFFER + 2048, PAGE);

    expect(said()).toEqual([]);
  });

  test('of memory that was given back', () => {
    const { allocations, lent, said } = rig();
    lent.ring(RING, PAGE);
    allocations.released(BUFFER, 2048);

    lent.buffer(BUFFER, PAGE);

    expect(said()).toEqual([]);
  });

  test('of what a guest before the reset allocated', () => {
    const { allocations, lent, said } = rig();
    allocations.forget();
    lent.ring(RING, PAGE);

    lent.buffer(BUFFER, PAGE);

    expect(said()).toEqual([]);
  });

  test('of what firmware allocated', () => {
    const { journal, allocations, lent, said } = rig();
    journal.quietly(() => allocations.allocated(0x12_0000, 16));
    lent.ring(RING, PAGE);

    lent.buffer(0x12_0000, PAGE);

    expect(said()).toEqual([]);
  });
});
