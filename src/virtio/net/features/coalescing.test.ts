import { describe, expect, test } from 'vitest';
import { Clock } from '../../../core/clock.ts';
import { Moderation } from './coalescing.ts';

const SOON = { max_packets: 3, max_usecs: 10 };

/** Two queues, the second with interrupts suppressed. */
function moderated() {
  const clock = new Clock();
  const told: [at: number, queue: number][] = [];
  const host = {
    name: 'net0',
    suppresses: (queue: number) => queue === 1,
    interrupt: (queue: number) => told.push([clock.now, queue]),
  };
  return { clock, told, moderation: new Moderation(host, clock, 2) };
}

describe('interrupts of a queue', () => {
  test('come at once without parameters, and without a time', () => {
    const { told, moderation } = moderated();
    moderation.wanted(0);
    moderation.set(0, { max_packets: 3, max_usecs: 0 });
    moderation.wanted(0);
    expect(told).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test('come once, when the time since the first packet is over', () => {
    const { clock, told, moderation } = moderated();
    moderation.set(0, SOON);
    moderation.wanted(0);
    clock.advance(4000);
    moderation.wanted(0);
    clock.advance(20_000);
    expect(told).toEqual([[10_000, 0]]);
  });

  test('come with the set number of packets, also if the ring asks only once', () => {
    const { told, moderation } = moderated();
    moderation.set(0, SOON);
    moderation.passed(0);
    moderation.wanted(0);
    moderation.passed(0);
    moderation.published(0);
    const before = told.length;
    moderation.passed(0);
    moderation.published(0);
    expect([before, told]).toEqual([0, [[0, 0]]]);
  });

  test('do not come once the driver suppresses them', () => {
    const { clock, told, moderation } = moderated();
    moderation.set(1, SOON);
    moderation.wanted(1);
    clock.advance(20_000);
    expect(told).toEqual([]);
  });

  test('come at a flush, and never after a reset', () => {
    const { clock, told, moderation } = moderated();
    moderation.set(0, SOON);
    moderation.wanted(0);
    moderation.flush();
    moderation.wanted(0);
    moderation.reset();
    clock.advance(20_000);
    expect([told, moderation.of(0).max_usecs]).toEqual([[[0, 0]], 0]);
  });
});
