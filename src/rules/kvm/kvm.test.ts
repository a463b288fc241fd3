import { expect, test } from 'vitest';
import { AccessTrail } from '../../core/access.ts';
import { Journal } from '../../core/journal.ts';
import * as reg from '../../kvm/registers.ts';
import { AT, CLOCK, Guest, OTHER, STEAL, withClock } from './script-rig.proof.ts';

const WALL = reg.WALL_CLOCK_NEW.offset;
const { version, system_time } = reg.pvclock_vcpu_time_info.offset;
const { TSC_STABLE } = reg.PVCLOCK_FLAGS.mask;
const WITHOUT_STABLE = reg.FEATURES.mask.CLOCKSOURCE2;

/** The clauses that a guest of KVM breaks by what it does. */
function brokenBy(does: (k: Guest) => void, features?: number): readonly string[] {
  const clock = { now: 0 };
  const journal = new Journal(clock, new AccessTrail(clock));
  const guest = new Guest(journal, clock, features);
  does(guest);
  guest.end();
  return journal.findings.map(({ clause }) => clause);
}

/** Reads the clock of vCPU 0 with the TSC of vCPU 1, which has a clock, too. */
const elsewhere = (flags: number) => (k: Guest) => {
  withClock(k).writes(CLOCK, OTHER | 1, 1);
  k.flags(flags);
  k.load(AT + version, 2);
  k.ticks(1);
  k.load(AT + system_time);
  k.load(AT + version, 2);
};

/** Has stolen time, and once more at the same place; the host added `stolen`, and it stores `own` in between. */
const twice = (stolen: number, own: number) => (k: Guest) => {
  k.finds().writes(STEAL, OTHER | 1);
  k.memory.slice(OTHER, 1)![0] = stolen;
  k.writes(STEAL, 0);
  k.memory.slice(OTHER, 1)![0] = own;
  k.writes(STEAL, OTHER | 1);
};

test.each([
  ['the TSC of any vCPU while all agree', elsewhere(TSC_STABLE)],
  [
    'one clock for all vCPUs while their TSCs agree',
    (k: Guest) => {
      withClock(k).flags(TSC_STABLE);
      k.load(AT + version, 2);
      k.ticks(1);
      k.load(AT + system_time);
      k.load(AT + version, 2);
    },
  ],
  ['memory of stolen time given back as the host left it', twice(5, 5)],
  [
    'a clock where the date was',
    (k: Guest) => {
      k.finds().writes(WALL, AT);
      k.takes(AT, 0);
      withClock(k).reads();
    },
  ],
  [
    'stores beside the date',
    (k: Guest) => {
      withClock(k).writes(WALL, OTHER);
      k.takes(OTHER, 0);
      k.reads();
      k.store(OTHER + 16, 1, 4);
    },
  ],
  [
    'a long pause before a clock is read again',
    (k: Guest) => {
      withClock(k).reads(3);
      k.pass();
      k.reads();
    },
  ],
  [
    'all of a clock copied before and after the TSC',
    (k: Guest) => {
      withClock(k);
      for (let time = 0; time < 2; time++) {
        k.copies(2);
        k.ticks();
        k.copies(2);
      }
    },
  ],
  [
    'all of a clock copied at once after a pause',
    (k: Guest) => {
      withClock(k).pass();
      k.copies(2);
      k.ticks();
      k.copies(2);
    },
  ],
  [
    'all of a clock copied behind its version and the TSC',
    (k: Guest) => {
      withClock(k).load(AT + version, 2);
      k.ticks();
      k.copies(2);
      k.load(AT + version, 2);
    },
  ],
  [
    'a hypercall without a feature, of a guest that found KVM',
    (k: Guest) => {
      k.asks(1, reg.HYPERVISOR_LEAF);
      k.calls(9);
    },
  ],
  [
    'a copy that is begun again from where it failed',
    (k: Guest) => {
      withClock(k).copies(3);
      k.ticks();
      k.copies(4);
      k.ticks();
      k.copies(4);
    },
  ],
  [
    'the TSC read behind the second look at the version, as OpenBSD does, twice',
    (k: Guest) => {
      withClock(k);
      for (let i = 0; i < 2; i++) {
        k.load(AT + version, 2);
        k.load(AT + system_time);
        k.load(AT + version, 2);
        k.ticks();
      }
    },
  ],
  [
    'the TSC read between a second and a third look, after two in a row, as Linux 2.6.32 does',
    (k: Guest) => {
      withClock(k).load(AT + version, 2);
      k.load(AT + system_time);
      k.load(AT + version, 2);
      k.load(AT + version, 2);
      k.ticks();
      k.load(AT + version, 2);
    },
  ],
  [
    'the TSC of a vCPU without a clock, for something else',
    (k: Guest) => {
      withClock(k).reads();
      k.ticks(1);
    },
  ],
])('%s is no mistake', (_what, does) => {
  expect(brokenBy(does)).toEqual([]);
});

test.each([
  ['the TSC of another vCPU while they differ', elsewhere(0), undefined, 'kvm/TSC-INSIDE'],
  ['that flag without its feature', elsewhere(TSC_STABLE), WITHOUT_STABLE, 'kvm/TSC-INSIDE'],
  ['memory of stolen time used in between', twice(5, 6), undefined, 'kvm/ZEROED'],
  [
    'the TSC read before the version of a clock',
    (k: Guest) => {
      withClock(k).ticks();
      k.load(AT + version, 2);
      k.load(AT + system_time);
      k.load(AT + version, 2);
    },
    undefined,
    'kvm/TSC-INSIDE',
  ],
  ['a hypercall of a guest that did not look for KVM', (k: Guest) => k.calls(9), undefined, 'kvm/SIGNATURE'],
  [
    'an EOI word at an odd address',
    (k: Guest) => k.finds().writes(reg.PV_EOI_EN.offset, OTHER | 3),
    undefined,
    'kvm/RESERVED',
  ],
  ['a date where the clock is', (k: Guest) => withClock(k).writes(WALL, AT), undefined, 'kvm/OWN'],
])('%s is one', (_what, does, features, clause) => {
  expect(brokenBy(does, features)).toEqual([clause]);
});
