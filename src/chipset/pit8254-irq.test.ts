import { describe, expect, test } from 'vitest';
import { PitRig } from './pit-rig.ts';
import { PIT_HERTZ } from './pit8254.ts';
import { ticksIn } from './ticks.ts';

describe('IRQ 0', () => {
  test('rises once per period, to the nanosecond, without drift', () => {
    const rig = new PitRig();
    const rises: number[] = [];
    rig.out(0x43, 0x34);
    rig.out(0x40, 0x9c, 0x2e);
    rig.irq0.onChange = (level) => level && rises.push(rig.clock.now);
    rig.clock.advance(3600 * 1_000_000_000);
    // 11,932 pulses a period; the first is loaded by the first pulse.
    expect(rises.length).toBe(Math.floor((3600 * 1_193_182 - 1) / 11_932));
    expect(rises.at(-1)).toBe(Number((BigInt(rises.length * 11_932 + 1) * 10n ** 9n) / 1_193_182n + 1n));
  });

  test.each([
    [2, 2],
    [2, 3],
    [2, 238],
    [3, 2],
    [3, 3],
    [3, 238],
  ])('of mode %i and count %i rises once per period, and not within 200 µs of the last', (mode, count) => {
    const rig = new PitRig();
    const rises: number[] = [];
    rig.out(0x43, 0x30 | (mode << 1));
    rig.out(0x40, count, 0);
    rig.irq0.onChange = (level) => level && rises.push(ticksIn(rig.clock.now, PIT_HERTZ));
    rig.clock.advance(1_000_000_000);
    const gaps = new Set(rises.slice(1).map((rise, i) => rise - rises[i]!));
    expect([...gaps]).toEqual([count * Math.ceil(239 / count)]);
  });

  test('hides no edge of OUT from a status read', () => {
    const rig = new PitRig();
    rig.out(0x43, 0x34);
    rig.out(0x40, 2, 0);
    rig.pass(1);
    const outs = [0, 1, 1, 1].map((pulses) => rig.pass(pulses).status(0) >> 7);
    expect(outs).toEqual([1, 0, 1, 0]);
  });

  test.each([0, 1, 2, 3, 4, 5])('of mode %i and count 1 does not stop time', (mode) => {
    const rig = new PitRig();
    let changes = 0;
    rig.out(0x43, 0x30 | (mode << 1));
    rig.irq0.onChange = () => changes++;
    rig.out(0x40, 1, 0);
    rig.clock.advance(1_000_000_000);
    expect([changes <= 2, rig.clock.now]).toEqual([true, 1_000_000_000]);
  });

  test('stays high in mode 0 until the next count', () => {
    const rig = new PitRig();
    rig.out(0x43, 0x30);
    rig.out(0x40, 100, 0);
    const levels = [rig.irq0.level];
    rig.pass(101);
    levels.push(rig.irq0.level);
    rig.out(0x40, 100);
    expect([...levels, rig.irq0.level]).toEqual([false, true, false]);
  });

  test('falls when the counters are closed, and no timer is left', () => {
    const rig = new PitRig();
    rig.out(0x43, 0x36);
    rig.out(0x40, 4, 0);
    rig.pit.close();
    rig.clock.advance(1_000_000);
    expect([rig.irq0.level, rig.clock.next]).toEqual([false, Number.POSITIVE_INFINITY]);
  });
});
