import type { Gpa, Nanos } from '../core/bits.ts';
import type { Board, ResetKind } from '../core/board.ts';
import type { Timer } from '../core/clock.ts';
import type { GuestMemory } from '../core/memory.ts';
import type { KvmEvents } from './events.ts';
import * as reg from './registers.ts';
import { type Scale, scaleOf } from './time.ts';
import { Vcpu } from './vcpu.ts';

const SECOND: Nanos = 1_000_000_000;
/** How often clocks are written anew that do not agree by themselves: KVMCLOCK_SYNC_PERIOD. */
const SYNC_PERIOD: Nanos = 300 * SECOND;
/** A message's address names a processor by its APIC id. */
const MSI_ADDRESS = 0xfee0_0000;

type Leaf = readonly [eax: number, ebx: number, ecx: number, edx: number];
const NOTHING: Leaf = [0, 0, 0, 0];

/** CPUID leaves that do not depend on KVM. */
const EXTENDED = 0x8000_0000;
const POWER = 0x8000_0007;
const INVARIANT_TSC = 1 << 8;
const X2APIC = 1 << 21;
const INTEL = [0x756e_6547, 0x6c65_746e, 0x4965_6e69] as const;
const AMD = [0x6874_7541, 0x444d_4163, 0x6974_6e65] as const;
/** AMD's processors of today have an extended family, Intel's have none. */
const EXTENDED_FAMILY = 0x0ff0_0000;
/** Of a hypervisor that comes first: "Microsoft Hv". */
const OTHER = [0x7263_694d, 0x666f_736f, 0x7648_2074] as const;
const OTHER_HIGHEST = 0x4000_0005;

/** How KVM shows itself. */
export interface KvmPlan {
  readonly vcpus: number;
  /** EAX and EDX of CPUID 1. */
  readonly cpuid: { readonly eax: number; readonly edx: number };
  readonly tscKHz: number;
  readonly features: number;
  readonly hints: number;
  /** MSRs of features that are not offered are refused. */
  readonly enforce: boolean;
  /** The first leaf. */
  readonly leaf: number;
  /** EAX of the first leaf is 0, as on old hosts. */
  readonly oldLeaf: boolean;
  /** The TSCs of all processors go at one rate and agree. */
  readonly stable: boolean;
  /** How long the machine had run when its clock began. */
  readonly uptime: Nanos;
  /** How long an update of a clock takes. */
  readonly updateTime: Nanos;
}

/** The host's side of KVM's guest interface, for all processors of a machine. */
export class Kvm {
  readonly vcpus: readonly Vcpu[];
  readonly memory: GuestMemory;
  scale: Scale;
  tscKHz: number;
  /** The rate of the TSC is another. */
  onRate: (() => void) | null = null;
  private readonly board: Board;
  private readonly plan: KvmPlan;
  private readonly sync: Timer;
  private readonly end: Timer;
  /** Processor 0 has its clock by the old MSRs: then the host does not vouch for the TSC. */
  private isOld = false;

  constructor(board: Board, plan: KvmPlan) {
    this.board = board;
    this.memory = board.memory;
    this.plan = plan;
    this.tscKHz = plan.tscKHz;
    this.scale = scaleOf(plan.tscKHz);
    this.vcpus = Array.from({ length: plan.vcpus }, (_, index) => new Vcpu(index, this));
    this.sync = board.clock.timer('kvmclock', () => this.refresh(), { ticks: true });
    this.end = board.clock.timer('kvmclock update', () => {
      for (const { clock } of this.vcpus) clock.finish();
    });
  }

  watchedBy(events: KvmEvents): void {
    for (const vcpu of this.vcpus) vcpu.events = events;
  }

  get now(): Nanos {
    return this.board.clock.now;
  }

  /** Nanoseconds since the machine began. */
  get systemTime(): Nanos {
    return this.now + this.plan.uptime;
  }

  get features(): number {
    return this.plan.features;
  }

  get firstLeaf(): number {
    return this.plan.leaf;
  }

  /** Whether the host answers as if it had the feature. */
  has(feature: number): boolean {
    return !this.plan.enforce || (this.plan.features & feature) !== 0;
  }

  /** Whether the clocks of all processors agree. */
  get isStable(): boolean {
    return this.plan.stable && !this.isOld;
  }

  /** What CPUID answers. */
  leaf(vcpu: number, leaf: number): Leaf {
    const { plan } = this;
    const [ebx, ecx, edx] = reg.SIGNATURE;
    if (leaf === plan.leaf) return [plan.oldLeaf ? 0 : leaf + reg.FEATURES.offset, ebx, ecx, edx];
    if (leaf === plan.leaf + reg.FEATURES.offset) return [plan.features, 0, 0, plan.hints];
    if (leaf === reg.HYPERVISOR_LEAF) return [OTHER_HIGHEST, ...OTHER];
    return this.ownLeaf(vcpu, leaf);
  }

  /** The clocks are written anew, as on resume and after migration. */
  refresh(): void {
    const slowly = this.plan.updateTime > 0;
    for (const { clock } of this.vcpus) clock.update(slowly);
    if (slowly) this.end.arm(this.plan.updateTime);
    this.arm();
  }

  /** The TSC goes on at another rate: the machine moved to another host, which scales none. */
  setTscKHz(kHz: number): void {
    const before = this.vcpus.map((vcpu) => ticksOf(vcpu));
    this.tscKHz = kHz;
    this.scale = scaleOf(kHz);
    // No TSC jumps.
    for (const [i, vcpu] of this.vcpus.entries()) moveTo(vcpu, before[i]!);
    this.onRate?.();
    this.refresh();
  }

  /** The host has paused the guest, and lets it go on: clocks say so. */
  pause(): void {
    for (const { clock } of this.vcpus) clock.pause();
    this.refresh();
  }

  /** The processors had no power: every MSR is forgotten, and the TSCs begin anew. */
  forget(): void {
    for (const vcpu of this.vcpus) moveTo(vcpu, { low: 0, high: 0 });
    this.onRate?.();
    this.reset('hard');
  }

  /** A processor's TSC is so many ticks behind where it was, and its clock does not know it. */
  delay(vcpu: number, ticks: number): void {
    const { tscOffset, follow } = this.vcpus[vcpu]!;
    follow?.();
    const low = tscOffset.low - ticks;
    tscOffset.low = low >>> 0;
    if (low < 0) tscOffset.high = (tscOffset.high - 1) >>> 0;
    this.onRate?.();
  }

  /** @internal */
  usesOldClock(isOld: boolean): void {
    if (this.isOld === isOld) return;
    this.isOld = isOld;
    this.refresh();
  }

  /** The date when system time was 0, once for each write of the MSR. @internal */
  writeDate(at: Gpa): void {
    const { size, offset } = reg.pvclock_wall_clock;
    const range = at === 0 ? null : this.memory.find(at, size);
    const { dated } = this.board.clock;
    if (range === null || dated === null) return;
    const { view, base } = range;
    const since = dated.at + this.plan.uptime;
    const ns = (SECOND - (since % SECOND)) % SECOND;
    const before = view.getUint32(at - base, true);
    const version = (before + (before & 1) + 1) >>> 0;
    view.setUint32(at - base, version, true);
    view.setUint32(at - base + offset.sec, (dated.secondsSince1970 - Math.ceil(since / SECOND)) >>> 0, true);
    view.setUint32(at - base + offset.nsec, ns, true);
    view.setUint32(at - base, (version + 1) >>> 0, true);
    this.changed(at, size);
  }

  /** @internal */
  changed(at: Gpa, length: number): void {
    const { memory } = this;
    memory.dirty?.(at, at + length, false);
    memory.fence();
    this.arm();
  }

  /** @internal */
  interrupt(vcpu: number, vector: number): void {
    this.board.messages.deliver({ bdf: 0, vector: 0 }, MSI_ADDRESS + vcpu * 0x1000, vector);
  }

  /** With the power the TSCs go, too, so that they agree again. */
  reset(kind: ResetKind): void {
    this.isOld = false;
    for (const vcpu of this.vcpus) vcpu.reset();
    if (kind === 'power') {
      for (const { tscOffset } of this.vcpus) tscOffset.low = tscOffset.high = 0;
      this.onRate?.();
    }
    this.vcpus[0]!.events?.reset();
    this.sync.disarm();
    this.end.disarm();
  }

  close(): void {
    this.board.clock.remove(this.sync);
    this.board.clock.remove(this.end);
  }

  private arm(): void {
    if (!this.isStable && this.sync.slot < 0 && this.vcpus.some(({ clock }) => clock.area.isOn))
      this.sync.arm(SYNC_PERIOD);
  }

  private ownLeaf(vcpu: number, leaf: number): Leaf {
    const { cpuid, vcpus } = this.plan;
    const vendor = (cpuid.eax & EXTENDED_FAMILY) === 0 ? INTEL : AMD;
    switch (leaf) {
      case 0:
        return [1, ...vendor];
      case 1:
        return [cpuid.eax, ((vcpu << 24) | (vcpus << 16)) >>> 0, (reg.HYPERVISOR | X2APIC) >>> 0, cpuid.edx];
      case EXTENDED:
        return [POWER, 0, 0, 0];
      case POWER:
        return [0, 0, 0, INVARIANT_TSC];
      default:
        return NOTHING;
    }
  }
}

function ticksOf(vcpu: Vcpu): { low: number; high: number } {
  const { eax, edx, events } = vcpu;
  vcpu.events = null;
  vcpu.rdtsc();
  const ticks = { low: vcpu.eax, high: vcpu.edx };
  Object.assign(vcpu, { eax, edx, events });
  return ticks;
}

function moveTo(vcpu: Vcpu, { low, high }: { low: number; high: number }): void {
  const now = ticksOf(vcpu);
  const { tscOffset } = vcpu;
  const by = tscOffset.low + low - now.low;
  tscOffset.low = by >>> 0;
  tscOffset.high = (tscOffset.high + high - now.high + Math.floor(by / 2 ** 32)) >>> 0;
}
