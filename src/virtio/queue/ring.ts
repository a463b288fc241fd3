import type { Gpa } from '../../core/bits.ts';
import type { Board } from '../../core/board.ts';
import type { GuestMemory, Held } from '../../core/memory.ts';
import type { Endian } from '../../core/struct.ts';
import type { Manners } from '../manners.ts';
import type { Batch } from './batch/batch.ts';
import { ChainCursor } from './chain.ts';
import type { QueueEvents, RingFault } from './events.ts';
import type { Virtqueue } from './virtqueue.ts';

/** What a queue needs from its device. */
export interface QueueHost {
  readonly board: Board;
  queueInterrupt(index: number): void;
  /** Whether bus mastering is on, and the device works. Default yes. */
  readonly canReachMemory?: boolean;
  /** Writes that waited for the CPUs are published. */
  resumed?(): void;
  /** A ring has a fault and stopped. */
  ringStopped?(): void;
  readonly eventIdx: boolean;
  readonly indirect: boolean;
  readonly inOrder: boolean;
  readonly notifyOnEmpty: boolean;
  readonly manners?: Pick<Manners, 'kickDecoys'> | undefined;
}

/** A queue as transports use it; split and packed alike. */
export interface RingQueue extends Virtqueue {
  /** The most entries the device takes: what `size` is after a reset. */
  readonly maximum: number;
  /** Sets the number of entries, as chosen by the driver. */
  resize(size: number): void;
  /** Sets the addresses of the three areas: descriptors, driver area, device area. */
  configure(desc: Gpa, driver: Gpa, device: Gpa): void;
  /** Returns to the initial state. */
  reset(): void;
  /** Address of the descriptors; 0 while not configured. */
  readonly address: Gpa;
  /** Whether the driver suppresses interrupts now. */
  readonly suppressed: boolean;
  /** Suppresses kicks until it has looked and found nothing. */
  hush(): void;
  /**
   * Whether `nextOff`, the upper half of a notification with NOTIFICATION_DATA (next_off and next_wrap), is where
   * the driver goes on. Also true if the ring has nothing to compare it with.
   */
  checkNotified(nextOff: number): boolean;
}

/** A ring as the layer that keeps IN_ORDER uses it. */
export interface InOrderRing extends RingQueue {
  /** The watcher of the driver; null for none. */
  events: QueueEvents | null;
  /** Chain `id` was used, with `written` bytes, before the one pushed last, whose used entry stands for both. */
  pushWithLast(id: number, written: number): void;
  /** Takes nothing more for now, and enables kicks. */
  rest(): void;
  /** Whether everything pushed is visible to the driver. */
  readonly isPublished: boolean;
}

/** The last byte that a signed 32-bit word addresses: chains beyond need the slower, general walk. */
const FAST_RAM_LAST = 0x7fff_ffff;

/** The common part of the two ring formats: location of the areas, the cursor, and stopping at a fault. */
export abstract class Ring implements Held {
  // Declared, a field has the type of its first value for the engine; otherwise it is undefined first, and every load checked.
  declare readonly index: number;
  declare readonly maximum: number;
  declare size: number;
  declare readonly chain: ChainCursor;
  declare protected readonly host: QueueHost;
  declare protected readonly memory: GuestMemory;
  protected desc: Gpa = 0;
  protected driver: Gpa = 0;
  protected device: Gpa = 0;
  protected configured = false;
  protected broken = false;
  /** The memory's epoch in which the areas were found; -1, which no epoch is, before that. */
  protected epoch = -1;
  /** The same for taking chains: -1 also if the ring has stopped. Chains taken before may still be returned. */
  protected openEpoch = -1;
  /**
   * The same for the short way: -1 also if there is more to do than moving chains (a watcher, a host that caches code or
   * has other CPUs, a hint to take back). So one comparison covers all of these, and hot methods stay small.
   */
  protected shortEpoch = -1;
  /** The driver was asked not to kick. */
  protected hushed = false;
  /** The area that the device writes. */
  protected writtenAt: Gpa = 0;
  protected writtenBytes = 0;
  /** Whether the current walk used an indirect table: for the event, so only if the ring is watched. */
  protected indirect = false;
  /** Chains reported as used but not as published. */
  private unpublished = 0;
  private watcher: QueueEvents | null = null;
  /** The last byte of RAM from address 0 that the fast walk may use; -1 sends every chain the general way. */
  protected fastLast = -1;

  constructor(index: number, maximum: number, host: QueueHost) {
    this.index = index;
    this.maximum = maximum;
    this.size = maximum;
    this.host = host;
    this.memory = host.board.memory;
    this.chain = new ChainCursor(this.memory);
  }

  get events(): QueueEvents | null {
    return this.watcher;
  }

  set events(events: QueueEvents | null) {
    this.watcher = events;
    this.chooseWay();
  }

  get ready(): boolean {
    return this.configured && !this.broken;
  }

  get address(): Gpa {
    return this.configured ? this.desc : 0;
  }

  resize(size: number): void {
    this.size = size;
  }

  /** The default for a ring without a short way. */
  deliver(_header: Int32Array, _headerBytes: number, _body: Uint8Array): boolean {
    return false;
  }

  take(_batch: Batch): number {
    return 0;
  }

  /** Chains of a ring that was replaced are returned one by one. */
  give(batch: Batch): void {
    for (let i = 0; i < batch.count; i++) {
      batch.scatter(i);
      this.push(batch.id(i), batch.written(i));
    }
  }

  pushTogether(ids: readonly number[], written: readonly number[], count: number): void {
    for (let i = 0; i < count; i++) this.push(ids[i]!, written[i]!);
  }

  protected abstract push(id: number, written: number): void;
  abstract flush(): void;
  /** Whether everything pushed is visible to the driver. */
  abstract readonly isPublished: boolean;

  /** CPUs now see what the device wrote into buffers. Without bus mastering this is published after the next kick. */
  resume(): void {
    if (this.host.canReachMemory === false) return;
    this.flush();
    this.host.resumed?.();
  }

  /** Finds the areas in RAM; false if one does not lie in it. */
  protected abstract locate(): boolean;

  protected abstract readonly packed: boolean;

  protected get endian(): Endian {
    return 'le';
  }

  protected forget(): void {
    this.unpublished = 0;
    this.indirect = false;
    this.events?.forgotten(this.index);
    this.configured = this.broken = false;
    this.epoch = this.openEpoch = this.shortEpoch = -1;
    this.hushed = false;
    this.size = this.maximum;
  }

  protected place(desc: Gpa, driver: Gpa, device: Gpa): void {
    this.desc = desc;
    this.driver = driver;
    this.device = device;
    this.configured = true;
    this.broken = false;
    this.chain.makeRoom(this.maximum);
    this.tellPlaced(desc, driver, device);
    // Bytes pushed but never published are written nevertheless.
    if (this.reopen()) this.memory.dirty?.(this.writtenAt, this.writtenAt + this.writtenBytes, false);
    else this.stop('ring outside', 0, desc);
  }

  protected tellPlaced(desc: Gpa, driver: Gpa, device: Gpa): void {
    const { packed, endian, size } = this;
    this.events?.placed(this.index, { packed, endian, size, desc, driver, device });
  }

  /** The chain in the cursor now belongs to the device. */
  protected tellTaken(): void {
    this.watcher!.taken(this.index, this.chain, this.indirect);
    this.indirect = false;
  }

  protected tellUsed(id: number, written: number): void {
    if (this.watcher === null) return;
    this.unpublished++;
    this.watcher.used(this.index, id, written);
  }

  /** The driver may see the used chains: notifies watchers, and the host of the device's writes. */
  protected tellPublished(): void {
    this.memory.dirty?.(this.writtenAt, this.writtenAt + this.writtenBytes, false);
    if (this.events === null) return;
    const count = this.unpublished;
    this.unpublished = 0;
    this.events.published(this.index, count);
  }

  /** Finds the areas again if the RAM's ranges changed; false if one does not lie in RAM. */
  protected relocate(): boolean {
    if (!this.configured) return false;
    this.epoch = this.locate() ? this.memory.epoch : -1;
    const first = this.memory.ranges[0];
    const fast = first !== undefined && first.base === 0;
    this.fastLast = fast ? Math.min(first.size - 1, FAST_RAM_LAST) : -1;
    this.chain.main = fast ? first : null;
    return this.epoch >= 0;
  }

  /** As `relocate`, for taking chains: also false once the ring is broken. */
  protected reopen(): boolean {
    if (this.broken || !this.relocate()) return false;
    this.openEpoch = this.epoch;
    this.chooseWay();
    return true;
  }

  /** To be called when an input of `shortEpoch` changes. A change of the memory's hook is a new epoch. */
  protected chooseWay(): void {
    const { host, hushed, memory, watcher } = this;
    const busy =
      watcher !== null ||
      memory.dirty !== null ||
      memory.hasCpusBeside ||
      memory.delay !== null ||
      host.manners?.kickDecoys === true;
    this.shortEpoch = busy || hushed ? -1 : this.openEpoch;
  }

  /** Adds a segment in the general way: any address, every check. */
  protected addChecked(words: Int32Array, at: number, write: boolean, slot: number): boolean {
    const { chain } = this;
    const length = words[at + 2]! >>> 0;
    const address = (words[at + 1]! >>> 0) * 0x1_0000_0000 + (words[at]! >>> 0);
    if (length === 0) return this.stop('buffer empty', slot);
    if (chain.count === this.size) return this.stop('chain too long', slot, this.size);
    if (!write && chain.writableBytes > 0) return this.stop('buffer misplaced', slot);
    const range = this.memory.find(address, length);
    if (range === null) return this.stop('buffer outside', slot, address, length);
    chain.add(range, address, length, write);
    return true;
  }

  /** The table that the descriptor at word `at` points to, or null if it is invalid. */
  protected indirectTable(
    words: Int32Array,
    at: number,
  ): { words: Int32Array; word: number; count: number } | null {
    const length = words[at + 2]! >>> 0;
    const address = (words[at + 1]! >>> 0) * 0x1_0000_0000 + (words[at]! >>> 0);
    if (length === 0 || length % 16 !== 0) {
      this.stop('table length', 0, length);
      return null;
    }
    const range = this.memory.find(address, length);
    if (range === null || address % 4 !== 0) {
      this.stop('table outside', 0, address);
      return null;
    }
    this.indirect = true;
    return { words: range.words, word: (address - range.base) / 4, count: length / 16 };
  }

  /** A ring with such a fault stops until it is reset: going on would mean guessing the guest's intention. */
  protected stop(fault: RingFault, slot = 0, value = 0, other = 0): false {
    this.broken = true;
    this.openEpoch = this.shortEpoch = -1;
    this.tell(fault, slot, value, other);
    this.host.ringStopped?.();
    return false;
  }

  protected tell(fault: RingFault, slot = 0, value = 0, other = 0): void {
    this.events?.fault(this.index, fault, slot, value, other);
  }
}
