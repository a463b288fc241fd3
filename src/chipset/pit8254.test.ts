import { describe, expect, test } from 'vitest';
import { PitRig } from './pit-rig.ts';

/** Counter 2 in `mode`, low byte then high byte, its gate high. */
function counting(mode: number, count?: number): PitRig {
  const rig = new PitRig();
  rig.gate2 = true;
  rig.out(0x43, 0xb0 | (mode << 1));
  if (count !== undefined) rig.out(0x42, count & 0xff, count >> 8);
  return rig;
}

/** As a trigger: modes 1 and 5 start with it. */
function trigger(rig: PitRig): PitRig {
  rig.gate2 = false;
  rig.gate2 = true;
  return rig;
}

// Waves and counts from the write of the count on, one digit per pulse: the data sheet's timing diagrams, where the
// first pulse loads and does not count.
describe('OUT and the count', () => {
  test.each([
    ['mode 0 goes high N + 1 pulses after the count was written, and counts on', 0, 3, '0000111'],
    ['mode 2 goes low for the last pulse of each period', 2, 3, '1110110110'],
    ['mode 3 is high for half of an even period', 3, 4, '111001100'],
    ['mode 3 is high for one pulse more of an odd period', 3, 5, '11110011100'],
    ['mode 4 goes low for one pulse, once', 4, 3, '1111011111'],
    ['mode 6 is mode 2', 6, 3, '1110110110'],
    ['mode 7 is mode 3', 7, 4, '111001100'],
  ])('%s', (_what, mode, count, wave) => {
    expect(counting(mode, count).wave(wave.length - 1)).toBe(wave);
  });

  test.each([
    ['mode 1 goes low from the pulse after the trigger, for N pulses', 1, '1111', '1000111'],
    ['mode 5 goes low for one pulse, N after the trigger loaded the count', 5, '1111', '1111011'],
  ])('%s', (_what, mode, before, after) => {
    const rig = counting(mode, 3);
    expect([rig.wave(3), trigger(rig).wave(6)]).toEqual([before, after]);
  });

  test.each([
    ['mode 0 wraps', 0, 2, [2, 1, 0, 0xffff]],
    ['mode 2 ends with 1', 2, 3, [3, 2, 1, 3]],
    ['mode 3 counts by two', 3, 6, [6, 4, 2, 6, 4, 2, 6]],
    ['mode 3 counts an odd count from one less, once to 0', 3, 5, [4, 2, 0, 4, 2, 4]],
    ['mode 4 wraps', 4, 1, [1, 0, 0xffff]],
    ['0 stands for 65,536', 2, 0, [0, 0xffff]],
  ])('%s', (_what, mode, count, counts) => {
    expect(
      counting(mode, count)
        .pass(1)
        .counts(counts.length - 1),
    ).toEqual(counts);
  });

  test('a decimal counter counts in digits, and 0 stands for 10,000', () => {
    const rig = new PitRig();
    rig.gate2 = true;
    rig.out(0x43, 0xb1);
    rig.out(0x42, 0x00, 0x10);
    const from1000 = rig.pass(1).counts(1);
    rig.out(0x42, 0x00, 0x00);
    expect([from1000, rig.pass(1).counts(1)]).toEqual([
      [0x1000, 0x0999],
      [0x0000, 0x9999],
    ]);
  });

  test('a period of 1 is invalid: the output does not change, and time goes on', () => {
    const rig = new PitRig();
    rig.out(0x43, 0x14);
    rig.out(0x40, 1);
    rig.clock.advance(1_000_000_000);
    expect([rig.irq0.level, rig.clock.next]).toEqual([false, Number.POSITIVE_INFINITY]);
  });
});

describe('a new count', () => {
  test('restarts mode 0, whose output falls with the first of two bytes', () => {
    const rig = counting(0, 2).pass(5);
    const before = rig.wave(0);
    rig.out(0x42, 3);
    const halfWritten = rig.wave(4);
    rig.out(0x42, 0);
    expect([before, halfWritten, rig.wave(4)]).toEqual(['1', '00000', '00001']);
  });

  test('waits for the end of the period in mode 2', () => {
    const rig = counting(2, 4).pass(1);
    rig.out(0x42, 2, 0);
    expect(rig.wave(8)).toBe('111010101');
  });

  test('waits for the end of the half period in mode 3, and the other half uses it', () => {
    const rig = counting(3, 6).pass(1);
    rig.out(0x42, 2, 0);
    expect(rig.wave(7)).toBe('11101010');
  });

  test('is loaded at once in mode 4, and by the next trigger in mode 1', () => {
    const strobe = counting(4, 9).pass(3);
    strobe.out(0x42, 1, 0);
    const shot = trigger(counting(1, 3)).pass(2);
    shot.out(0x42, 1, 0);
    const running = shot.wave(3);
    expect([strobe.wave(4), running, trigger(shot).wave(3)]).toEqual(['11011', '0011', '1011']);
  });

  test('is null until it is loaded', () => {
    const rig = counting(2);
    const statuses = [rig.status(2)];
    rig.out(0x42, 4, 0);
    statuses.push(rig.status(2), rig.pass(1).status(2));
    rig.out(0x42, 9, 0);
    statuses.push(rig.status(2), rig.pass(4).status(2));
    // OUT, then NULL COUNT, then low and high byte, mode 2.
    expect(statuses).toEqual([0xf4, 0xf4, 0xb4, 0xf4, 0xb4]);
  });
});

describe('the gate', () => {
  test('holds the count of modes 0 and 4 without touching OUT', () => {
    const rig = counting(0, 4).pass(2);
    rig.gate2 = false;
    const held = rig.counts(3);
    rig.gate2 = true;
    expect([held, rig.wave(3)]).toEqual([[3, 3, 3, 3], '0001']);
  });

  test('forces OUT of modes 2 and 3 high, and starts a period when it rises', () => {
    const rig = counting(3, 4).pass(3);
    const low = rig.wave(0);
    rig.gate2 = false;
    const stopped = rig.wave(5);
    rig.gate2 = true;
    expect([low, stopped, rig.wave(4)]).toEqual(['0', '111111', '11100']);
  });

  test('retriggers modes 1 and 5 while they count', () => {
    const rig = trigger(counting(1, 3)).pass(2);
    expect(trigger(rig).wave(4)).toBe('00001');
  });

  test('allows a count to be loaded while it is low, and holds it', () => {
    const rig = counting(0);
    rig.gate2 = false;
    rig.out(0x42, 5, 0);
    expect(rig.pass(3).counts(1)).toEqual([5, 5]);
  });
});

describe('reading', () => {
  test('a latched count stays until it was read, and a second latch command is ignored', () => {
    const rig = counting(2, 100).pass(1);
    rig.out(0x43, 0x80);
    rig.pass(10).out(0x43, 0x80);
    const latched = [rig.in(0x42), rig.in(0x42)];
    expect([latched, rig.in(0x42)]).toEqual([[100, 0], 90]);
  });

  test('without a latch the bytes are current', () => {
    const rig = counting(2, 0x101).pass(1);
    const low = rig.in(0x42);
    expect([low, rig.pass(2).in(0x42), rig.in(0x42)]).toEqual([1, 0, 0xff]);
  });

  test.each([
    ['low', 0x94, 0x40],
    ['high', 0xa4, 0x40 << 8],
  ])('a counter of one byte takes and gives the %s one', (_which, control, count) => {
    const rig = new PitRig();
    rig.gate2 = true;
    rig.out(0x43, control);
    rig.out(0x42, 0x40);
    rig.pass(1).out(0x43, 0x80);
    const bytes = [rig.in(0x42), rig.in(0x42)];
    expect([bytes, rig.pass(count - 1).in(0x61) & 0x20]).toEqual([[0x40, 0x40], 0]);
  });

  test('the read-back command latches status before count, of every counter that it names', () => {
    const rig = counting(2, 0x0304).pass(1);
    rig.out(0x43, 0x34);
    rig.out(0x40, 0x02, 0x01);
    rig.pass(1).out(0x43, 0xc0 | (1 << 1) | (1 << 3));
    rig.pass(50);
    expect([rig.in(0x40), rig.in(0x40), rig.in(0x40)]).toEqual([0xb4, 2, 1]);
    expect([rig.in(0x42), rig.in(0x42), rig.in(0x42)]).toEqual([0xb4, 3, 3]);
  });

  test('the read-back command latches a status without the count, if it selects that', () => {
    const rig = counting(2, 100).pass(1);
    const status = rig.status(2);
    expect([status, rig.pass(10).in(0x42)]).toEqual([0xb4, 90]);
  });

  test('a control word clears the latch, and the byte order state', () => {
    const rig = counting(2, 0x0304).pass(1);
    rig.in(0x42);
    rig.out(0x42, 0x55);
    rig.out(0x43, 0xc8);
    rig.out(0x43, 0xb4);
    rig.out(0x42, 0x08, 0x07);
    rig.pass(1);
    expect([rig.in(0x42), rig.in(0x42)]).toEqual([0x08, 0x07]);
  });

  test('the control word cannot be read', () => {
    expect(counting(2).in(0x43)).toBe(0);
  });

  test('an access is described', () => {
    const rig = counting(2);
    const said = [rig.lastAccess];
    rig.out(0x42, 7);
    said.push(rig.lastAccess);
    rig.out(0x43, 0xe8);
    expect([...said, rig.lastAccess]).toEqual([
      'pit TCW ← b4  MODE=2 RW=3 SC=2',
      'pit 2 COUNT ← 07',
      'pit RBC ← e8  COUNTERS=4 NO_COUNT SC=3',
    ]);
  });
});

describe('port 61', () => {
  test('keeps its lower four bits, and the lowest drives the gate', () => {
    const rig = new PitRig();
    rig.out(0x61, 0xff);
    const kept = rig.in(0x61) & 0xcf;
    rig.out(0x61, 0);
    expect([kept, rig.in(0x61) & 0xcf]).toEqual([0x0f, 0x00]);
  });

  test('its refresh bit toggles every 18 pulses', () => {
    const rig = new PitRig();
    const bits = [0, 17, 1, 17, 1].map((pulses) => (rig.pass(pulses).in(0x61) >> 4) & 1);
    expect(bits).toEqual([0, 0, 1, 1, 0]);
  });
});
