import type { Journal } from '../../core/journal.ts';
import { Watch } from '../../core/watch.ts';
import * as reg from '../../kvm/registers.ts';
import type { KvmFacts, SharedArea } from './facts.ts';
import { KVM_READINGS, Reading } from './reading.ts';

/** Accesses within which what belongs together is read. */
const AT_ONCE = 16;
const CLOCK = reg.SYSTEM_TIME_NEW.offset;
const WALL = reg.WALL_CLOCK_NEW.offset;
const { CLOCKSOURCE_STABLE_BIT } = reg.FEATURES.mask;
const STEAL = reg.STEAL_TIME.offset;
const clock = reg.pvclock_vcpu_time_info.offset;
const { GUEST_STOPPED, TSC_STABLE } = reg.PVCLOCK_FLAGS.mask;

/** Where the version is, and what must be read between two looks at it: from, up to. */
const VERSIONED: ReadonlyMap<number, readonly [version: number, from: number, to: number]> = new Map([
  [CLOCK, [clock.version, clock.tsc_timestamp, clock.tsc_to_system_mul]],
  [
    WALL,
    [reg.pvclock_wall_clock.offset.version, reg.pvclock_wall_clock.offset.sec, reg.pvclock_wall_clock.size],
  ],
  [STEAL, [reg.kvm_steal_time.offset.version, reg.kvm_steal_time.offset.steal, 8]],
]);

/** Watches how a guest reads the structures that the host writes. Time passes with each RDTSC; with loads it does not. */
export class Readings {
  private readonly facts: KvmFacts;
  private readonly journal: Journal;
  private readonly all = new Map<number, Reading>();
  /** The date that was read, and no clock since. */
  private dated: Reading | null = null;
  /** Of the clocks that are being read, the host vouches for one that it is that of all processors. */
  isForEach = false;
  private ticking = 0;
  private isInside = false;
  /** `looked`: the time is loaded. `read`: a reading is over. `timed`: a good one has its TSC, or will have none. `retried`: what follows a void one. `stored`: the guest stored to a clock. `seen`: the flag of a pause was. `beside`: it stored to the cache line. `dated`: what follows a date. */
  private readonly on;

  constructor(facts: KvmFacts, journal: Journal) {
    this.facts = facts;
    this.journal = journal;
    this.on = new Watch(journal, KVM_READINGS).on;
    journal.atEnd(() => this.end());
  }

  /** The guest gave the host the structure, or asked for the date once more. */
  given(area: SharedArea): void {
    const key = keyOf(area.vcpu, area.index);
    const reading = this.all.get(key);
    if (reading === undefined) this.all.set(key, new Reading(area));
    else reading.isFresh = true;
  }

  left(vcpu: number, index: number): void {
    const reading = this.all.get(keyOf(vcpu, index));
    if (reading !== undefined) this.leave(reading);
    this.all.delete(keyOf(vcpu, index));
  }

  reset(): void {
    this.all.clear();
    this.dated = null;
  }

  /** @returns whether a clock is being read. */
  ticked(vcpu: number): boolean {
    this.ticking = vcpu;
    this.isInside = this.isForEach = false;
    this.all.forEach(this.tick);
    return this.isInside;
  }

  /** Made once: RDTSC is executed often. */
  private readonly tick = (reading: Reading) => {
    if (reading.index !== CLOCK || !this.isRecent(reading)) return;
    const isForAll = this.isForAll(reading);
    if (reading.isBegun) this.isInside = true;
    if (reading.isBegun && isForAll) this.isForEach = true;
    if (reading.area.vcpu !== this.ticking && !isForAll) return;
    reading.hasTicks = true;
    reading.last = this.journal.now;
    this.settleTicks(reading);
  };

  private settleTicks(reading: Reading): void {
    if (!reading.isTickDue) return;
    reading.isTickDue = false;
    this.on.timed.tell(reading);
  }

  /** The host vouches that all TSCs agree: each processor may read this clock. */
  private isForAll({ flags }: Reading): boolean {
    return (flags & TSC_STABLE) !== 0 && (this.facts.features & CLOCKSOURCE_STABLE_BIT) !== 0;
  }

  flagged(vcpu: number, flags: number): void {
    const reading = this.all.get(keyOf(vcpu, CLOCK));
    if (reading === undefined) return;
    if (flags & ~reading.flags & GUEST_STOPPED) reading.readsSince = 0;
    reading.flags = flags;
  }

  loaded(area: SharedArea, offset: number, length: number, value: number): void {
    const reading = this.all.get(keyOf(area.vcpu, area.index));
    const place = VERSIONED.get(area.index);
    if (reading === undefined || place === undefined) return;
    const [version, from, to] = place;
    let isDone = false;
    if (offset <= version && version < offset + length)
      isDone = this.lookedAtVersion(reading, value >= 0 ? value : this.wordAt(area, version));
    // A load of everything that ended a reading begins none.
    if (!isDone && offset < to && from < offset + length) this.lookedAtTime(reading);
    reading.last = this.journal.now;
  }

  stored(area: SharedArea, offset: number, width: number): void {
    const reading = this.all.get(keyOf(area.vcpu, area.index));
    if (reading === undefined) return;
    reading.isBeside = area.isRest;
    if (area.isRest) this.on.beside.tell(reading);
    else if (area.index === CLOCK) this.clockStored(reading, offset, width);
  }

  private clockStored(reading: Reading, offset: number, width: number): void {
    const flags = this.wordAt(reading.area, clock.tsc_shift) >>> 8;
    const isFlag = offset === clock.flags && width === 1;
    reading.isAllowed = isFlag && (flags & 0xff) === (reading.flags & ~GUEST_STOPPED);
    reading.offset = offset;
    reading.width = width;
    this.on.stored.tell(reading);
    if (!reading.isAllowed) return;
    reading.isCleared = true;
    reading.flags = flags & 0xff;
    this.on.seen.tell(reading);
  }

  private isRecent({ last }: Reading): boolean {
    return this.journal.now - last <= AT_ONCE * this.facts.accessTime;
  }

  /** @returns whether this was the end of a good reading. */
  private lookedAtVersion(reading: Reading, value: number): boolean {
    if (reading.hasFields && this.isRecent(reading)) return this.check(reading, value);
    // Another look at the same version: a TSC read since the first is still inside, and one may follow.
    const isSame = reading.version === value && this.isRecent(reading);
    const isOn = reading.isBegun && isSame;
    if (!isSame) this.settleTicks(reading);
    this.over(reading, true);
    reading.version = value;
    reading.isBegun = true;
    if (!isOn) reading.hasTicks = false;
    reading.last = this.journal.now;
    return false;
  }

  private lookedAtTime(reading: Reading): void {
    if (!this.isRecent(reading)) {
      this.over(reading, true);
      reading.isBegun = false;
      reading.hasTicks = false;
    }
    if (!reading.hasFields) this.on.looked.tell(reading);
    reading.hasFields = true;
  }

  /** The second look: the reading is good, or to be repeated from here. */
  private check(reading: Reading, value: number): boolean {
    reading.isChecked = true;
    this.on.read.tell(reading);
    const good = !reading.isBegun || (reading.version === value && (value & 1) === 0);
    reading.after = value;
    if (good) this.wellRead(reading);
    else {
      reading.isVoid = true;
      reading.version = value;
    }
    reading.hasFields = reading.isChecked = reading.hasTicks = false;
    reading.isBegun = !good;
    return good;
  }

  private wellRead(reading: Reading): void {
    this.settleVoid(reading, true);
    if (reading.index === WALL) {
      reading.isFresh = false;
      this.tellDated(false);
      this.dated = reading;
    }
    if (reading.index !== CLOCK) return;
    reading.isTickDue = true;
    if (reading.hasTicks) this.settleTicks(reading);
    this.tellDated(true);
    if (reading.flags & GUEST_STOPPED && ++reading.readsSince === 2) {
      reading.isCleared = false;
      this.on.seen.tell(reading);
    }
  }

  /** What was begun and not finished when the guest went on. @param isRetried it looks at the clock again, however late. */
  private over(reading: Reading, isRetried: boolean): void {
    if (reading.hasFields) {
      reading.isChecked = false;
      this.on.read.tell(reading);
      reading.hasFields = false;
    }
    this.settleVoid(reading, isRetried);
  }

  /** The guest looks at it no more. */
  private leave(reading: Reading): void {
    this.over(reading, false);
    this.settleTicks(reading);
  }

  private settleVoid(reading: Reading, isRetried: boolean): void {
    if (!reading.isVoid) return;
    reading.isVoid = false;
    reading.isRetried = isRetried;
    this.on.retried.tell(reading);
  }

  private tellDated(isTimed: boolean): void {
    const { dated } = this;
    this.dated = null;
    if (dated === null) return;
    dated.isTimed = isTimed;
    this.on.dated.tell(dated);
  }

  private end(): void {
    for (const reading of this.all.values()) this.leave(reading);
    this.tellDated(false);
  }

  private wordAt({ from }: SharedArea, offset: number): number {
    const range = this.facts.memory.find(from, offset + 4);
    return range === null ? 0 : range.view.getUint32(from - range.base + offset, true);
  }
}

/** The date is one for all processors. */
function keyOf(vcpu: number, index: number): number {
  return index === WALL ? index : index + vcpu * 2 ** 32;
}
