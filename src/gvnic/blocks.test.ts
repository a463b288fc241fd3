import { describe, expect, test } from 'vitest';
import { Clock } from '../core/clock.ts';
import { Blocks } from './blocks.ts';
import { DQO_IRQ, GQI_IRQ } from './registers/doorbells.ts';

const { ACK, MASK, EVENT } = GQI_IRQ.mask;
const KEEP = 3;

function start(isDqo: boolean) {
  const clock = new Clock();
  const fired: number[] = [];
  const blocks = new Blocks('net0', clock, 4, (block) => fired.push(block));
  blocks.setUp(2, isDqo);
  return { clock, fired, blocks };
}

describe('a block with GQI rings', () => {
  test('is open from the start, and quiet from an interrupt until it is acknowledged', () => {
    const { fired, blocks } = start(false);

    for (let i = 0; i < 3; i++) blocks.notify(1);
    expect(fired).toEqual([1]);

    blocks.write(1, ACK | EVENT);
    expect(fired).toEqual([1, 1]);
  });

  test('interrupts for an event between poll and acknowledgment', () => {
    const { fired, blocks } = start(false);
    blocks.notify(0);
    blocks.write(0, MASK);
    blocks.notify(0);

    blocks.write(0, ACK | EVENT);

    expect(fired).toEqual([0, 0]);
  });

  test('keeps what happens while it is masked, and is opened by a plain 0', () => {
    const { fired, blocks } = start(false);
    blocks.write(0, MASK);
    blocks.notify(0);
    expect(fired).toEqual([]);

    blocks.write(0, 0);

    expect(fired).toEqual([0]);
  });

  test('interrupts for nothing when nothing happened', () => {
    const { fired, blocks } = start(false);

    blocks.write(0, ACK | EVENT);
    blocks.notify(3);

    expect(fired).toEqual([]);
  });
});

describe('a block with DQO rings', () => {
  const on = DQO_IRQ.encode({ ENABLE: 1, INDEX: KEEP });

  test('is closed from the start, and by each interrupt, and remembers an event', () => {
    const { fired, blocks } = start(true);
    blocks.notify(0);
    expect(fired).toEqual([]);

    blocks.write(0, on);
    blocks.notify(0);
    expect(fired).toEqual([0]);

    blocks.write(0, on);
    expect(fired).toEqual([0, 0]);
  });

  test('keeps an interval between two interrupts', () => {
    const { clock, fired, blocks } = start(true);
    // 20 µs, in units of two.
    blocks.write(0, DQO_IRQ.encode({ ENABLE: 1, INTERVAL: 10 }));
    blocks.notify(0);
    blocks.write(0, on);
    blocks.notify(0);
    expect(fired).toEqual([0]);

    clock.advance(19_999);
    expect(fired).toEqual([0]);
    clock.advance(1);
    expect(fired).toEqual([0, 0]);
  });

  test('keeps its interval where the index says so, and takes another', () => {
    const { clock, fired, blocks } = start(true);
    blocks.write(0, DQO_IRQ.encode({ ENABLE: 1, INTERVAL: 10 }));
    blocks.write(0, DQO_IRQ.encode({ ENABLE: 1, INTERVAL: 0 }));
    blocks.notify(0);
    blocks.write(0, on);
    blocks.notify(0);

    clock.advance(1);

    expect(fired).toEqual([0, 0]);
  });

  test('sends nothing once it is closed, even when its time has come', () => {
    const { clock, fired, blocks } = start(true);
    blocks.write(0, DQO_IRQ.encode({ ENABLE: 1, INTERVAL: 10 }));
    blocks.notify(0);
    blocks.write(0, on);
    blocks.notify(0);
    blocks.write(0, 0);

    clock.advance(100_000);

    expect(fired).toEqual([0]);
  });
});
