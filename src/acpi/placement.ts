import type { Gpa } from '../core/bits.ts';

/** A table and its address. */
export interface Placement {
  /**
   * A table's signature (`FACP`, `DSDT`), or `RSDP`, `_MP_`, `PCMP`, `$PIR`, `_SM_`, `DMI`, `BDA`, `EBDA`. Of a UEFI, also
   * `RSDP 1.0`, `RSDT 1.0`, and `Tpm2Tabl` for its second SSDT.
   */
  readonly name: string;
  readonly address: Gpa;
  readonly bytes: Uint8Array;
}

/** The start of `size` bytes that end at `top`, or below it as `alignment` requires. */
export function below(top: Gpa, size: number, alignment = 16): Gpa {
  return Math.floor((top - size) / alignment) * alignment;
}

/** Places tables from `start` down, each on a multiple of 16 bytes or of its own, with room for `more` bytes after it. */
export function stackFrom(start: Gpa): {
  readonly tables: readonly Placement[];
  readonly place: (name: string, bytes: Uint8Array, more?: number, alignment?: number) => Gpa;
} {
  const tables: Placement[] = [];
  let top = start;
  const place = (name: string, bytes: Uint8Array, more = 0, alignment = 16): Gpa => {
    top = below(top, bytes.length + more, alignment);
    tables.push({ name, address: top, bytes });
    return top;
  };
  return { tables, place };
}
