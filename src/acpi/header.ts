import { struct } from '../core/struct.ts';
import { ascii } from './aml.ts';

/** The head of every table but RSDP and FACS. Source: ACPI 6.5, 5.2.6. */
export const DESCRIPTION_HEADER = struct('DESCRIPTION_HEADER', 'le', {
  Signature: { bytes: 4 },
  Length: 'u32',
  Revision: 'u8',
  Checksum: 'u8',
  OEMID: { bytes: 6 },
  OEM_Table_ID: { bytes: 8 },
  OEM_Revision: 'u32',
  Creator_ID: { bytes: 4 },
  Creator_Revision: 'u32',
});

export const OEM_ID = 'Google';
const CREATOR_ID = 'GOOG';

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(ascii(text));
}

/** What makes the bytes from `from` to `to` sum to zero, if the byte that is to hold it is zero now. */
export function checksum(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let sum = 0;
  for (let at = from; at < to; at++) sum += bytes[at]!;
  return -sum & 0xff;
}

/** A whole table: header, `parts` one behind the other, checksum. `GOOG` stands before the signature as OEM id. */
export function table(
  signature: string,
  revision: number,
  ...parts: readonly ArrayLike<number>[]
): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, DESCRIPTION_HEADER.size);
  const bytes = new Uint8Array(length);
  DESCRIPTION_HEADER.encode(
    {
      Signature: bytesOf(signature),
      Length: length,
      Revision: revision,
      OEMID: bytesOf(OEM_ID),
      OEM_Table_ID: bytesOf(`${CREATOR_ID}${signature}`),
      OEM_Revision: 1,
      Creator_ID: bytesOf(CREATOR_ID),
      Creator_Revision: 1,
    },
    bytes,
  );
  let at: number = DESCRIPTION_HEADER.size;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  bytes[DESCRIPTION_HEADER.offset.Checksum] = checksum(bytes);
  return bytes;
}
