import type { Nanos } from '../../core/bits.ts';
import type { Rules } from '../../core/rule.ts';
import * as reg from '../../kvm/registers.ts';
import type { SharedArea } from './facts.ts';

const CLOCK = reg.SYSTEM_TIME_NEW.offset;
const WALL = reg.WALL_CLOCK_NEW.offset;
const STEAL = reg.STEAL_TIME.offset;

/** Rules of what a guest reads and writes of the structures that the host writes. */
export const KVM_READINGS = {
  'kvm/VERSION': {
    where: 'KVM, MSRs, MSR_KVM_SYSTEM_TIME_NEW',
    text: 'A guest MUST read the version of a clock before its time.',
    advice: 'Read version, fence, read the TSC and the fields, fence, read version again.',
    on: 'looked',
    when: (k) => k.index === CLOCK,
    kept: (k) => k.isBegun,
    said: () => 'the time was read, and the version was not read before',
  },
  'kvm/RECHECK': {
    where: 'KVM, MSRs, MSR_KVM_SYSTEM_TIME_NEW',
    text: 'A guest MUST read the version of a clock again when it has read its time.',
    advice: 'Compare both: the host may have written the clock meanwhile, and the version is then another.',
    on: 'read',
    when: (k) => k.index === CLOCK,
    kept: (k) => k.isChecked,
    said: () => 'the time was read, and the version was not read afterwards',
    follows: ['kvm/VERSION'],
  },
  'kvm/RETRY': {
    where: 'KVM, MSRs, MSR_KVM_SYSTEM_TIME_NEW',
    text: 'A guest MUST read a clock once more whose version was odd, or changed meanwhile.',
    advice: 'Repeat until the version is even, and the same before and after.',
    on: 'retried',
    when: (k) => k.index === CLOCK,
    kept: (k) => k.isRetried,
    said: (k) => `the version was ${k.version}, then ${k.after}, and the clock was not read again`,
  },
  'kvm/TSC-INSIDE': {
    where: 'KVM, MSRs, MSR_KVM_SYSTEM_TIME_NEW',
    text: 'A guest MUST read its TSC behind its first look at the version of its clock.',
    advice:
      'Execute an ordered RDTSC between the two looks: an earlier one may be before the TSC of the clock.',
    // OpenBSD and NetBSD read it behind the second look.
    on: 'timed',
    kept: (k) => k.hasTicks,
    said: () => 'the TSC was read neither between the two looks at the version nor right behind them',
    follows: ['kvm/VERSION'],
  },
  'kvm/READ-ONLY': {
    where: 'KVM, MSRs, MSR_KVM_SYSTEM_TIME_NEW',
    text: 'A guest MUST NOT write to its clock, but to clear bit 1 of its flags.',
    advice: 'Clear GUEST_STOPPED by a store of one byte, and leave all else to the host.',
    on: 'stored',
    kept: (k) => k.isAllowed,
    said: (k) => `${k.width} bytes at offset ${k.offset} of the clock were stored`,
  },
  'kvm/STOPPED': {
    where: 'KVM, MSRs, MSR_KVM_SYSTEM_TIME_NEW',
    text: 'Set bit 1 of the flags of a clock to 0 when you have seen it.',
    advice: 'Touch the watchdogs, for the host had paused the guest, and clear the bit.',
    on: 'seen',
    kept: (k) => k.isCleared,
    said: () =>
      'the time was read twice, and the flag by which the host says that it paused the guest is still there',
  },
  'kvm/LINE': {
    where: 'KVM, MSRs',
    text: 'Keep what you write yourself out of the cache lines of structures that the host writes.',
    advice: 'Align them to 64 bytes, and put nothing beside them.',
    on: ['beside', 'stored'],
    kept: (k) => !k.isBeside,
    said: (k) => `a store beside the structure of ${k.subject}, in its cache line`,
  },
  'kvm/DATE-REQUEST': {
    where: 'KVM, MSRs, MSR_KVM_WALL_CLOCK_NEW',
    text: 'Write the MSR of the wall clock before each reading of it.',
    advice: 'Write it each time: the host writes the date once for each write, and never else.',
    on: 'looked',
    when: (k) => k.index === WALL,
    kept: (k) => k.isFresh,
    said: () => 'the date was read again, and not asked for again',
  },
  'kvm/DATE-VERSION': {
    where: 'KVM, MSRs, MSR_KVM_WALL_CLOCK_NEW',
    text: 'A guest MUST read the version of the wall clock before and after its date.',
    advice: 'Repeat until it is even, and the same before and after.',
    on: 'read',
    when: (k) => k.index === WALL,
    kept: (k) => k.isBegun && k.isChecked,
    said: (k) => `the date was read, and the version was not read ${k.isBegun ? 'afterwards' : 'before'}`,
  },
  'kvm/DATE-ORDER': {
    where: 'KVM, MSRs, MSR_KVM_WALL_CLOCK_NEW',
    text: 'Use the clock after the wall clock, not before, to know what time it is.',
    advice: 'Read it, then add the time of your clock: the wall clock has the date of system time 0.',
    on: 'dated',
    kept: (k) => k.isTimed,
    said: () => 'the date was read, and no clock afterwards',
  },
  'kvm/STEAL-VERSION': {
    where: 'KVM, MSRs, MSR_KVM_STEAL_TIME',
    text: 'A guest MUST read the version of stolen time before and after its sum.',
    advice: 'Repeat until the version, at offset 8, is even, and the same before and after.',
    on: 'read',
    when: (k) => k.index === STEAL,
    kept: (k) => k.isBegun && k.isChecked,
    said: (k) => `stolen time was read, and the version was not read ${k.isBegun ? 'afterwards' : 'before'}`,
  },
} as const satisfies Rules<Reading>;

/** One structure as its guest reads it. */
export class Reading {
  readonly area: SharedArea;
  readonly index: number;
  version = -1;
  after = -1;
  isBegun = false;
  isChecked = false;
  isRetried = false;
  hasTicks = false;
  /** The reading is good, and its TSC not read yet. */
  isTickDue = false;
  isFresh = true;
  isAllowed = false;
  isCleared = false;
  isTimed = false;
  isBeside = false;
  width = 0;
  offset = 0;
  /** What was read since the first look at the version. */
  hasFields = false;
  /** The last reading is of no use. */
  isVoid = false;
  /** When it was looked at last. */
  last: Nanos = 0;
  flags = 0;
  /** How often it was read since the host set the flag of a pause. */
  readsSince = 0;

  constructor(area: SharedArea) {
    this.area = area;
    this.index = area.index;
  }

  get subject(): string {
    return `vCPU ${this.area.vcpu}`;
  }
}
