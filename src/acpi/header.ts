import { struct } from '../core/struct.ts';
import { ascii, NOOP } from './aml.ts';

/** The header of every table but RSDP and FACS. Source: ACPI 6.5, 5.2.6. */
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

/** The checksum byte for the bytes from `from` on, in which it is zero now. */
export function checksum(bytes: Uint8Array, from = 0): number {
  let sum = 0;
  for (let at = from; at < bytes.length; at++) sum += bytes[at]!;
  return -sum & 0xff;
}

/** Header fields beside length and checksum; the defaults are those of Google's own tables. */
interface TableIdentity {
  readonly signature: string;
  readonly revision: number;
  readonly oemId?: string;
  /** Eight characters. Default `GOOG` and the signature. */
  readonly oemTableId?: string;
  readonly oemRevision?: number;
  readonly creatorId?: string;
  readonly creatorRevision?: number;
}

/** A complete table of Google's: header, concatenated `parts`, checksum. */
export function table(
  signature: string,
  revision: number,
  ...parts: readonly ArrayLike<number>[]
): Uint8Array {
  return tableBy({ signature, revision }, ...parts);
}

/** The same for any maker. */
export function tableBy(identity: TableIdentity, ...parts: readonly ArrayLike<number>[]): Uint8Array {
  const { signature, revision, oemId = OEM_ID, oemTableId = `${CREATOR_ID}${signature}` } = identity;
  const { oemRevision = 1, creatorId = CREATOR_ID, creatorRevision = 1 } = identity;
  const length = parts.reduce((sum, part) => sum + part.length, DESCRIPTION_HEADER.size);
  const bytes = new Uint8Array(length);
  DESCRIPTION_HEADER.encode(
    {
      Signature: bytesOf(signature),
      Length: length,
      Revision: revision,
      OEMID: bytesOf(oemId),
      OEM_Table_ID: bytesOf(oemTableId),
      OEM_Revision: oemRevision,
      Creator_ID: bytesOf(creatorId),
      Creator_Revision: creatorRevision,
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

/** Noops that pad the AML to such a length; none if it is already as long. */
export function noops(length: number, { length: aml }: ArrayLike<number>): Uint8Array {
  return new Uint8Array(Math.max(0, length - DESCRIPTION_HEADER.size - aml)).fill(NOOP);
}
