import { allOnes, type Width } from '../../../core/bits.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { PORT } from '../../../core/places.ts';
import type { Bar } from '../../../pci/config-space.ts';
import { CONFIG_SIZE, type ConfigSpace } from '../../../pci/config-space.ts';
import { CONFADD } from '../../../pci/registers.ts';
import { Refusal } from './errno.ts';
import { type Exchange, TRANSFER_MAX } from './exchange.ts';
import {
  header,
  REGION_FLAGS,
  REGIONS,
  region_access,
  region_info,
  region_write,
  write_multi,
} from './registers.ts';

const { ENABLE } = CONFADD.mask;
const { offset: OFFSET, region: REGION, count: COUNT } = region_access.offset;
const DATA = header.size + region_access.size;

/** A PCI function that is plugged in. */
interface PluggedFunction {
  readonly bdf: number;
  readonly bars: readonly Bar[];
  readonly config: ConfigSpace;
}

/** The widest access that a guest makes to configuration space. */
const WIDEST = 4;

/**
 * The regions of a function, its base addresses and its configuration space, for a client that names offsets. Each access
 * takes the guest's path, so that it counts as the guest's.
 */
export class Regions {
  private readonly port: GuestPort;
  private readonly fn: PluggedFunction;

  constructor(port: GuestPort, fn: PluggedFunction) {
    this.port = port;
    this.fn = fn;
  }

  info(exchange: Exchange): number {
    exchange.needs(region_info.size);
    const index = exchange.u32(region_info.offset.index);
    if (index >= REGIONS.count) throw new Refusal('EINVAL');
    const size = this.sizeOf(index);
    const flags = size > 0 ? REGION_FLAGS.read | REGION_FLAGS.write : 0;
    const answer = { argsz: region_info.size, flags, index, cap_offset: 0, size: BigInt(size), offset: 0n };
    region_info.encode(answer, exchange.reply, header.size);
    return region_info.size;
  }

  read(exchange: Exchange): number {
    exchange.needs(region_access.size);
    const { offset, region, count } = this.place(exchange, 0);
    exchange.echo(region_access.size);
    if (region === REGIONS.config && count > WIDEST) exchange.reply.set(this.copy(offset, count), DATA);
    else this.readTo(exchange, region, offset, count);
    return region_access.size + count;
  }

  write(exchange: Exchange): number {
    exchange.needs(region_access.size);
    exchange.needs(region_access.size + exchange.u32(COUNT));
    this.writeFrom(exchange, 0);
    exchange.echo(region_access.size);
    return region_access.size;
  }

  writeMulti(exchange: Exchange): number {
    exchange.needs(write_multi.size);
    const count = exchange.u64(write_multi.offset.wr_cnt);
    exchange.needs(write_multi.size + count * region_write.size);
    for (let i = 0; i < count; i++) {
      const at = write_multi.size + i * region_write.size;
      if (exchange.u32(at + COUNT) > region_write.members.data.bytes) throw new Refusal('EINVAL');
      this.writeFrom(exchange, at);
    }
    exchange.echo(write_multi.size);
    return write_multi.size;
  }

  private readTo(exchange: Exchange, region: number, offset: number, count: number): void {
    for (let at = 0; at < count; ) {
      const width = widthAt(region, offset + at, count - at);
      put(exchange.replyView, DATA + at, this.load(region, offset + at, width), width);
      at += width;
    }
  }

  /** The client itself reads: no guest reads as much at once, and registers that act when read do not. */
  private copy(offset: number, count: number): Uint8Array {
    return this.fn.config.bytes.subarray(offset, offset + count);
  }

  private writeFrom(exchange: Exchange, from: number): void {
    const { offset, region, count } = this.place(exchange, from);
    for (let at = 0; at < count; ) {
      const width = widthAt(region, offset + at, count - at);
      this.store(region, offset + at, take(exchange.view, DATA + from + at, width), width);
      at += width;
    }
  }

  private place(exchange: Exchange, at: number) {
    const place = {
      offset: exchange.u64(at + OFFSET),
      region: exchange.u32(at + REGION),
      count: exchange.u32(at + COUNT),
    };
    const { offset, region, count } = place;
    if (count > TRANSFER_MAX || offset + count > this.sizeOf(region)) throw new Refusal('EINVAL');
    return place;
  }

  private sizeOf(index: number): number {
    if (index === REGIONS.config) return CONFIG_SIZE;
    return this.barOf(index)?.region.size ?? 0;
  }

  private barOf(index: number): Bar | undefined {
    return this.fn.bars.find((bar) => bar.index === index);
  }

  private load(region: number, offset: number, width: Width): number {
    const { port } = this;
    if (region === REGIONS.config) return port.in(this.configPort(offset), width);
    const { kind, mapped } = this.barOf(region)!;
    if (mapped === null) return allOnes(width);
    return kind === 'io' ? port.in(mapped + offset, width) : port.read(mapped + offset, width);
  }

  private store(region: number, offset: number, value: number, width: Width): void {
    const { port } = this;
    if (region === REGIONS.config) {
      port.out(this.configPort(offset), value, width);
      return;
    }
    const { kind, mapped } = this.barOf(region)!;
    if (mapped === null) return;
    if (kind === 'io') port.out(mapped + offset, value, width);
    else port.write(mapped + offset, value, width);
  }

  /** Selects the register in CONFADD. @returns its port of CONFDATA. */
  private configPort(offset: number): number {
    this.port.out(PORT.CONFADD, (ENABLE | (this.fn.bdf << 8) | (offset & ~3)) >>> 0, 4);
    return PORT.CONFDATA + (offset & 3);
  }
}

/** An access is made as the guest made it; longer ones, and those that cross a register's double word, in parts. */
function widthAt(region: number, offset: number, left: number): Width {
  const room = region === REGIONS.config ? 4 - (offset & 3) : 4;
  const most = Math.min(left, room);
  return most >= 4 ? 4 : most >= 2 ? 2 : 1;
}

function take(view: DataView, at: number, width: Width): number {
  if (width === 1) return view.getUint8(at);
  return width === 2 ? view.getUint16(at, true) : view.getUint32(at, true);
}

function put(view: DataView, at: number, value: number, width: Width): void {
  if (width === 1) view.setUint8(at, value);
  else if (width === 2) view.setUint16(at, value, true);
  else view.setUint32(at, value, true);
}
