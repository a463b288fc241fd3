import { describe, expect, test } from 'vitest';
import type { RtcManner } from './rtc.ts';
import { RtcRig } from './rtc-rig.ts';

const SECOND = 1_000_000_000;
const [A, B, C] = [0x0a, 0x0b, 0x0c];
const UIP = 0x80;
const [HOURS_24, BINARY, SET, PIE] = [0x02, 0x04, 0x80, 0x40];
/** QEMU's: eight ticks of the crystal of warning before an update, which takes no time. */
const QEMU: RtcManner = {
  uipTime: 244_140,
  reformats: true,
  counting: [0, 1, 2, 3, 4, 5],
  ratesFromTick: true,
};

describe("QEMU's clock", () => {
  test('converts its time to a new format', () => {
    const rig = new RtcRig('18-11-22 5 23:59:31', QEMU);
    rig.set(B, BINARY);

    expect([rig.get(0), rig.get(2), rig.get(4), rig.get(9)]).toEqual([31, 59, 0x80 | 11, 18]);
  });

  test('but keeps bytes that the guest set while it was stopped', () => {
    const rig = new RtcRig('18-11-22 5 23:59:31', QEMU);
    rig.set(B, HOURS_24 | SET);
    rig.set(0, 0x15);
    rig.set(B, HOURS_24 | BINARY);

    expect(rig.get(0)).toBe(0x15);
  });

  test('announces an update 244 µs before it', () => {
    const rig = new RtcRig('18-11-22 5 05:50:31', QEMU);
    rig.clock.advance(SECOND - 244_141);
    const before = rig.get(A) & UIP;
    rig.clock.advance(1);

    expect([before, rig.get(A) & UIP]).toEqual([0, UIP]);
  });

  test.each([
    [0x0d, 2],
    [0x5d, 2],
    [0x6d, 0],
  ])('counts unless its divider is held: register A %i', (a, seconds) => {
    const rig = new RtcRig('18-11-22 5 05:50:31', QEMU);
    rig.set(A, a);
    rig.clock.advance(2 * SECOND);

    expect(rig.get(0)).toBe(0x31 + seconds);
  });

  test('counts a new rate from the last tick', () => {
    const rig = new RtcRig('18-11-22 5 05:50:31', QEMU);
    // 8 Hz, then 2 Hz after its first tick.
    rig.set(A, 0x2d);
    rig.set(B, HOURS_24 | PIE);
    rig.clock.advance(SECOND / 8);
    rig.set(A, 0x2f);
    rig.get(C);
    rig.clock.advance(SECOND);

    expect(rig.rises).toEqual([SECOND / 8, SECOND / 8 + SECOND / 2]);
  });
});

test('the chip counts a new rate from the start of its divider', () => {
  const rig = new RtcRig();
  rig.set(A, 0x2d);
  rig.set(B, HOURS_24 | PIE);
  rig.clock.advance(SECOND / 8);
  rig.set(A, 0x2f);
  rig.get(C);
  rig.clock.advance(SECOND);

  expect(rig.rises).toEqual([SECOND / 8, SECOND / 2]);
});
