import { expect, test } from 'vitest';
import { gceN1 } from '../../machine/gce-n1.ts';
import { PitDriver } from './pit.ts';
import { RtcDriver } from './rtc.ts';

/** A second before the hour. */
const DATE = '2018-11-22T05:59:59Z';
const MILLISECOND = 1_000_000;

test('the clock has the machine’s date, in BCD, and continues from a set time', () => {
  const { port, findings } = gceN1({ date: DATE });
  const rtc = new RtcDriver(port);
  const before = rtc.read();
  rtc.set(before);
  port.wait(() => false, 1000 * MILLISECOND);

  expect([before, rtc.read(), findings]).toEqual([
    [0x59, 0x59, 0x05, 0x05, 0x22, 0x11, 0x18],
    [0x00, 0x00, 0x06, 0x05, 0x22, 0x11, 0x18],
    [],
  ]);
});

test('a counter counts down, and its two bytes are consistent', () => {
  const { port, findings } = gceN1();
  const timer = new PitDriver(port, 2);
  port.out(0x61, 0x01, 1);
  timer.start(0x1_0000);
  port.wait(() => false, MILLISECOND);
  const first = timer.count();
  port.wait(() => false, MILLISECOND);

  // 1,193 pulses per millisecond, plus those of the accesses.
  const passed = first - timer.count();
  expect([passed > 1190, passed < 1210, findings]).toEqual([true, true, []]);
});
