import { describe, expect, test } from 'vitest';
import { Clock } from '../../../core/clock.ts';
import { Coalescing } from './coalescing.ts';
import type { NetCard } from './feature.ts';

const SOON = { max_packets: 3, max_usecs: 10 };

/** Two queues, the second with interrupts suppressed. */
function moderated() {
  const clock = new Clock();
  const told: [at: number, queue: number][] = [];
  const card = {
    name: 'net0',
    clock,
    queues: [{ suppressed: false }, { suppressed: true }],
    sendInterrupt: (queue: number) => told.push([clock.now, queue]),
  } as unknown as NetCard;
  return { clock, told, coalescing: new Coalescing(card) };
}

describe('interrupts of a queue', () => {
  test('come at once without parameters, and without a time', () => {
    const { told, coalescing } = moderated();
    coalescing.wanted(0);
    coalescing.set(0, { max_packets: 3, max_usecs: 0 });
    coalescing.wanted(0);
    expect(told).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test('come once, when the time since the first packet is over', () => {
    const { clock, told, coalescing } = moderated();
    coalescing.set(0, SOON);
    coalescing.wanted(0);
    clock.advance(4000);
    coalescing.wanted(0);
    clock.advance(20_000);
    expect(told).toEqual([[10_000, 0]]);
  });

  test('come with the set number of packets, also if the ring asks only once', () => {
    const { told, coalescing } = moderated();
    coalescing.set(0, SOON);
    coalescing.passed(0);
    coalescing.wanted(0);
    coalescing.passed(0);
    coalescing.published(0);
    const before = told.length;
    coalescing.passed(0);
    coalescing.published(0);
    expect([before, told]).toEqual([0, [[0, 0]]]);
  });

  test('do not come once the driver suppresses them', () => {
    const { clock, told, coalescing } = moderated();
    coalescing.set(1, SOON);
    coalescing.wanted(1);
    clock.advance(20_000);
    expect(told).toEqual([]);
  });

  test('come at a flush, and never after a reset', () => {
    const { clock, told, coalescing } = moderated();
    coalescing.set(0, SOON);
    coalescing.wanted(0);
    coalescing.flush();
    coalescing.wanted(0);
    coalescing.reset();
    clock.advance(20_000);
    expect([told, coalescing.of(0).max_usecs]).toEqual([[[0, 0]], 0]);
  });
});
