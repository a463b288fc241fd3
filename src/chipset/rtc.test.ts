import { describe, expect, test } from 'vitest';
import { RtcRig } from './rtc-rig.ts';

const SECOND = 1_000_000_000;
const DAY = 86_400 * SECOND;
const [A, B, C, D] = [0x0a, 0x0b, 0x0c, 0x0d];
/** Register B: 24 hours, plus a test's bits. */
const HOURS_24 = 0x02;
const BINARY = 0x04;

describe('the time', () => {
  test('is initially BCD in 24 hours, and advances each second', () => {
    const rig = new RtcRig();
    rig.clock.advance(SECOND - 1);
    const before = rig.time;
    rig.clock.advance(1);
    expect([before, rig.time]).toEqual(['18-11-22 5 05:50:31', '18-11-22 5 05:50:32']);
  });

  test.each([
    ['18-11-22 5 23:59:59', 1, '18-11-23 6 00:00:00'],
    ['19-02-28 5 23:59:59', 1, '19-03-01 6 00:00:00'],
    ['20-02-28 6 23:59:59', 1, '20-02-29 7 00:00:00'],
    ['20-02-29 7 23:59:59', 1, '20-03-01 1 00:00:00'],
    ['99-12-31 6 23:59:59', 1, '00-01-01 7 00:00:00'],
    ['18-01-01 2 00:00:00', 90 * 86_400 + 3661, '18-04-01 1 01:01:01'],
  ])('%s is after %i s %s', (start, seconds, end) => {
    const rig = new RtcRig(start);
    rig.clock.advance(seconds * SECOND);
    expect(rig.time).toBe(end);
  });

  test.each([
    ['binary', HOURS_24 | BINARY, [0x3b, 0x17], [0, 0, 0]],
    ['BCD of 12 hours, where 7 PM is 87', 0, [0x59, 0x87], [0x00, 0x00, 0x88]],
    ['BCD of 12 hours, after 11 AM', 0, [0x59, 0x11], [0x00, 0x00, 0x92]],
    ['BCD of 12 hours, after 12 PM', 0, [0x59, 0x92], [0x00, 0x00, 0x81]],
    ['BCD of 12 hours, after 11 PM', 0, [0x59, 0x91], [0x00, 0x00, 0x12]],
  ])('in %s', (_format, format, [last, hours], expected) => {
    const rig = new RtcRig();
    rig.set(B, 0x80 | format);
    for (const [index, value] of [
      [0, last],
      [2, last],
      [4, hours],
    ] as const)
      rig.set(index, value!);
    rig.set(B, format);
    rig.clock.advance(SECOND);
    expect([rig.get(0), rig.get(2), rig.get(4)]).toEqual(expected);
  });

  test('is stopped by SET, and updates as before when it is cleared', () => {
    const rig = new RtcRig();
    rig.set(B, 0x80 | HOURS_24);
    rig.clock.advance(2.5 * SECOND);
    const still = rig.get(0);
    rig.set(0, 0x00);
    rig.set(B, HOURS_24);
    rig.clock.advance(0.5 * SECOND - 1);
    const before = rig.get(0);
    rig.clock.advance(1);
    expect([still, before, rig.get(0)]).toEqual([0x31, 0x00, 0x01]);
  });

  test('is stopped while the divider is held, and first advances half a second after its release', () => {
    const rig = new RtcRig();
    rig.set(A, 0x76);
    rig.clock.advance(3.3 * SECOND);
    rig.set(A, 0x26);
    rig.clock.advance(0.5 * SECOND - 1);
    const before = rig.get(0);
    rig.clock.advance(1);
    expect([before, rig.get(0)]).toEqual([0x31, 0x32]);
  });

  test('advances half a second after the release, read or not', () => {
    const rig = new RtcRig();
    rig.set(A, 0x76);
    rig.set(A, 0x26);
    rig.clock.advance(1.5 * SECOND);
    expect(rig.get(0)).toBe(0x33);
  });

  test('that is invalid is corrected by the next update', () => {
    const rig = new RtcRig();
    for (let index = 0; index < 10; index++) rig.set(index, 0xff);
    rig.clock.advance(40 * DAY);
    expect(rig.get(0)).toBeLessThan(0x60);
    expect(rig.get(8)).toBeLessThan(0x13);
  });
});

describe('UIP', () => {
  test('is set for 244 µs before an update and its 1984 µs, and bytes do not change until its end', () => {
    const rig = new RtcRig();
    rig.clock.advance(SECOND - 2_228_001);
    const before = rig.get(A);
    rig.clock.advance(1);
    const [warned, last] = [rig.get(A), rig.get(0)];
    rig.clock.advance(2_228_000);
    expect([before, warned, last, rig.get(A), rig.get(0)]).toEqual([0x26, 0xa6, 0x31, 0x26, 0x32]);
  });

  test('is clear while SET is set', () => {
    const rig = new RtcRig();
    rig.clock.advance(SECOND - 1);
    rig.set(B, 0x82);
    expect(rig.get(A)).toBe(0x26);
  });

  test('cannot be written', () => {
    const rig = new RtcRig();
    rig.set(A, 0xaf);
    expect(rig.get(A)).toBe(0x2f);
  });
});

describe('interrupts', () => {
  test('the update interrupt occurs each second, once C was read', () => {
    const rig = new RtcRig();
    rig.set(B, 0x10 | HOURS_24);
    rig.clock.advance(2.5 * SECOND);
    const unread = [...rig.rises];
    const flags = [rig.get(C), rig.get(C)];
    rig.clock.advance(SECOND);
    // The periodic flag is also set, without its interrupt.
    expect([unread, flags, rig.rises]).toEqual([[SECOND], [0xd0, 0x00], [SECOND, 3 * SECOND]]);
  });

  test('IRQ 8 stays high until C is read', () => {
    const rig = new RtcRig();
    rig.set(B, 0x10 | HOURS_24);
    rig.clock.advance(SECOND);
    const up = rig.irq8.level;
    rig.get(C);
    expect([up, rig.irq8.level]).toEqual([true, false]);
  });

  test.each([
    [0x1, 256],
    [0x2, 128],
    [0x3, 8192],
    [0x6, 1024],
    [0xf, 2],
  ])('the periodic interrupt of rate %i comes %i times a second', (rate, hertz) => {
    const rig = new RtcRig();
    rig.set(A, 0x20 | rate);
    rig.set(B, 0x40 | HOURS_24);
    for (let i = 0; i < 2 * hertz; i++) {
      rig.clock.advance(Math.ceil(((i + 1) * SECOND) / hertz) - rig.clock.now);
      rig.get(C);
    }
    expect(rig.rises).toHaveLength(2 * hertz);
    expect(rig.rises.at(-1)).toBe(2 * SECOND);
  });

  test('rate 0 has none', () => {
    const rig = new RtcRig();
    rig.set(A, 0x20);
    rig.set(B, 0x40 | HOURS_24);
    rig.get(C);
    rig.clock.advance(SECOND / 2);
    expect(rig.get(C)).toBe(0);
  });

  // From 05:50:31 on.
  test.each([
    ['at a time of day', [0x00, 0x51, 0x05], 29],
    ['tomorrow, when that time has just been', [0x31, 0x50, 0x05], 86_400],
    ['each second', [0xc0, 0xc0, 0xff], 1],
    ['each minute', [0x00, 0xc0, 0xc0], 29],
    ['each hour', [0x00, 0x00, 0xc0], 569],
    ['within the hours of a day', [0xc0, 0xc0, 0x07], 4169],
  ])('the alarm comes %s', (_when, alarm, seconds) => {
    const rig = new RtcRig();
    for (const [i, byte] of alarm.entries()) rig.set(2 * i + 1, byte);
    rig.set(B, 0x20 | HOURS_24);
    rig.clock.advance(2 * DAY);
    expect(rig.rises).toEqual([seconds * SECOND]);
  });

  test('an invalid alarm time never occurs', () => {
    const rig = new RtcRig();
    rig.set(5, 0x25);
    rig.set(B, 0x20 | HOURS_24);
    rig.clock.advance(3 * DAY);
    expect([rig.rises, rig.get(C) & 0x20]).toEqual([[], 0]);
  });

  test('an alarm while SET stops the clock uses no timer', () => {
    const rig = new RtcRig();
    for (const index of [1, 3, 5]) rig.set(index, 0xff);
    rig.set(B, 0xa0 | HOURS_24);
    expect(rig.clock.lastTick).toBe(0);
  });

  test('a 12-hour alarm distinguishes AM and PM', () => {
    const rig = new RtcRig('18-11-22 5 05:50:31');
    rig.set(B, 0x80);
    rig.set(4, 0x05);
    for (const [index, value] of [
      [1, 0x31],
      [3, 0x50],
      [5, 0x85],
    ] as const)
      rig.set(index, value);
    rig.set(B, 0x20);
    rig.clock.advance(DAY);
    expect(rig.rises).toEqual([12 * 3600 * SECOND]);
  });

  test('a flag that is already set raises IRQ 8 when it is enabled', () => {
    const rig = new RtcRig();
    rig.clock.advance(SECOND);
    rig.set(B, 0x10 | HOURS_24);
    expect(rig.rises).toEqual([SECOND]);
  });

  test('SET clears UIE', () => {
    const rig = new RtcRig();
    rig.set(B, 0x90 | HOURS_24);
    expect(rig.get(B)).toBe(0x82);
  });

  test('a hard reset disables them and keeps time and RAM; a soft one does nothing', () => {
    const rig = new RtcRig();
    rig.set(0x40, 0x5a);
    rig.set(B, 0x7a | HOURS_24);
    rig.clock.advance(SECOND);
    rig.rtc.reset('soft');
    const soft = [rig.irq8.level, rig.get(B)];
    rig.rtc.reset('hard');
    expect([soft, rig.irq8.level, rig.get(B), rig.get(C)]).toEqual([[true, 0x7a], false, 0x02, 0]);
    expect([rig.time, rig.get(0x40)]).toEqual(['18-11-22 5 05:50:32', 0x5a]);
  });

  test('end with the RTC, and no timer is left', () => {
    const rig = new RtcRig();
    rig.set(B, 0x10 | HOURS_24);
    rig.clock.advance(SECOND);
    rig.rtc.close();
    expect([rig.irq8.level, rig.clock.next]).toEqual([false, Number.POSITIVE_INFINITY]);
  });
});

describe('the bytes', () => {
  test('114 of RAM follow the registers, and bit 7 of the index is ignored', () => {
    const rig = new RtcRig();
    for (let index = 0x0e; index < 0x80; index++) rig.set(index, index ^ 0xa5);
    const read = Array.from({ length: 114 }, (_, i) => rig.get((0x0e + i) | 0x80));
    expect(read).toEqual(Array.from({ length: 114 }, (_, i) => (0x0e + i) ^ 0xa5));
  });

  test('C and D cannot be written; the battery is good; port 70 cannot be read', () => {
    const rig = new RtcRig();
    rig.set(C, 0xff);
    rig.set(D, 0x00);
    expect([rig.get(C) & 0x0f, rig.get(D), rig.ports.read(0x70, 1)]).toEqual([0, 0x80, 0xff]);
  });

  test('the kept content is there, and accesses are described', () => {
    const rig = new RtcRig();
    const century = rig.get(0x32);
    const said = [rig.lastAccess];
    rig.set(B, 0x06);
    expect([century, ...said, rig.lastAccess]).toEqual([
      0x20,
      'rtc NVRAM[32] → 20',
      'rtc REGISTER_B ← 06  HOURS_24 DM',
    ]);
  });
});
