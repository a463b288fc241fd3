import * as v from 'valibot';
import type { Gpa } from '../core/bits.ts';
import { MisuseError } from '../core/misuse.ts';
import { flag, object } from './option-kinds.ts';

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
}

const MP_POINTER = 'a multiple of 16 from f1000 to f8000 (example 0xf2b30)';
const isMpPointer = (at: Gpa) => at % 16 === 0 && at >= 0xf_1000 && at <= 0xf_8000;

const details = object({
  /** Which firmware. Default "bios". */
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
});

export const firmware = v.union(
  [flag, v.literal('uefi'), details],
  'true, false, "uefi" or an object (example {"used": false})',
);

/** The firmware that was asked for; null is no firmware. */
export function firmwareChoice(given: v.InferOutput<typeof firmware> = true): FirmwareChoice | null {
  if (given === false) return null;
  const { kind = 'bios', used = true, build, mpPointer } = typeof given === 'object' ? given : {};
  if (kind === 'uefi' && build !== undefined)
    throw new MisuseError('firmware.build', build, 'left out with a UEFI');
  if (kind === 'uefi' && mpPointer !== undefined)
    throw new MisuseError('firmware.mpPointer', mpPointer, 'left out with a UEFI');
  return { kind: given === 'uefi' ? given : kind, used, build: build ?? 2018, mpPointer };
}
