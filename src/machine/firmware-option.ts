import * as v from 'valibot';
import { flag, object } from './option-kinds.ts';

/** Compute Engine has two, which differ in tables, memory map and in how they leave the machine. */
export type FirmwareKind = 'bios' | 'uefi';

/** Which firmware runs before the guest, and what it did. */
export interface FirmwareChoice {
  readonly kind: FirmwareKind;
  /** It booted from the disk. */
  readonly used: boolean;
}

const details = object({
  /** Default "bios". */
  kind: v.optional(v.picklist(['bios', 'uefi'], '"bios" or "uefi"')),
  /** The firmware booted from the disk: disks have told it of the power-on, and a BIOS leaves their adapter running. Default true. */
  used: v.optional(flag),
});

export const firmware = v.union(
  [flag, v.literal('uefi'), details],
  'true, false, "uefi" or an object (example {"used": false})',
);

/** What was asked for; null is no firmware. */
export function firmwareChoice(given: v.InferOutput<typeof firmware> = true): FirmwareChoice | null {
  if (given === false) return null;
  const { kind = 'bios', used = true } = typeof given === 'object' ? given : {};
  return { kind: given === 'uefi' ? given : kind, used };
}
