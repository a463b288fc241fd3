import { describe, expect, test } from 'vitest';
import { Clock } from '../../core/clock.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { Guest, SERVER } from './guest-rig.ts';
import { gceNetwork } from './network.ts';
import { ntpAnswer } from './ntp.ts';

const NTP = 123;
const SECOND = 1_000_000_000;
/** Seconds from 1900 to 2020-01-01T00:00:00Z: 2,208,988,800 and 1,577,836,800. */
const NEW_YEAR = 3_786_825_600;
const CLIENT = 3;

/** A client's packet of a version, with a time of its own that the answer must return. */
const question = (version = 4, mode = CLIENT) => {
  const bytes = new Uint8Array(48);
  bytes[0] = (version << 3) | mode;
  bytes[2] = 6;
  bytes.fill(7, 40);
  return bytes;
};
const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset);

describe('the time', () => {
  test('is what the machine’s RTC was set to, plus the time since', () => {
    const clock = new Clock();
    clock.advance(3 * SECOND);
    gceN1({ clock, date: '2020-01-01T00:00:00Z', firmware: false });
    clock.advance(2.25 * SECOND);
    const told = view(ntpAnswer(question(), clock)!);
    expect([told.getUint32(40), told.getUint32(44)]).toEqual([NEW_YEAR + 2, 2 ** 30]);
    expect([told.getUint32(32), told.getUint32(36)]).toEqual([NEW_YEAR + 2, 2 ** 30]);
  });

  test('is that of the first machine of several on a clock', () => {
    const clock = new Clock();
    for (const date of ['2020-01-01T00:00:00Z', '2030-01-01T00:00:00Z']) gceN1({ clock, date });
    expect(view(ntpAnswer(question(), clock)!).getUint32(40)).toBe(NEW_YEAR);
  });

  test('is served at the metadata server’s address, with stratum 2 and the client’s time', () => {
    const [told] = new Guest(gceNetwork()).ask(SERVER, NTP, question(3));
    // No leap second, version 3, a server; its poll; a microsecond.
    expect([...told!.subarray(0, 4)]).toEqual([0x1c, 2, 6, 236]);
    expect([...told!.subarray(24, 32)]).toEqual(new Array(8).fill(7));
  });

  test('is served at no other', () => {
    expect(new Guest(gceNetwork()).ask('10.9.8.7', NTP, question())).toEqual([]);
  });

  test.each([
    ['is too short', question().subarray(0, 47)],
    ['is a server’s answer', question(4, 4)],
    ['has version 0', question(0)],
    ['has version 5', question(5)],
  ])('is not sent for a packet that %s', (_, bytes) => {
    expect(ntpAnswer(bytes, new Clock())).toBeNull();
  });
});
