import { MisuseError } from '../core/misuse.ts';
import {
  BLOCK_CHARACTERISTICS,
  BLOCK_LIMITS,
  DESIGNATOR,
  ERASED,
  EXTENDED_INQUIRY,
  EXTENDED_INQUIRY_FLAGS5,
  EXTENDED_INQUIRY_FLAGS6,
  INQUIRY_FLAGS7,
  INQUIRY_FORMAT,
  PROVISIONING,
  PROVISIONING_FLAGS,
  STANDARD_INQUIRY,
  VPD_HEADER,
} from './commands/registers.ts';
import {
  MAX_COMPARE,
  MAX_TRANSFER,
  MAX_UNMAP_BLOCKS,
  MAX_UNMAP_DESCRIPTORS,
  MAX_WRITE_SAME,
  PHYSICAL_BLOCKS,
} from './registers.ts';

const { CMDQUE } = INQUIRY_FLAGS7.mask;
const { LBPU, LBPWS, LBPWS10 } = PROVISIONING_FLAGS.mask;
const { HEADSUP, ORDSUP, SIMPSUP } = EXTENDED_INQUIRY_FLAGS5.mask;
const { V_SUP } = EXTENDED_INQUIRY_FLAGS6.mask;
const SPC_4 = 6;
/** Version descriptors, each the code of a standard with no version claimed. */
const SAM_5_STANDARD = 0x00a0;
const SPC_4_STANDARD = 0x0460;
const SBC_3_STANDARD = 0x04c0;
const THIN = 2;
/** VPD B0: Linux of Compute Engine prints no preferred or optimal size, as it would for any other number. */
const NOT_REPORTED = 0;
/** VPD B1: rotation rate not reported, which Linux treats as a rotating disk, and a non-rotating disk. */
const RATE_NOT_REPORTED = 0;
const NON_ROTATING = 1;
// Designator code set and types, SPC-4 7.8.6.
const ASCII = 2;
const VENDOR_SPECIFIC = 0;
const T10_VENDOR = 1;

/** Identification of a disk. The defaults are those of GCE's PersistentDisk. Text is printable ASCII. */
export interface IdentityOptions {
  /** Up to 8 characters. Default `Google`. */
  readonly vendor?: string;
  /** Up to 16 characters. Default `PersistentDisk`; SCSI local SSDs are `EphemeralDisk`. */
  readonly product?: string;
  /** Up to 4 characters. Default `1`. */
  readonly revision?: string;
  /** VPD 80. Default 20 spaces, which in SPC-4 means none. */
  readonly serial?: string;
  /** VPD 83. Default `persistent-disk-0`. */
  readonly deviceName?: string;
  /**
   * Form of the one designator in VPD 83. Default `vendor`: the device name alone, type 0, which Linux guests must have
   * read to call it `scsi-0Google_PersistentDisk_…`. `t10` is vendor and device name, which a Windows driver accepts.
   */
  readonly designator?: 't10' | 'vendor';
  /** VPD B1: rate not reported (pd-standard) or non-rotating (SSD). Default true. */
  readonly rotational?: boolean;
}

/** Standard INQUIRY data, 96 bytes. */
export function standardInquiry(options: IdentityOptions): Uint8Array {
  return STANDARD_INQUIRY.encode({
    version: SPC_4,
    format: INQUIRY_FORMAT.encode({ HISUP: 1, FORMAT: 2 }),
    additional: STANDARD_INQUIRY.size - STANDARD_INQUIRY.offset.flags5,
    flags7: CMDQUE,
    vendor: padded('disk.vendor', options.vendor ?? 'Google', 8),
    product: padded('disk.product', options.product ?? 'PersistentDisk', 16),
    revision: padded('disk.revision', options.revision ?? '1', 4),
    standard1: SAM_5_STANDARD,
    standard2: SPC_4_STANDARD,
    standard3: SBC_3_STANDARD,
  });
}

/** VPD pages by page code, in ascending order as page 00 lists them. @param hasAll of a disk with all commands. */
export function vpdPages(options: IdentityOptions, hasAll = false): ReadonlyMap<number, Uint8Array> {
  const serial = text('disk.serial', options.serial ?? ' '.repeat(20), 252);
  const pages = [
    page(0x80, VPD_HEADER.size, serial),
    page(0x83, VPD_HEADER.size, designator(options)),
    ...(hasAll ? [extendedInquiry()] : []),
    blockLimits(hasAll),
    blockCharacteristics(options.rotational ?? true, hasAll),
    provisioning(hasAll),
  ];
  const list = Uint8Array.of(0x00, ...pages.map((data) => data[VPD_HEADER.offset.page]!));
  return new Map(
    [page(0x00, VPD_HEADER.size, list), ...pages].map((data) => [data[VPD_HEADER.offset.page]!, data]),
  );
}

function designator(options: IdentityOptions): Uint8Array {
  const t10 = options.designator === 't10';
  const name = text('disk.deviceName', options.deviceName ?? 'persistent-disk-0', 240);
  const vendor = t10 ? padded('disk.vendor', options.vendor ?? 'Google', 8) : new Uint8Array();
  const data = new Uint8Array(DESIGNATOR.size + vendor.length + name.length);
  const type = t10 ? T10_VENDOR : VENDOR_SPECIFIC;
  DESIGNATOR.encode({ code_set: ASCII, type, length: data.length - DESIGNATOR.size }, data);
  data.set(vendor, DESIGNATOR.size);
  data.set(name, DESIGNATOR.size + vendor.length);
  return data;
}

function extendedInquiry(): Uint8Array {
  const flags = { flags5: HEADSUP | ORDSUP | SIMPSUP, flags6: V_SUP };
  return EXTENDED_INQUIRY.encode(flags, page(0x86, EXTENDED_INQUIRY.size));
}

function blockLimits(hasAll: boolean): Uint8Array {
  const data = page(0xb0, BLOCK_LIMITS.size);
  const more = {
    max_compare_and_write: MAX_COMPARE,
    max_write_same: BigInt(MAX_WRITE_SAME),
    max_atomic: MAX_TRANSFER,
  };
  return BLOCK_LIMITS.encode(
    {
      ...(hasAll && more),
      optimal_granularity: NOT_REPORTED,
      max_transfer: MAX_TRANSFER,
      optimal_transfer: NOT_REPORTED,
      max_unmap_blocks: MAX_UNMAP_BLOCKS,
      max_unmap_descriptors: MAX_UNMAP_DESCRIPTORS,
      unmap_granularity: PHYSICAL_BLOCKS,
    },
    data,
  );
}

function blockCharacteristics(rotational: boolean, hasAll: boolean): Uint8Array {
  const rotation_rate = rotational ? RATE_NOT_REPORTED : NON_ROTATING;
  const flags7 = hasAll ? ERASED.encode({ WABEREQ: 1, WACEREQ: 1 }) : 0;
  return BLOCK_CHARACTERISTICS.encode({ rotation_rate, flags7 }, page(0xb1, BLOCK_CHARACTERISTICS.size));
}

function provisioning(hasAll: boolean): Uint8Array {
  const flags = LBPU | (hasAll ? LBPWS | LBPWS10 : 0) | PROVISIONING_FLAGS.encode({ LBPRZ: 1 });
  return PROVISIONING.encode({ flags, type: THIN }, page(0xb2, PROVISIONING.size));
}

/** A page of `size` bytes, or of the length of header and `content`. */
function page(code: number, size: number, content: Uint8Array = new Uint8Array()): Uint8Array {
  const data = new Uint8Array(Math.max(size, VPD_HEADER.size + content.length));
  VPD_HEADER.encode({ page: code, length: data.length - VPD_HEADER.size }, data);
  data.set(content, VPD_HEADER.size);
  return data;
}

function padded(path: string, value: string, size: number): Uint8Array {
  return text(path, value, size, value.padEnd(size));
}

function text(path: string, value: string, most: number, written: string = value): Uint8Array {
  if (!/^[\x20-\x7e]*$/.test(value) || value.length > most)
    throw new MisuseError(path, value, `up to ${most} printable ASCII characters`);
  return Uint8Array.from(written, (character) => character.charCodeAt(0));
}
