import type { Gpa } from '../../../core/bits.ts';
import type { GuestMemory } from '../../../core/memory.ts';
import { Refusal } from './errno.ts';
import type { Exchange } from './exchange.ts';
import { dma_map, dma_unmap, MAP, UNMAP_ALL } from './registers.ts';

const PAGE = 4096;
/**
 * Regions at once. RAM without an IOMMU comes in some dozens; each may take a file and a mapping, of which Linux gives a
 * process 65,530.
 */
export const MAPS_MOST = 1024;
/** A longer view aborts the process. */
const SIZE_MAX = 0xffff_f000;
const { flags, offset, address, size } = dma_map.offset;
const unmap = dma_unmap.offset;

/** Part of a file of the client's, in this process. */
export interface Mapping {
  readonly bytes: Uint8Array;
  /** Ends it: code that still has the bytes reaches nothing of the client's any more. */
  release(): void;
}

export interface Mapper {
  /**
   * @param shared writes reach the file; else they stay here, as with a ROM.
   * @param fd belongs to the mapper from now on.
   * @throws Refusal for bytes beyond the file, or a file that cannot be mapped.
   */
  map(fd: number, offset: number, length: number, shared: boolean): Mapping;
}

interface Region {
  readonly address: Gpa;
  readonly size: number;
  /** Null if the client has no file for it: then a device cannot access it. */
  readonly mapping: Mapping | null;
}

/** The memory of a client for one device: DMA_MAP and DMA_UNMAP. */
export class DmaRegions {
  private readonly ram: SharedRam;
  private readonly mapper: Mapper;
  private readonly regions = new Map<Gpa, Region>();
  /** Those of them that can be accessed. */
  private readonly mapped = new Map<Gpa, Uint8Array>();

  constructor(ram: SharedRam, mapper: Mapper) {
    this.ram = ram;
    this.mapper = mapper;
  }

  map(exchange: Exchange): number {
    exchange.needs(dma_map.size);
    const region = { address: exchange.u64(address), size: exchange.u64(size) };
    const from = exchange.u64(offset);
    check(region);
    if (this.regions.size >= MAPS_MOST) throw new Refusal('ENOSPC');
    if (this.meets(region)) throw new Refusal('EEXIST');
    const [fd] = exchange.fds.splice(0, 1);
    const shared = (exchange.u32(flags) & MAP.writeable) !== 0;
    const mapping = fd === undefined ? null : this.mapper.map(fd, from, region.size, shared);
    this.regions.set(region.address, { ...region, mapping });
    if (mapping === null) return 0;
    this.ram.join(this.mapped);
    this.ram.mapped(this.mapped, region.address, mapping.bytes);
    this.mapped.set(region.address, mapping.bytes);
    return 0;
  }

  unmap(exchange: Exchange): number {
    exchange.needs(dma_unmap.size);
    if ((exchange.u32(unmap.flags) & UNMAP_ALL) !== 0) this.unmapAll();
    else this.unmapOne(exchange.u64(unmap.address), exchange.u64(unmap.size));
    exchange.echo(dma_unmap.size);
    return dma_unmap.size;
  }

  /** None of the client's memory can be accessed from now on. */
  close(): void {
    this.ram.leave(this.mapped);
    this.unmapAll();
  }

  private unmapAll(): void {
    for (const region of this.regions.values()) this.forget(region);
  }

  private unmapOne(at: Gpa, length: number): void {
    const region = this.regions.get(at);
    if (region === undefined) throw new Refusal('ENOENT');
    if (region.size !== length) throw new Refusal('EINVAL');
    this.forget(region);
  }

  private forget({ address: at, mapping }: Region): void {
    this.regions.delete(at);
    if (mapping === null) return;
    this.mapped.delete(at);
    this.ram.unmapped(this.mapped, at);
    mapping.release();
  }

  private meets({ address: at, size: length }: Omit<Region, 'mapping'>): boolean {
    for (const one of this.regions.values())
      if (at < one.address + one.size && one.address < at + length) return true;
    return false;
  }
}

function check({ address: at, size: length }: Omit<Region, 'mapping'>): void {
  if (length > SIZE_MAX) throw new Refusal('ENOMEM');
  if (length === 0 || length % PAGE !== 0 || at % PAGE !== 0 || !Number.isSafeInteger(at + length))
    throw new Refusal('EINVAL');
}

/** Memory of one client connection, by its guest addresses. */
type Mapped = ReadonlyMap<Gpa, Uint8Array>;

/**
 * The machine's RAM. A client maps the guest's memory once for each device, the same each time: the first device's is
 * used, and when that device is gone, the next one's.
 */
export class SharedRam {
  private readonly memory: GuestMemory;
  private holders: readonly Mapped[] = [];

  /** @param memory its present RAM is removed. */
  constructor(memory: GuestMemory) {
    this.memory = memory;
    memory.hasCpusBeside = true;
    for (const { base } of memory.ranges) memory.unmap(base);
  }

  /** Once is enough. */
  join(holder: Mapped): void {
    if (!this.holders.includes(holder)) this.holders = [...this.holders, holder];
  }

  leave(holder: Mapped): void {
    const isFirst = this.isFirst(holder);
    this.holders = this.holders.filter((one) => one !== holder);
    if (!isFirst) return;
    for (const at of holder.keys()) this.memory.unmap(at);
    for (const [at, bytes] of this.holders[0] ?? []) this.memory.map(at, bytes);
  }

  mapped(holder: Mapped, at: Gpa, bytes: Uint8Array): void {
    if (this.isFirst(holder)) this.memory.map(at, bytes);
  }

  unmapped(holder: Mapped, at: Gpa): void {
    if (this.isFirst(holder)) this.memory.unmap(at);
  }

  private isFirst(holder: Mapped): boolean {
    return this.holders[0] === holder;
  }
}
