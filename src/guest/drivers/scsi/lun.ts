import { checkWhole } from '../../../core/checks.ts';

/** Address of a logical unit: the target, 0 to 255, and the unit in it, 0 to 16383. */
export interface UnitAddress {
  readonly target: number;
  readonly lun: number;
}

export function checkUnit({ target, lun }: UnitAddress): void {
  checkWhole('target', target, 0, 0xff);
  checkWhole('lun', lun, 0, 0x3fff);
}

/** SAM's flat space addressing, as Linux sends it. */
const FLAT = 0x40;

/** The LUN field of a request: 01, the target, and a single-level LUN. */
export function lunField({ target, lun }: UnitAddress): Uint8Array {
  return Uint8Array.of(1, target, FLAT | (lun >> 8), lun & 0xff, 0, 0, 0, 0);
}

/** Events may carry the peripheral form, 00 and the LUN, or the flat one. */
export function parseLunField(bytes: Uint8Array): UnitAddress {
  return { target: bytes[1]!, lun: ((bytes[2]! & 0x3f) << 8) | bytes[3]! };
}
