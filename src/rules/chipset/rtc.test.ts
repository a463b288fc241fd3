import { describe, expect, test } from 'vitest';
import { RtcRig } from '../../chipset/rtc-rig.ts';
import { RtcWatch } from './rtc.ts';

const [SECONDS, MINUTES, HOURS, A, B] = [0, 2, 4, 0x0a, 0x0b];
const [BY_24, BINARY, AIE] = [0x02, 0x04, 0x20];
const MILLISECOND = 1_000_000;

function setUp(): RtcRig {
  const rig = new RtcRig();
  rig.rtc.events = new RtcWatch('rtc', rig.journal);
  return rig;
}

describe('an alarm that is enabled', () => {
  const armed = (control: number, index: number, value: number) => {
    const rig = setUp();
    rig.set(index, value);
    rig.set(B, BY_24);
    rig.set(B, control | AIE);
    return rig.journal.of('rtc/FORMAT').map(({ said }) => said);
  };

  test.each([
    ['seconds in BCD', BY_24, 1, 0x59],
    ['any second', BY_24, 1, 0xc0],
    ['hours of 12, in the afternoon', 0, 5, 0x92],
    ['any hour of 12', 0, 5, 0xff],
    ['minutes in binary', BY_24 | BINARY, 3, 59],
  ])('may have %s', (_what, control, index, value) => {
    expect(armed(control, index, value)).toEqual([]);
  });

  test.each([
    ['seconds in binary', BY_24, 1, 0x2d, 'no number in BCD that it may have'],
    ['minutes that are no number, and less than any', BY_24, 3, 0xbf, 'no number in BCD that it may have'],
    ['hours of 24 where they go to 12', 0, 5, 0x13, 'no number in BCD that it may have'],
    ['60 minutes', BY_24 | BINARY, 3, 60, 'no number that it may have'],
  ])('may not have %s', (_what, control, index, value, why) => {
    const byte = `byte ${index.toString(16).padStart(2, '0')} of the alarm`;

    expect(armed(control, index, value)).toEqual([
      `${byte} was written with ${value.toString(16)}, which is ${why}`,
    ]);
  });

  test('is judged, too, if its bytes come after it was enabled', () => {
    const rig = setUp();
    rig.set(B, BY_24 | AIE);
    rig.set(1, 0x2d);

    expect(rig.journal.count('rtc/FORMAT')).toBe(1);
  });

  test('is none while AIE is clear', () => {
    const rig = setUp();
    rig.set(1, 0x2d);
    rig.set(B, BY_24);

    expect(rig.journal.count('rtc/FORMAT')).toBe(0);
  });
});

describe('a reading that an update falls into', () => {
  /** The first update is a second after power came on. @param then what is read after it. */
  const read = (...then: readonly number[]) => {
    const rig = setUp();
    rig.clock.advance(995 * MILLISECOND);
    for (const index of [A, SECONDS, MINUTES]) rig.get(index);
    rig.clock.advance(9 * MILLISECOND);
    for (const index of then) rig.get(index);
    rig.clock.advance(20 * MILLISECOND);
    rig.get(B);
    rig.journal.end();
    return rig.journal.of('rtc/UNGUARDED').map(({ said }) => said);
  };

  test('is a finding, though UIP was clear before', () => {
    expect(read(HOURS)).toEqual([
      'an update came between bytes of the time, before 04 was read, and none of them was read again',
    ]);
  });

  test.each<[string, readonly number[]]>([
    ['a byte is read again', [SECONDS, HOURS]],
    ['a byte is read again after others', [HOURS, SECONDS]],
    ['nothing more is read', []],
  ])('is none if %s', (_what, then) => {
    expect(read(...then)).toEqual([]);
  });
});
