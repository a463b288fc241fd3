import { CAPABILITY_ID } from '../../../pci/registers.ts';
import { MODERN_ID } from '../../../virtio/transport/modern/registers.ts';
import { regionKind } from './regions.ts';
import type { TraceEvent } from './trace-line.ts';

type Event<Name extends TraceEvent['event']> = Extract<TraceEvent, { event: Name }>;

const BARS = 6;
const COMMAND = 4;
const [BAR0, BAR_END] = [0x10, 0x28];
const ALL_ONES = 0xffff_ffff;
const PAGE_MASK = 0xfff;
const VIRTIO = /^virtio-(\w+?)-pci/;
/** Registers of the legacy header, and of the modern common structure. */
const LEGACY = { features: 0, accepted: 4, address: 8, size: 12, select: 14 } as const;
const COMMON = {
  select: 0,
  features: 4,
  acceptedSelect: 8,
  accepted: 12,
  queue: 0x16,
  size: 0x18,
  enable: 0x1c,
} as const;
/** QEMU's limit for one device. */
const MOST_QUEUES = 1024;
export const MOST_VECTORS = 2048;
/** And a machine no more functions, bridges among them, which are asked one after another: of what else there is, nothing is replayed. */
const MOST_FUNCTIONS = 256;

/** A function as a trace shows it. A value that the trace does not show is null. */
export class SeenFunction {
  readonly bdf: number;
  readonly name: string;
  deviceId: number | null = null;
  class: number | null = null;
  vectors: number | null = null;
  /** Offsets of capabilities, by their id: the first of each. */
  readonly capabilities = new Map<number, number>();
  /** How large each base address is; 0 is none. */
  readonly sizes = new Array<number>(BARS).fill(0);
  /** The present address of each. */
  readonly bases = new Array<number>(BARS).fill(-1);
  /** Words of features that it offers, if they were read; and of those that its driver accepted. */
  readonly offered: (number | null)[] = [null, null, null, null];
  readonly taken = [0, 0, 0, 0];
  /** Entries of queues, if they were read. */
  readonly queueSizes: (number | undefined)[] = [];
  /** How many queues its driver uses. */
  queues = 0;
  /** Base addresses and Command before the trace began: they were read before they were written. */
  readonly initial = new Map<number, number>();
  byLegacy = false;
  byModern = false;
  private readonly begun = new Set<number>();
  private sizing = new Array<boolean>(BARS).fill(false);
  private selected = 0;
  private word = 0;
  private takenWord = 0;

  constructor(bdf: number, name: string) {
    this.bdf = bdf;
    this.name = name;
  }

  /** `net`, or null if it is not a virtio function. */
  get type(): string | null {
    return VIRTIO.exec(this.name)?.[1] ?? null;
  }

  get isModern(): boolean {
    return this.deviceId === null ? this.byModern && !this.byLegacy : this.deviceId >= MODERN_ID;
  }

  get isTransitional(): boolean {
    return !this.isModern && (this.byModern || this.sizes[4]! > 0);
  }

  config({ write, offset, value }: Event<'config'>): void {
    if (this.isDecoding(offset) && !this.begun.has(offset)) {
      this.begun.add(offset);
      if (!write) this.initial.set(offset, value);
    }
    if (offset >= BAR0 && offset < BAR_END && offset % 4 === 0) {
      this.base((offset - BAR0) / 4, write, value);
      return;
    }
    if (write) return;
    if (offset === 0 && value > 0xffff) this.deviceId = value >>> 16;
    if (offset === 2) this.deviceId = value & 0xffff;
    if (offset === 8 && value > 0xffff) this.class = value >>> 8;
    if (offset >= 0x40 && offset % 4 === 0) this.capability(offset, value);
    const msix = this.capabilities.get(CAPABILITY_ID.MSIX);
    if (msix !== undefined && offset === msix + 2) this.vectors = (value & (MOST_VECTORS - 1)) + 1;
  }

  private isDecoding(offset: number): boolean {
    return offset === COMMAND || (offset >= BAR0 && offset < BAR_END && offset % 4 === 0);
  }

  private base(index: number, write: boolean, value: number): void {
    if (!write && this.sizing[index]) {
      const low = value & 1 ? 3 : 15;
      this.sizes[index] = value === 0 ? 0 : (~(value & ~low) >>> 0) + 1;
    }
    if (!write && this.bases[index] === -1 && value !== 0) this.bases[index] = addressOf(value);
    if (write) {
      this.sizing[index] = value === ALL_ONES;
      if (value !== ALL_ONES) this.bases[index] = addressOf(value);
    }
  }

  private capability(offset: number, value: number): void {
    const id = value & 0xff;
    const isKnown = id === CAPABILITY_ID.MSIX || id === CAPABILITY_ID.VENDOR;
    // Linux reads a capability's first two bytes together.
    if (isKnown && value <= 0xffff && !this.capabilities.has(id)) this.capabilities.set(id, offset);
  }

  /** A register of the legacy header. */
  header(offset: number, { write, value, size }: Event<'access'>): void {
    this.byLegacy = true;
    if (write && offset === LEGACY.select) this.selected = value;
    if (write && offset === LEGACY.accepted && size === 4) this.take(0, value);
    if (!write && offset === LEGACY.features && size === 4) this.offered[0] ??= value;
    if (write && offset === LEGACY.address && value !== 0) this.used(this.selected);
    if (!write && offset === LEGACY.size) this.sized(value);
  }

  common(offset: number, { write, value, size }: Event<'access'>): void {
    if (write && offset === COMMON.select) this.word = value;
    if (write && offset === COMMON.acceptedSelect) this.takenWord = value;
    if (write && offset === COMMON.accepted && size === 4) this.take(this.takenWord, value);
    if (write && offset === COMMON.queue) this.selected = value;
    if (!write && offset === COMMON.features && size === 4 && this.word < 4)
      this.offered[this.word] ??= value;
    if (write && offset === COMMON.enable) this.used(this.selected);
    if (!write && offset === COMMON.size) this.sized(value);
  }

  private take(word: number, value: number): void {
    if (word < 4) this.taken[word] = (this.taken[word]! | value) >>> 0;
  }

  private sized(value: number): void {
    const { selected } = this;
    const isSize = value >= 0 && value <= 0x8000 && (value === 0 || Number.isInteger(Math.log2(value)));
    if (isSize && selected < MOST_QUEUES)
      this.queueSizes[selected] = Math.max(value, this.queueSizes[selected] ?? 0);
  }

  /** The driver uses a queue, whether it asked for its size or not. */
  used(queue: number): void {
    if (queue < MOST_QUEUES) this.queues = Math.max(this.queues, queue + 1);
  }
}

/** What a trace shows of its machine: a first pass, before the replay. */
export class Survey {
  readonly functions = new Map<number, SeenFunction>();
  /** The function of a region that its name alone identifies. */
  private readonly owners = new Map<string, SeenFunction>();

  take(event: TraceEvent): void {
    if (event.event === 'config') this.functionOf(event)?.config(event);
    else if (event.event === 'access' && event.cpu >= 0) this.access(event);
  }

  private functionOf({ bdf, name }: Event<'config'>): SeenFunction | null {
    const known = this.functions.get(bdf);
    if (known !== undefined) return known;
    if (this.functions.size === MOST_FUNCTIONS) return null;
    const fn = new SeenFunction(bdf, name);
    this.functions.set(bdf, fn);
    return fn;
  }

  private access(event: Event<'access'>): void {
    const kind = regionKind(event.name);
    if (kind === 'legacy') {
      const fn = this.owner(event, 0);
      fn?.header(event.address - fn.bases[0]!, event);
    }
    if (kind === 'common' || kind === 'isr' || kind === 'device' || kind === 'notify') {
      const fn = this.owner(event, 4);
      if (fn !== null) fn.byModern = true;
      if (kind === 'common') fn?.common(event.address & PAGE_MASK, event);
    }
  }

  /** The function whose base address maps it. */
  owner({ region, address }: Event<'access'>, index: number): SeenFunction | null {
    const holds = (fn: SeenFunction) => {
      const [base, size] = [fn.bases[index]!, Math.max(fn.sizes[index]!, index === 0 ? 32 : 0x4000)];
      return base > 0 && address >= base && address < base + size;
    };
    const known = this.owners.get(region);
    if (known !== undefined && holds(known)) return known;
    for (const fn of this.functions.values())
      if (holds(fn)) {
        this.owners.set(region, fn);
        return fn;
      }
    return null;
  }
}

function addressOf(base: number): number {
  return (base & ~(base & 1 ? 3 : 15)) >>> 0;
}
