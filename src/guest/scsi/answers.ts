import { struct } from '../../core/struct.ts';

/** Standard INQUIRY data (SPC-4, 6.6.2), the first 36 bytes. */
const inquiry_data = struct('INQUIRY', 'be', {
  peripheral: 'u8',
  removable: 'u8',
  version: 'u8',
  format: 'u8',
  additional_length: 'u8',
  flags: { bytes: 3 },
  vendor: { bytes: 8 },
  product: { bytes: 16 },
  revision: { bytes: 4 },
});
export const INQUIRY_SIZE = inquiry_data.size;

/** A unit's identification (SPC-4, standard INQUIRY data). */
export interface Inquiry {
  /** 0: a unit is connected; 1: it could be; 3: this target has no such unit. */
  readonly qualifier: number;
  /** 0 is a direct-access block device. */
  readonly type: number;
  readonly removable: boolean;
  /** ANSI version: 5 is SPC-3, 6 is SPC-4. */
  readonly version: number;
  /** Text without padding spaces. */
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  /** All bytes received. */
  readonly bytes: Uint8Array;
}

/** @param bytes at least 36, padded with zeros if the target sent less. */
export function decodeInquiry(bytes: Uint8Array): Inquiry {
  const data = inquiry_data.decode(bytes);
  return {
    qualifier: data.peripheral >> 5,
    type: data.peripheral & 0x1f,
    removable: (data.removable & 0x80) !== 0,
    version: data.version,
    vendor: text(data.vendor),
    product: text(data.product),
    revision: text(data.revision),
    bytes,
  };
}

const capacity_16 = struct('READ CAPACITY(16)', 'be', {
  last_lba: 'u64',
  block_length: 'u32',
  protection: 'u8',
  exponents: 'u8',
  provisioning: 'u16',
});
const capacity_10 = struct('READ CAPACITY(10)', 'be', { last_lba: 'u32', block_length: 'u32' });
/** Bytes that an answer has at least. */
export const CAPACITY_16_SIZE = capacity_16.size;
export const CAPACITY_10_SIZE = capacity_10.size;

/** The size of a unit (SBC-3, READ CAPACITY). */
export interface Capacity {
  /** Logical blocks. */
  readonly blocks: number;
  /** Bytes of a logical and of a physical block. */
  readonly blockLength: number;
  readonly physicalBlockLength: number;
  /** UNMAP may be supported. */
  readonly thin: boolean;
}

const LOGICAL_BLOCK_PROVISIONING = 0x8000;

export function decodeCapacity16(bytes: Uint8Array): Capacity {
  const data = capacity_16.decode(bytes);
  return {
    blocks: Number(data.last_lba) + 1,
    blockLength: data.block_length,
    physicalBlockLength: data.block_length * 2 ** (data.exponents & 0xf),
    thin: (data.provisioning & LOGICAL_BLOCK_PROVISIONING) !== 0,
  };
}

export function decodeCapacity10(bytes: Uint8Array): Capacity {
  const data = capacity_10.decode(bytes);
  const blockLength = data.block_length;
  return { blocks: data.last_lba + 1, blockLength, physicalBlockLength: blockLength, thin: false };
}

/** Block Limits, VPD page B0, by SBC-3. */
const block_limits = struct('Block Limits', 'be', {
  head: 'u32',
  flags: 'u8',
  compare_and_write: 'u8',
  granularity: 'u16',
  transfer_max: 'u32',
  transfer_optimal: 'u32',
  prefetch_max: 'u32',
  unmap_blocks: 'u32',
  unmap_extents: 'u32',
});

/** Limits in blocks; Infinity if the unit reports none. */
export interface BlockLimits {
  readonly transfer: number;
  readonly unmapBlocks: number;
  readonly unmapExtents: number;
}

export const NO_LIMITS: BlockLimits = { transfer: Number.POSITIVE_INFINITY, unmapBlocks: 0, unmapExtents: 0 };

/** @param page the page as received. Fields missing from a page shorter than SBC-3's are 0: no limit reported. */
export function decodeBlockLimits(page: Uint8Array): BlockLimits {
  const whole = new Uint8Array(block_limits.size);
  whole.set(page.subarray(0, whole.length));
  const data = block_limits.decode(whole);
  return {
    transfer: data.transfer_max === 0 ? Number.POSITIVE_INFINITY : data.transfer_max,
    unmapBlocks: data.unmap_blocks,
    unmapExtents: data.unmap_extents,
  };
}

const LUNS_HEAD = 8;

/** LUNs of a REPORT LUNS answer: eight bytes each, of which the first two hold a LUN below 16384. */
export function decodeLuns(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < LUNS_HEAD) return [];
  const count = Math.min(Math.floor(view.getUint32(0) / 8), Math.floor((bytes.length - LUNS_HEAD) / 8));
  return Array.from({ length: count }, (_, i) => view.getUint16(LUNS_HEAD + 8 * i) & 0x3fff);
}

/** Padded with spaces, or with zeros by QEMU. */
function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return String.fromCharCode(...bytes.subarray(0, end < 0 ? bytes.length : end)).trimEnd();
}
