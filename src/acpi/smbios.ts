import { type Struct, struct } from '../core/struct.ts';
import { bytesOf, checksum } from './header.ts';

/** The entry point of a machine's structures. Source: SMBIOS 2.4 (DSP0134), 2.1. */
export const SMBIOS_ENTRY_POINT = struct('SMBIOS Entry Point', 'le', {
  Anchor_String: { bytes: 4 },
  Checksum: 'u8',
  Length: 'u8',
  Major_Version: 'u8',
  Minor_Version: 'u8',
  Maximum_Structure_Size: 'u16',
  Entry_Point_Revision: 'u8',
  Formatted_Area: { bytes: 5 },
  Intermediate_Anchor_String: { bytes: 5 },
  Intermediate_Checksum: 'u8',
  Structure_Table_Length: 'u16',
  Structure_Table_Address: 'u32',
  Number_of_Structures: 'u16',
  BCD_Revision: 'u8',
});

/** The header of every structure; the strings that its numbers refer to follow its formatted part. */
export const SMBIOS_HEADER = struct('SMBIOS Structure Header', 'le', {
  Type: 'u8',
  Length: 'u8',
  Handle: 'u16',
});

/** Concatenated structures. */
export interface SmbiosTable {
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly largest: number;
}

type Value = number | bigint | string | Uint8Array;

/**
 * One structure: header, formatted part, strings. A text in `values` is stored as a string of its own, even if another is
 * equal, and its number is the member's value; the empty text is number 0, "not specified".
 */
export function structure<S extends Struct>(
  layout: S,
  type: number,
  handle: number,
  values: { readonly [K in keyof S['members']]?: Value },
): Uint8Array {
  const texts: string[] = [];
  const numbered = Object.entries<Value>(values as Record<string, Value>).map(([member, value]) => {
    if (typeof value !== 'string') return [member, value];
    return [member, value === '' ? 0 : texts.push(value)];
  });
  const body = layout.encode(Object.fromEntries(numbered));
  const header = SMBIOS_HEADER.encode({
    Type: type,
    Length: SMBIOS_HEADER.size + layout.size,
    Handle: handle,
  });
  const strings = texts.length === 0 ? '\0' : texts.map((text) => `${text}\0`).join('');
  return Uint8Array.of(...header, ...body, ...bytesOf(`${strings}\0`));
}

export function smbiosTable(structures: readonly Uint8Array[]): SmbiosTable {
  return {
    bytes: Uint8Array.from(structures.flatMap((one) => [...one])),
    count: structures.length,
    largest: Math.max(...structures.map((one) => one.length)),
  };
}

/** Two checksums: of its second half, which older software finds alone, then of all. @param at the table's address. */
export function smbiosEntryPoint({ bytes, count, largest }: SmbiosTable, at: number): Uint8Array {
  const { offset, size } = SMBIOS_ENTRY_POINT;
  const entry = SMBIOS_ENTRY_POINT.encode({
    Anchor_String: bytesOf('_SM_'),
    Length: size,
    Major_Version: 2,
    Minor_Version: 4,
    Maximum_Structure_Size: largest,
    Intermediate_Anchor_String: bytesOf('_DMI_'),
    Structure_Table_Length: bytes.length,
    Structure_Table_Address: at,
    Number_of_Structures: count,
    BCD_Revision: 0x24,
  });
  entry[offset.Intermediate_Checksum] = checksum(entry, offset.Intermediate_Anchor_String);
  entry[offset.Checksum] = checksum(entry);
  return entry;
}
