import { bytesText, type Gpa, hex } from '../../core/bits.ts';
import { compose, type EventTable } from '../../core/compose.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { KvmEvents } from '../../kvm/events.ts';
import * as reg from '../../kvm/registers.ts';
import type { AreaOwner, RingArea } from '../virtio/stores/ring-areas.ts';
import type { StoreWatch } from '../virtio/stores/store-watch.ts';
import type { KvmFacts, SharedArea } from './facts.ts';
import { MsrWatch } from './msrs.ts';
import { Readings } from './readings.ts';

const PAGE = 4096;
const LINE = 64;
const WORD = 2 ** 32;
const { token } = reg.kvm_vcpu_pv_apf_data.offset;

/** Rules of the structures that a guest gives the host, by an MSR each. */
export const KVM_AREAS = {
  'kvm/ALIGNMENT': {
    where: 'KVM, MSRs',
    text: 'A guest MUST align the address of a clock to four bytes.',
    advice: 'Bit 1 of the address is not looked at by every host.',
    on: 'enabled',
    // Of the others the low bits are reserved.
    when: (k) => !k.isCounted,
    kept: (k) => k.at % k.align === 0,
    said: (k) => `${k.msr} has ${hex(k.at, 8)}`,
  },
  'kvm/RAM': {
    where: 'KVM, MSRs',
    text: 'A guest MUST give the host RAM for all of a structure.',
    advice: 'Allocate it, and write all 64 bits of its address.',
    on: 'enabled',
    kept: (k) => k.isRam,
    said: (k) => `${k.msr} has ${hex(k.at, 8)}, where ${bytesText(k.bytes)} are not all RAM`,
  },
  'kvm/PAGE': {
    where: 'KVM, x86.c, kvm_gpc_is_valid_len',
    text: 'A guest MUST keep a structure that it gives the host inside one page.',
    advice: 'Align it to its size, or to a cache line: across two pages the host never writes it.',
    on: 'enabled',
    kept: (k) => (k.at % PAGE) + k.bytes <= PAGE,
    said: (k) => `${k.msr} has ${hex(k.at, 8)}, and ${bytesText(k.bytes)} from there cross a page`,
  },
  'kvm/OWN': {
    where: 'KVM, MSRs',
    text: 'A guest MUST give each structure of each processor memory of its own.',
    advice: 'Allocate one of them for each processor.',
    on: 'enabled',
    kept: (k) => k.other === '',
    said: (k) => `${k.msr} has ${hex(k.at, 8)}, where the host has ${k.other}`,
  },
  'kvm/ZEROED': {
    where: 'KVM, MSRs',
    text: 'A guest MUST clear the memory of stolen time, of page faults and of EOIs before it enables them.',
    advice: 'Clear it, then write the MSR: the host adds to what is there.',
    on: 'enabled',
    when: (k) => k.isCounted,
    kept: (k) => k.isZero,
    said: (k) => `${k.msr} has ${hex(k.at, 8)}, where not all bytes are 0`,
    follows: ['kvm/OWN'],
  },
  'kvm/FREED': {
    where: 'KVM, MSRs',
    text: 'A guest MUST switch a structure off before it uses its memory for something else.',
    advice:
      'Write the MSR without bit 0 when a processor or a driver goes, and before another kernel starts.',
    on: 'ended',
    kept: (k) => !k.isFreed,
    said: (k) => `the memory at ${hex(k.at, 8)} was given back while the host has it for ${k.msr}`,
  },
  'kvm/EVERY-CLOCK': {
    where: 'KVM, MSRs, MSR_KVM_SYSTEM_TIME_NEW',
    text: 'A guest MUST register a clock for each processor that reads the time, unless the host vouches that all TSCs agree.',
    advice: 'Write SYSTEM_TIME on each processor when it starts.',
    on: 'ticked',
    kept: (k) => k.hasClock,
    said: (k) => `vCPU ${k.vcpu} read its TSC for the time, and has no clock, as others do`,
  },
  'kvm/APF-TOKEN': {
    where: 'KVM, MSRs, MSR_KVM_ASYNC_PF_ACK',
    text: 'A guest MUST write 0 to the token of a page that is ready before it acknowledges the page.',
    advice: 'Read the token, clear it, then write 1 to ASYNC_PF_ACK.',
    on: 'acknowledged',
    kept: (k) => k.token === 0,
    said: (k) => `the page with token ${k.token} was acknowledged, and the token is still there`,
  },
} as const satisfies Rules<AreaWatch>;

/** Those that the host adds to. */
const COUNTED = [reg.STEAL_TIME.offset, reg.ASYNC_PF_EN.offset, reg.PV_EOI_EN.offset];
/** The old numbers are the new ones. */
const SAME: ReadonlyMap<number, number> = new Map([
  [reg.SYSTEM_TIME.offset, reg.SYSTEM_TIME_NEW.offset],
  [reg.WALL_CLOCK.offset, reg.WALL_CLOCK_NEW.offset],
]);
const WALL = reg.WALL_CLOCK_NEW.offset;
const CLOCK = reg.SYSTEM_TIME_NEW.offset;

/** Watches where the structures are that a guest shares with KVM, and its accesses to them. */
class AreaWatch implements Partial<KvmEvents>, AreaOwner {
  vcpu = 0;
  index = 0;
  at: Gpa = 0;
  bytes = 0;
  align = 1;
  isRam = false;
  isCounted = false;
  isZero = false;
  isFreed = false;
  hasClock = false;
  token = 0;
  /** What else lies there. */
  other = '';
  areas: SharedArea[] = [];
  private readonly facts: KvmFacts;
  private readonly stores: StoreWatch | null;
  private readonly readings: Readings;
  /** `enabled`: a structure is given to the host. `ended`: it is switched off, or its memory given back. `ticked`: a TSC is read while a clock is. `acknowledged`: a page is. */
  private readonly on;

  constructor(facts: KvmFacts, journal: Journal, stores: StoreWatch | null) {
    this.facts = facts;
    this.stores = stores;
    this.readings = new Readings(facts, journal);
    this.on = new Watch(journal, KVM_AREAS).on;
  }

  get subject(): string {
    return `vCPU ${this.vcpu}`;
  }

  get msr(): string {
    return reg.msrOf(this.index)!.register.name;
  }

  msrWritten(vcpu: number, index: number, low: number, high: number, refused: boolean): void {
    if (index === reg.ASYNC_PF_ACK.offset && !refused) this.acknowledge(vcpu);
    const shared = reg.SHARED.get(index);
    if (shared === undefined) return;
    const same = SAME.get(index) ?? index;
    const bits = same === WALL ? 0 : shared.align === LINE ? LINE - 1 : 1;
    const at = high * WORD + ((low & ~bits) >>> 0);
    const isOn = same === WALL ? at !== 0 : (low & 1) !== 0;
    const before = this.areaOf(vcpu, same);
    if (before?.from === at && isOn) {
      this.readings.given(before);
      return;
    }
    if (before !== undefined && !refused) this.end(before, false, false);
    Object.assign(this, { vcpu, index, at }, shared);
    if (isOn) this.enable(same, refused);
  }

  ticked(vcpu: number): void {
    if (!this.readings.ticked(vcpu)) return;
    const { areas } = this;
    this.hasClock = this.readings.isForEach;
    for (let i = 0; i < areas.length; i++) {
      const area = areas[i]!;
      if (area.index === CLOCK && !area.isRest && area.vcpu === vcpu) this.hasClock = true;
    }
    this.vcpu = vcpu;
    this.on.ticked.tell(this);
  }

  flagged(vcpu: number, flags: number): void {
    this.readings.flagged(vcpu, flags);
  }

  reset(): void {
    for (const area of [...this.areas]) this.drop(area);
    this.readings.reset();
  }

  loaded(part: number, offset: number, length: number, value: number): void {
    const area = this.under(part, offset);
    if (area !== null && !area.isRest)
      this.readings.loaded(area, this.from(part) + offset - area.from, length, value);
  }

  stored(part: number, offset: number, width: number, changed: boolean): void {
    const area = this.under(part, offset);
    if (area !== null && changed) this.readings.stored(area, this.from(part) + offset - area.from, width);
  }

  overwriting(part: number, at: Gpa, from: Uint8Array): void {
    const area = this.areas.find((one) => one.part === part);
    if (area !== undefined) this.readings.stored(area, Math.max(0, at - area.from), from.length);
  }

  overwritten(): void {}

  memoryFreed(area: RingArea): void {
    const mine = this.areas.find((one) => one.part === area.part);
    if (mine !== undefined && !mine.isRest) this.end(mine, true, mine.index === WALL);
  }

  forget(): void {}

  private from(part: number): Gpa {
    return this.areas.find((one) => one.part === part)?.from ?? 0;
  }

  /** Of structures that share a cache line, the one that has the byte. */
  private under(part: number, offset: number): SharedArea | null {
    const area = this.areas.find((one) => one.part === part);
    if (area === undefined) return null;
    if (!area.isRest) return area;
    const at = area.from + offset;
    return this.areas.find(({ isRest, from, to }) => !isRest && at >= from && at < to) ?? area;
  }

  private areaOf(vcpu: number, index: number): SharedArea | undefined {
    return this.areas.find(
      (area) => !area.isRest && area.index === index && (index === WALL || area.vcpu === vcpu),
    );
  }

  private enable(same: number, refused: boolean): void {
    const { at, bytes, vcpu } = this;
    const there = this.facts.memory.slice(at, bytes);
    const under = (area: SharedArea) => !area.isRest && area.from < at + bytes && at < area.to;
    // The host wrote the date once, and has no more to do with its memory.
    const date = this.areas.find((area) => area.index === WALL && under(area));
    if (date !== undefined && !refused) this.drop(date);
    const clash = this.areas.find((area) => area.index !== WALL && under(area));
    this.other = clash === undefined ? '' : clash.name;
    this.isRam = there !== null;
    this.isCounted = COUNTED.includes(same);
    const left = this.left.get(same + vcpu * WORD);
    const isLeft = left?.at === at && there?.every((byte, i) => byte === left.bytes[i]);
    this.isZero = isLeft || (there?.every((byte) => byte === 0) ?? true);
    this.on.enabled.tell(this);
    if (refused || there === null || clash !== undefined) return;
    const first = at - (at % LINE);
    const end = Math.ceil((at + bytes) / LINE) * LINE;
    this.add(vcpu, same, at, at + bytes, false);
    if (same !== WALL && first < at) this.add(vcpu, same, first, at, true);
    if (same !== WALL && end > at + bytes) this.add(vcpu, same, at + bytes, end, true);
    this.readings.given(this.areaOf(vcpu, same)!);
  }

  private parts = 0;
  /** What the host left where it had a structure, by the MSR and vCPU: a guest that gives it back need not clear it. */
  private readonly left = new Map<number, { readonly at: Gpa; readonly bytes: Uint8Array }>();

  private add(vcpu: number, index: number, from: Gpa, to: Gpa, isRest: boolean): void {
    const name = `the ${reg.msrOf(index)!.register.name} of vCPU ${vcpu}`;
    const fieldAt = (offset: number) => `${isRest ? 'beside ' : ''}${name} +${offset}`;
    const described = { name, fieldAt, describe: ({ offset }: { offset: number }) => fieldAt(offset) };
    const area = { ...described, ring: this, part: this.parts++, from, to, vcpu, index, isRest };
    this.areas = [...this.areas, area];
    this.stores?.watch({ areas: [area] });
  }

  /** Once the date was written, the host has no more to do with its memory. */
  private end(area: SharedArea, isFreed: boolean, isDone: boolean): void {
    const { vcpu, index, from } = area;
    Object.assign(this, { vcpu, index, at: from, isFreed });
    if (!isDone && index !== WALL) this.on.ended.tell(this);
    const there = isFreed ? null : this.facts.memory.slice(from, area.to - from);
    if (there !== null && COUNTED.includes(index))
      this.left.set(index + vcpu * WORD, { at: from, bytes: there.slice() });
    this.drop(area);
  }

  private drop({ vcpu, index }: SharedArea): void {
    const gone = this.areas.filter((area) => area.vcpu === vcpu && area.index === index);
    this.areas = this.areas.filter((area) => !gone.includes(area));
    this.stores?.leave({ areas: gone, forget: () => this.readings.left(vcpu, index) });
  }

  private acknowledge(vcpu: number): void {
    const area = this.areaOf(vcpu, reg.ASYNC_PF_EN.offset);
    const range = area === undefined ? null : this.facts.memory.find(area.from, token + 4);
    if (area === undefined || range === null) return;
    this.vcpu = vcpu;
    this.token = range.view.getUint32(area.from - range.base + token, true);
    this.on.acknowledged.tell(this);
  }
}

const KVM_EVENTS: EventTable<KvmEvents> = {
  asked: 2,
  msrRead: 3,
  msrWritten: 5,
  ticked: 1,
  called: 2,
  flagged: 2,
  eoiOffered: 3,
  reset: 0,
};

/** @param stores the watch of the guest's accesses to RAM; null for none. */
export function judgeKvm(facts: KvmFacts, journal: Journal, stores: StoreWatch | null): KvmEvents {
  return compose(KVM_EVENTS, [new MsrWatch(facts, journal), new AreaWatch(facts, journal, stores)]);
}
