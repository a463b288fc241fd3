import { struct } from '../core/struct.ts';
import { bytesOf, checksum, OEM_ID, table, tableBy } from './header.ts';

/** The root pointer: with a BIOS, found by its signature on 16 byte boundaries below 1 MiB. Source: ACPI 6.5, 5.2.5. */
export const RSDP = struct('RSDP', 'le', {
  Signature: { bytes: 8 },
  Checksum: 'u8',
  OEMID: { bytes: 6 },
  Revision: 'u8',
  RsdtAddress: 'u32',
});

/** Further fields of RSDP from revision 2 on. Source: ACPI 6.5, 5.2.5.3. */
export const RSDP_EXTENSION = struct('RSDP from revision 2 on', 'le', {
  Length: 'u32',
  XsdtAddress: 'u64',
  Extended_Checksum: 'u8',
  Reserved: { bytes: 3 },
});

export function rsdp(rsdt: number): Uint8Array {
  return pointer(0, rsdt);
}

/** Two checksums: of revision 0's part, then of all. */
export function extendedRsdp(rsdt: number, xsdt: number): Uint8Array {
  const bytes = new Uint8Array(RSDP.size + RSDP_EXTENSION.size);
  bytes.set(pointer(2, rsdt));
  RSDP_EXTENSION.encode({ Length: bytes.length, XsdtAddress: BigInt(xsdt) }, bytes, RSDP.size);
  bytes[RSDP.size + RSDP_EXTENSION.offset.Extended_Checksum] = checksum(bytes);
  return bytes;
}

function pointer(Revision: number, RsdtAddress: number): Uint8Array {
  const [Signature, OEMID] = [bytesOf('RSD PTR '), bytesOf(OEM_ID)];
  const bytes = RSDP.encode({ Signature, OEMID, Revision, RsdtAddress });
  bytes[RSDP.offset.Checksum] = checksum(bytes);
  return bytes;
}

/** @param tables addresses of all tables but DSDT and FACS, which FADT points to. */
export function rsdt(tables: readonly number[]): Uint8Array {
  return table('RSDT', 1, doublewords(tables));
}

/** RSDT and XSDT as EDK2 makes them, with the OEM's names from the FADT. @param tables as for `rsdt`. */
export function edk2Roots(tables: readonly number[]): {
  readonly rsdt: Uint8Array;
  readonly xsdt: Uint8Array;
} {
  const edk2 = {
    revision: 1,
    oemTableId: 'GOOGFACP',
    creatorId: ' '.repeat(4),
    creatorRevision: 0x0100_0013,
  };
  const quadwords = new Uint8Array(BigUint64Array.from(tables, BigInt).buffer);
  return {
    rsdt: tableBy({ signature: 'RSDT', ...edk2 }, doublewords(tables)),
    xsdt: tableBy({ signature: 'XSDT', ...edk2 }, quadwords),
  };
}

function doublewords(addresses: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(addresses).buffer);
}
