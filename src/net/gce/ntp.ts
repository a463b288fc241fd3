import { put32 } from '../../core/big-endian.ts';
import type { Clock } from '../../core/clock.ts';
import { struct } from '../../core/struct.ts';

/** RFC 5905, 7.3. Times are seconds since 1900, and 32 bits of a fraction. */
const ntp = struct('ntp', 'be', {
  leap_version_mode: 'u8',
  stratum: 'u8',
  poll: 'u8',
  precision: 'u8',
  root_delay: 'u32',
  root_dispersion: 'u32',
  reference_id: { bytes: 4 },
  reference: { bytes: 8 },
  origin: { bytes: 8 },
  receive: { bytes: 8 },
  transmit: { bytes: 8 },
});
export const NTP = 123;
const MODE = { MASK: 7, CLIENT: 3, SERVER: 4 } as const;
const VERSION = { AT: 3, MASK: 7, LEAST: 1, MOST: 4 } as const;
/** A microsecond, as a power of two. */
const PRECISION = 256 - 20;
const STRATUM = 2;
/** The server's own time source. */
const REFERENCE = Uint8Array.from(Buffer.from('GOOG'));
const DISPERSION = 0x10;
/** From 1900 to 1970. */
const BEFORE_1970 = 2_208_988_800;
const [SECOND, FRACTION] = [1_000_000_000, 2 ** 32];

/** Seconds since 1970, by the machine's RTC as it was set when power came on, and the nanoseconds since. */
export function dateOf({ dated, now }: Clock): { readonly seconds: number; readonly nanos: number } {
  const { secondsSince1970, at } = dated ?? { secondsSince1970: 0, at: 0 };
  const since = now - at;
  return { seconds: secondsSince1970 + Math.floor(since / SECOND), nanos: since % SECOND };
}

/** The NTP answer: the time of the machine's RTC as set at power-on, plus the time since; null for an invalid request. */
export function ntpAnswer(question: Uint8Array, clock: Clock): Uint8Array | null {
  if (question.length < ntp.size) return null;
  const { leap_version_mode, poll, transmit } = ntp.decode(question);
  const version = (leap_version_mode >> VERSION.AT) & VERSION.MASK;
  const isAsked = (leap_version_mode & MODE.MASK) === MODE.CLIENT;
  if (!isAsked || version < VERSION.LEAST || version > VERSION.MOST) return null;
  const now = timestampOf(clock);
  return ntp.encode({
    leap_version_mode: (version << VERSION.AT) | MODE.SERVER,
    stratum: STRATUM,
    poll,
    precision: PRECISION,
    root_dispersion: DISPERSION,
    reference_id: REFERENCE,
    reference: now,
    origin: transmit,
    receive: now,
    transmit: now,
  });
}

function timestampOf(clock: Clock): Uint8Array {
  const { seconds, nanos } = dateOf(clock);
  const timestamp = new Uint8Array(8);
  put32(timestamp, 0, (BEFORE_1970 + seconds) % FRACTION);
  put32(timestamp, 4, Math.floor((nanos / SECOND) * FRACTION));
  return timestamp;
}
