import type { Journal } from '../../core/journal.ts';
import { GuestMemory } from '../../core/memory.ts';
import type { KvmEvents } from '../../kvm/events.ts';
import * as reg from '../../kvm/registers.ts';
import type { ScriptClock } from '../script.proof.ts';
import { StoreWatch } from '../virtio/stores/store-watch.ts';
import { judgeKvm } from './areas.ts';

/** All features. */
const ALL = 0x0103_7eff;
const LEAF = reg.HYPERVISOR_LEAF;
/** Where the script has its structures, what it has for others, and the end of RAM. */
export const [AT, OTHER, END] = [0x2000, 0x3000, 0x1_0000];
export const CLOCK = reg.SYSTEM_TIME_NEW.offset;
export const STEAL = reg.STEAL_TIME.offset;
const { version, system_time, tsc_to_system_mul, flags } = reg.pvclock_vcpu_time_info.offset;
const MILLISECOND = 1_000_000;

/** A guest of KVM, without KVM. */
export class Guest {
  readonly memory = GuestMemory.of(END);
  private readonly clock: ScriptClock;
  private readonly stores: StoreWatch;
  private readonly kvm: KvmEvents;
  readonly end: () => void;

  constructor(journal: Journal, clock: ScriptClock, features = ALL) {
    this.clock = clock;
    this.stores = new StoreWatch(this.memory, 'le', journal);
    const facts = { memory: this.memory, features, leaf: LEAF, accessTime: 1000 };
    this.kvm = judgeKvm(facts, journal, this.stores);
    this.end = () => journal.end(false);
  }

  asks(...leaves: readonly number[]): void {
    for (const leaf of leaves) this.kvm.asked(0, leaf);
  }

  /** Finds KVM as it should. */
  finds(): this {
    this.asks(1, LEAF, LEAF + 1);
    return this;
  }

  writes(index: number, low: number, vcpu = 0): void {
    this.kvm.msrWritten(vcpu, index, low, 0, false);
  }

  calls(number: number): void {
    this.kvm.called(0, number);
  }

  /** An interrupt was served whose EOI could be skipped. */
  serves(skipped: boolean, ended: boolean): void {
    this.kvm.eoiOffered(0, skipped, ended);
  }

  ticks(vcpu = 0): void {
    this.kvm.ticked(vcpu);
  }

  /** The host writes the flags of its clock. */
  flags(value: number): void {
    this.memory.slice(AT + flags, 1)![0] = value;
    this.kvm.flagged(0, value);
  }

  load(at: number, value = 0): void {
    this.stores.loaded(at, 4, value);
  }

  /** Loads all of its clock at once. */
  copies(version: number): void {
    this.memory.slice(AT, 1)![0] = version;
    this.stores.read(AT, reg.pvclock_vcpu_time_info.size);
  }

  store(at: number, value: number, width: 1 | 4): void {
    const bytes = this.memory.slice(at, 1)!;
    const before = bytes[0]!;
    bytes[0] = value;
    this.stores.stored(at, width, value, before);
  }

  frees(at: number): void {
    this.stores.released(at, 64);
  }

  pass(): void {
    this.clock.now += MILLISECOND;
  }

  /** Reads a clock with this version before and after. */
  reads(before = 2, after = before): void {
    this.load(AT + version, before);
    this.ticks();
    this.load(AT + system_time);
    this.load(AT + tsc_to_system_mul);
    this.load(AT + version, after);
  }

  /** Reads a date, or stolen time, by the places of its version and of the rest. */
  takes(at: number, place: number, before = 2, after = before): void {
    this.load(at + place, before);
    this.load(at + (place === 0 ? 4 : 0));
    this.load(at + place, after);
  }
}

/** With a clock of its first processor. */
export const withClock = (guest: Guest): Guest => {
  guest.finds().writes(CLOCK, AT | 1);
  return guest;
};

export const guest = (journal: Journal, clock: ScriptClock) => new Guest(journal, clock);
