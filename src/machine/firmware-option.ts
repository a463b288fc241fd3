import * as v from 'valibot';
import type { Gpa } from '../core/bits.ts';
import { MisuseError } from '../core/misuse.ts';
import { flag, isNumbered, object } from './option-kinds.ts';

/** Compute Engine has two, which differ in tables, memory map and in how they leave the machine. */
export type FirmwareKind = 'bios' | 'uefi';

/** Which firmware runs before the guest, and what it did. */
export interface FirmwareChoice {
  readonly kind: FirmwareKind;
  /** It booted from the disk. */
  readonly used: boolean;
  /** Which build of the BIOS. */
  readonly build: 2018 | 2024;
  /** Where its MP pointer lies, if not where that build has it. */
  readonly mpPointer: Gpa | undefined;
  /** Where memory bases of 64 bits are placed from, above 4 GiB; undefined with the others. */
  readonly wideStart: Gpa | undefined;
}

/**
 * Of base addresses above 4 GiB. One that is cut to 32 bits leads to where no RAM is, and no other base address: so
 * that is seen.
 */
const WIDE_START: Gpa = 0x80_e000_0000;

const MP_POINTER = 'a multiple of 16 from f1000 to f8000 (example 0xf2b30)';
const isMpPointer = (at: Gpa) => at % 16 === 0 && at >= 0xf_1000 && at <= 0xf_8000;

const details = object({
  /** Which firmware. Default "bios" on gceN1, gceE2 and qemuPc, "uefi" on the others. */
  kind: v.optional(v.picklist(['bios', 'uefi'], '"bios" or "uefi"')),
  /**
   * The firmware booted from the disk: disks have reported the power-on, and a BIOS leaves their adapter running. Default
   * true.
   */
  used: v.optional(flag),
  /**
   * The build of the BIOS, whose tables are placed: that of 2018, or those that guests found in 2022 and
   * 2024. Default 2018.
   */
  build: v.optional(v.picklist([2018, 2024], '2018 or 2024')),
  /**
   * Of the BIOS: where the MP pointer lies, which moves from build to build. The RSDP lies below, as far as the SMBIOS
   * structures between them need. Default: where the build has it. Seen: F2B30 (11/17/2023), F2A80 (02/29/2024), F2810 (August 2018), F25A0 (2020).
   */
  mpPointer: v.optional(
    v.pipe(
      v.number(MP_POINTER),
      v.check((at) => isMpPointer(at), MP_POINTER),
    ),
  ),
  /**
   * Base addresses of 64 bits are placed above 4 GiB, from 80e0000000 on: no firmware of Compute Engine was seen to do so,
   * but Linux did it itself on a machine that left them unset. Default false.
   */
  barsAbove4G: v.optional(flag),
});

export const firmware = v.union(
  [flag, v.literal('uefi'), details],
  'true, false, "uefi" or an object (example {"used": false})',
);

/** The firmware that was asked for; null is no firmware. @param usual that of the machine, where none is named. */
export function firmwareChoice(
  usual: FirmwareKind,
  given: v.InferOutput<typeof firmware> = true,
): FirmwareChoice | null {
  if (given === false) return null;
  const {
    kind = given === 'uefi' ? given : usual,
    used = true,
    build,
    mpPointer,
    barsAbove4G = false,
  } = typeof given === 'object' ? given : {};
  if (kind === 'uefi' && build !== undefined)
    throw new MisuseError('firmware.build', build, 'left out with a UEFI');
  if (kind === 'uefi' && mpPointer !== undefined)
    throw new MisuseError('firmware.mpPointer', mpPointer, 'left out with a UEFI');
  const wideStart = barsAbove4G ? WIDE_START : undefined;
  return { kind, used, build: build ?? 2018, mpPointer, wideStart };
}

/** The file that the device always has. */
const OWN_FILE = 'etc/e820';
const NAME = `a name of 1 to 55 ASCII characters, not ${OWN_FILE}`;
const FILE = 'a whole number of 0 or more, a string or bytes';
/** As many as have keys, but for the device's own. */
const MOST = 0x4000 - 0x20 - 1;
const FILES = `an object of at most ${MOST} files`;

/** The contents of a file of the device. */
type FwCfgFile = number | string | Uint8Array;

function isFile(x: unknown): boolean {
  return typeof x === 'string' || x instanceof Uint8Array || (Number.isSafeInteger(x) && (x as number) >= 0);
}

const anyFiles = v.record(
  v.pipe(
    v.string(NAME),
    v.regex(/^[\x21-\x7e]{1,55}$/, NAME),
    v.check((name) => name !== OWN_FILE, NAME),
  ),
  // A check, not a type: an error names the file that is wrong.
  v.pipe(
    v.custom<FwCfgFile>(() => true),
    v.check((file: FwCfgFile) => isFile(file), FILE),
  ),
  FILES,
);
const refused = v.never(FILES) as unknown as typeof anyFiles;
const files = v.lazy((input) => (isTooMany(input) ? refused : anyFiles));

function isTooMany(input: unknown): boolean {
  return (
    isNumbered(input) || (typeof input === 'object' && input !== null && Object.keys(input).length > MOST)
  );
}

export const fwCfg = v.union(
  [
    flag,
    object({
      /** Further files by their names: a number is 64 bits, low byte first, and a text UTF-8. Default none. */
      files: v.optional(files),
    }),
  ],
  'true, false or an object (example {"files": {"etc/sercon-port": 1016}})',
);

export type FwCfgFiles = Readonly<Record<string, Uint8Array>>;

/** @returns null where the device is not there. */
export function fwCfgFiles(option: v.InferOutput<typeof fwCfg>): FwCfgFiles | null {
  if (option === false) return null;
  const given = option === true ? {} : (option.files ?? {});
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, bytesOf(value)]));
}

function bytesOf(value: FwCfgFile): Uint8Array {
  if (typeof value === 'string') return new TextEncoder().encode(value);
  if (typeof value !== 'number') return value.slice();
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}
