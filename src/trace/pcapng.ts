import { type Endian, struct } from '../core/struct.ts';
import { type CapturedFrame, Frames, need, requireEthernet, unreadable } from './captured-frame.ts';

/** State of one section. */
const MOST_INTERFACES = 65_536;

interface Interface {
  readonly snaplen: number;
  /** Ticks per second. */
  readonly resolution: bigint;
  /** Seconds to add to every time stamp. */
  readonly offset: bigint;
}

export function isPcapng(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && LAYOUTS.le.trailer.decode(bytes).total_length === BLOCK.SECTION;
}

/** Reads a pcapng file, for which `isPcapng` is true. @throws MisuseError with the offset of the fault. */
export function readPcapng(bytes: Uint8Array, most: number): CapturedFrame[] {
  return new PcapngReader(bytes, most).read();
}

/** Walks the blocks of one file; every step advances by at least the shortest block, so it terminates. */
class PcapngReader {
  private readonly bytes: Uint8Array;
  private readonly frames: Frames;
  private interfaces: Interface[] = [];
  private endian: Endian = 'le';
  private first: bigint | null = null;
  private latest = 0;

  constructor(bytes: Uint8Array, most: number) {
    this.bytes = bytes;
    this.frames = new Frames(most);
  }

  read(): CapturedFrame[] {
    for (let at = 0; at < this.bytes.length; ) at = this.block(at);
    return this.frames.all;
  }

  private block(at: number): number {
    need(this.bytes, at, SHORTEST_BLOCK, 'a block');
    if (LAYOUTS[this.endian].any.decode(this.bytes, at).type === BLOCK.SECTION) this.section(at);
    const { any, trailer } = LAYOUTS[this.endian];
    const { type, total_length: length } = any.decode(this.bytes, at);
    if (length < SHORTEST_BLOCK || length % 4 !== 0)
      throw unreadable(at + any.offset.total_length, length, 'a block length, a multiple of 4 from 12');
    need(this.bytes, at, length, 'a block');
    const end = at + length - trailer.size;
    const again = trailer.decode(this.bytes, end).total_length;
    if (again !== length) throw unreadable(end, again, `the block's length again, ${length}`);
    if (type === BLOCK.INTERFACE) this.interface(at, end);
    else if (type === BLOCK.ENHANCED_PACKET) this.enhanced(at, end);
    else if (type === BLOCK.SIMPLE_PACKET) this.simple(at, end);
    return at + length;
  }

  /** A section has its own interfaces, and its own byte order, detected before its block is read. */
  private section(at: number): void {
    const { size, offset } = LAYOUTS.le.section;
    need(this.bytes, at, size, 'a section header');
    const orders = (['le', 'be'] as const).filter(
      (endian) => LAYOUTS[endian].section.decode(this.bytes, at).byte_order_magic === BYTE_ORDER_MAGIC,
    );
    if (orders[0] === undefined)
      throw unreadable(at + offset.byte_order_magic, 'this', 'the byte-order magic 1a2b3c4d');
    this.endian = orders[0];
    const { major } = LAYOUTS[this.endian].section.decode(this.bytes, at);
    if (major !== 1) throw unreadable(at + offset.major, major, 'version 1');
    this.interfaces = [];
  }

  private interface(at: number, end: number): void {
    const { interface: layout } = LAYOUTS[this.endian];
    this.fits(at, layout.size, end);
    if (this.interfaces.length === MOST_INTERFACES)
      throw unreadable(at, 'another interface', `one of the ${MOST_INTERFACES} that are read`);
    const { linktype, snaplen } = layout.decode(this.bytes, at);
    requireEthernet(linktype, at + layout.offset.linktype);
    const resolution = this.option(at + layout.size, end, OPTION.IF_TSRESOL, 1);
    const offset = this.option(at + layout.size, end, OPTION.IF_TSOFFSET, 8);
    this.interfaces.push({
      snaplen,
      resolution: resolution === null ? 1_000_000n : ticksPerSecond(resolution.getUint8(0)),
      offset: offset?.getBigInt64(0, this.endian === 'le') ?? 0n,
    });
  }

  private enhanced(at: number, end: number): void {
    const { enhanced: layout } = LAYOUTS[this.endian];
    this.fits(at, layout.size, end);
    const packet = layout.decode(this.bytes, at);
    const source = this.interfaces[packet.interface_id];
    if (source === undefined)
      throw unreadable(at + layout.offset.interface_id, packet.interface_id, 'an interface of this section');
    const from = at + layout.size;
    const length = packet.captured_length;
    if (length > end - from)
      throw unreadable(at + layout.offset.captured_length, length, `at most ${end - from}, the block's room`);
    const ticks = (BigInt(packet.timestamp_high) << 32n) | BigInt(packet.timestamp_low);
    const nanos = (ticks * 1_000_000_000n) / source.resolution + source.offset * 1_000_000_000n;
    this.first ??= nanos;
    this.latest = Number(nanos - this.first);
    const flags = this.option(from + padded(length), end, OPTION.EPB_FLAGS, 4);
    this.keep(from, length, packet.original_length, flags?.getUint32(0, this.endian === 'le') ?? 0);
  }

  /** A Simple Packet Block belongs to the first interface and has no time: it gets that of the previous frame. */
  private simple(at: number, end: number): void {
    const { simple: layout } = LAYOUTS[this.endian];
    this.fits(at, layout.size, end);
    const source = this.interfaces[0];
    if (source === undefined) throw unreadable(at, 'a simple packet', 'after an interface description');
    const { original_length: original } = layout.decode(this.bytes, at);
    const length = source.snaplen === 0 ? original : Math.min(original, source.snaplen);
    const room = end - at - layout.size;
    if (length > room)
      throw unreadable(at + layout.offset.original_length, length, `at most ${room}, the block's room`);
    this.keep(at + layout.size, length, original, 0);
  }

  private keep(from: number, length: number, originalLength: number, flags: number): void {
    const data = this.bytes.subarray(from, from + length);
    const direction = flags & 3;
    const known = direction === DIRECTION.in ? 'in' : direction === DIRECTION.out ? 'out' : null;
    const frame = { at: this.latest, data, originalLength };
    this.frames.add(known === null ? frame : { ...frame, direction: known }, from);
  }

  private fits(at: number, size: number, end: number): void {
    if (at + size > end) throw unreadable(at, end - at, `${size} bytes of block before its trailer`);
  }

  /** The value of the first option `code`, or null. Another length than `size` is malformed. */
  private option(at: number, end: number, code: number, size: number): DataView | null {
    const { option } = LAYOUTS[this.endian];
    while (at < end) {
      this.fits(at, option.size, end);
      const found = option.decode(this.bytes, at);
      if (found.code === OPTION.END) return null;
      this.fits(at + option.size, padded(found.length), end);
      if (found.code === code) {
        if (found.length !== size) throw unreadable(at + 2, found.length, `an option length of ${size}`);
        return new DataView(this.bytes.buffer, this.bytes.byteOffset + at + option.size, size);
      }
      at += option.size + padded(found.length);
    }
    return null;
  }
}

/** if_tsresol, section 4.2: the top bit chooses powers of 2 over powers of 10. */
function ticksPerSecond(resolution: number): bigint {
  return (resolution & 0x80 ? 2n : 10n) ** BigInt(resolution & 0x7f);
}

/** draft-ietf-opsawg-pcapng, section 11.1. */
export const BLOCK = {
  INTERFACE: 1,
  SIMPLE_PACKET: 3,
  ENHANCED_PACKET: 6,
  /** The same in both byte orders. */
  SECTION: 0x0a0d_0d0a,
} as const;

export const BYTE_ORDER_MAGIC = 0x1a2b_3c4d;

/** Option codes of sections 3.5, 4.2 and 4.3. */
export const OPTION = {
  END: 0,
  COMMENT: 1,
  IF_NAME: 2,
  IF_TSRESOL: 9,
  IF_TSOFFSET: 14,
  EPB_FLAGS: 2,
} as const;

/** Bits 1:0 of epb_flags, section 4.3. */
export const DIRECTION = { in: 1, out: 2 } as const;

/** A block's length is before and after its body: 12 bytes are an empty block. */
const SHORTEST_BLOCK = 12;

/** Blocks and options are padded to four bytes. */
export function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}

const blocks = (endian: Endian) => ({
  any: struct('block', endian, { type: 'u32', total_length: 'u32' }),
  section: struct('section_header', endian, {
    type: 'u32',
    total_length: 'u32',
    byte_order_magic: 'u32',
    major: 'u16',
    minor: 'u16',
    section_length: 'u64',
  }),
  interface: struct('interface_description', endian, {
    type: 'u32',
    total_length: 'u32',
    linktype: 'u16',
    reserved: 'u16',
    snaplen: 'u32',
  }),
  enhanced: struct('enhanced_packet', endian, {
    type: 'u32',
    total_length: 'u32',
    interface_id: 'u32',
    timestamp_high: 'u32',
    timestamp_low: 'u32',
    captured_length: 'u32',
    original_length: 'u32',
  }),
  simple: struct('simple_packet', endian, { type: 'u32', total_length: 'u32', original_length: 'u32' }),
  option: struct('option', endian, { code: 'u16', length: 'u16' }),
  trailer: struct('block_trailer', endian, { total_length: 'u32' }),
});

type Layouts = ReturnType<typeof blocks>;

/** Every structure in either byte order. */
export const LAYOUTS: Readonly<Record<Endian, Layouts>> = { le: blocks('le'), be: blocks('be') };
