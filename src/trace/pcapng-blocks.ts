import { type Endian, struct } from '../core/struct.ts';

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
export const SHORTEST_BLOCK = 12;

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
