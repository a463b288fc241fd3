import type { Gpa } from '../core/bits.ts';

/** A table and where it lies. */
export interface Placement {
  /**
   * A table's signature (`FACP`, `DSDT`), or `RSDP`, `_MP_`, `PCMP`, `$PIR`, `_SM_`, `DMI`, `BDA`, `EBDA`. Of a UEFI, also
   * `RSDP 1.0`, `RSDT 1.0`, and `Tpm2Tabl` for its second SSDT.
   */
  readonly name: string;
  readonly address: Gpa;
  readonly bytes: Uint8Array;
}

/** Where `size` bytes begin that end at `top` or as far below as `alignment` wants. */
export function below(top: Gpa, size: number, alignment = 16): Gpa {
  return Math.floor((top - size) / alignment) * alignment;
}
