import { hex, type Nanos } from '../../core/bits.ts';
import type { Rules } from '../../core/rule.ts';
import type { Knows } from '../../core/watch.ts';

/** What the rules know of a real-time clock. */
export interface RtcKnows extends Knows {
  readonly index: number;
  /** A byte of the time was read during an update, and was not read again. */
  readonly torn: boolean;
  /** The clock did not count, and for how long SET has held it. */
  readonly held: boolean;
  readonly heldFor: Nanos;
  /** What was written to port 70. */
  readonly selected: number;
}

/** `read`: the time is. `torn`: it was, long ago. `written`: it is set. `set`: SET is written, or was long ago. */
export type RtcMoment = 'read' | 'torn' | 'written' | 'set' | 'indexed';

const SECOND: Nanos = 1_000_000_000;
const NMI_DISABLE = 0x80;

/** Rules of the real-time clock, by the MC146818A's data sheet. */
export const RTC = {
  'rtc/UIP': {
    strength: 'MUST NOT',
    where: 'MC146818A, Update Cycle',
    text: 'The time is not taken while it is being updated',
    advice:
      'Read REGISTER_A until UIP is clear, then the time within 244 us; or read it twice, until both are the same.',
    on: ['read', 'torn'],
    kept: (k) => !k.torn,
    said: (k) => `byte ${hex(k.index, 2)} of the time was read while UIP was set, and not read again`,
  },
  'rtc/SET-TIME': {
    strength: 'MUST',
    where: 'MC146818A, Time, Calendar, and Alarm Locations',
    text: 'The time is written while SET holds the clock',
    advice: 'Set bit 7 of REGISTER_B, write all bytes of the time, then clear it.',
    on: 'written',
    kept: (k) => k.held,
    said: (k) => `byte ${hex(k.index, 2)} of the time was written while the clock went on`,
  },
  'rtc/SET-LEFT': {
    strength: 'MUST NOT',
    where: 'MC146818A, Register B',
    text: 'SET is not left set: the clock stands meanwhile',
    advice: 'Clear bit 7 of REGISTER_B as soon as the time is written.',
    on: 'set',
    kept: (k) => k.heldFor < SECOND,
    said: () => 'SET has held the clock for a second and more',
  },
  'rtc/NMI': {
    strength: 'NOTE',
    where: '82371AB, Real Time Clock Index Register',
    text: 'Bit 7 of port 70 is 0: it disables NMI',
    advice: 'Write the index alone, unless NMI is to be off.',
    on: 'indexed',
    kept: (k) => (k.selected & NMI_DISABLE) === 0,
    said: (k) => `port 70 was written with ${hex(k.selected, 2)}`,
  },
} as const satisfies Rules<RtcKnows, RtcMoment>;
