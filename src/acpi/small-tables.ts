import { FOUR_GIB } from '../core/memory.ts';
import { struct } from '../core/struct.ts';
import type { TablesConfig } from './config.ts';
import { bytesOf, checksum, OEM_ID, table, tableBy } from './header.ts';

/** Where everything begins: found by its signature on 16 byte boundaries below 1 MiB. Source: ACPI 6.5, 5.2.5.3. */
export const RSDP = struct('RSDP', 'le', {
  Signature: { bytes: 8 },
  Checksum: 'u8',
  OEMID: { bytes: 6 },
  Revision: 'u8',
  RsdtAddress: 'u32',
});

/** What firmware and operating system share at run time; no header, no checksum. Source: ACPI 6.5, 5.2.10. */
export const FACS = struct('FACS', 'le', {
  Signature: { bytes: 4 },
  Length: 'u32',
  Hardware_Signature: 'u32',
  Firmware_Waking_Vector: 'u32',
  Global_Lock: 'u32',
  Flags: 'u32',
  X_Firmware_Waking_Vector: 'u64',
  Version: 'u8',
  Reserved: { bytes: 31 },
});

/** Source: ACPI 6.5, 5.2.16.1 and 5.2.16.2. */
export const SRAT_PROCESSOR = struct('Processor Local APIC Affinity', 'le', {
  Type: 'u8',
  Length: 'u8',
  Proximity_Domain_Low: 'u8',
  APIC_ID: 'u8',
  Flags: 'u32',
  Local_SAPIC_EID: 'u8',
  Proximity_Domain_High: { bytes: 3 },
  Clock_Domain: 'u32',
});

export const SRAT_MEMORY = struct('Memory Affinity', 'le', {
  Type: 'u8',
  Length: 'u8',
  Proximity_Domain: 'u32',
  Reserved: 'u16',
  Base_Address: 'u64',
  Range_Length: 'u64',
  Reserved_1: 'u32',
  Flags: 'u32',
  Reserved_2: 'u64',
});

const ENABLED = 1;
const LOW_RAM_END = 0xa_0000;
const MIB = 0x10_0000;
/** Bit 1 of WAET: one read of the PM timer is enough. */
const PM_TIMER_GOOD = 1 << 1;

export function rsdp(rsdt: number): Uint8Array {
  const bytes = RSDP.encode({ Signature: bytesOf('RSD PTR '), OEMID: bytesOf(OEM_ID), RsdtAddress: rsdt });
  bytes[RSDP.offset.Checksum] = checksum(bytes);
  return bytes;
}

/** @param tables addresses of all tables but DSDT and FACS, which FADT knows. */
export function rsdt(tables: readonly number[]): Uint8Array {
  return table('RSDT', 1, new Uint8Array(Uint32Array.from(tables).buffer));
}

/** What RSDP has more from revision 2 on. Source: ACPI 6.5, 5.2.5.3. */
export const RSDP_EXTENSION = struct('RSDP from revision 2 on', 'le', {
  Length: 'u32',
  XsdtAddress: 'u64',
  Extended_Checksum: 'u8',
  Reserved: { bytes: 3 },
});

/** Two checksums: of what revision 0 has, then of all. */
export function extendedRsdp(rsdt: number, xsdt: number): Uint8Array {
  const size = RSDP.size + RSDP_EXTENSION.size;
  const bytes = new Uint8Array(size);
  RSDP.encode(
    { Signature: bytesOf('RSD PTR '), OEMID: bytesOf(OEM_ID), Revision: 2, RsdtAddress: rsdt },
    bytes,
  );
  RSDP_EXTENSION.encode({ Length: size, XsdtAddress: BigInt(xsdt) }, bytes, RSDP.size);
  bytes[RSDP.offset.Checksum] = checksum(bytes, 0, RSDP.size);
  bytes[RSDP.size + RSDP_EXTENSION.offset.Extended_Checksum] = checksum(bytes);
  return bytes;
}

/** RSDT and XSDT as EDK2 makes them, which takes the OEM's names from the FADT. @param tables as for `rsdt`. */
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
  return {
    rsdt: tableBy({ signature: 'RSDT', ...edk2 }, new Uint8Array(Uint32Array.from(tables).buffer)),
    xsdt: tableBy({ signature: 'XSDT', ...edk2 }, new Uint8Array(BigUint64Array.from(tables, BigInt).buffer)),
  };
}

export function facs(): Uint8Array {
  return FACS.encode({ Signature: bytesOf('FACS'), Length: FACS.size });
}

/** The Windows ACPI Emulated devices Table, as Microsoft's paper of that name has it: one word of flags. */
export function waet(): Uint8Array {
  return table('WAET', 1, [PM_TIMER_GOOD, 0, 0, 0]);
}

/** All processors and all RAM in node 0. There are always three ranges; without RAM above 4 GiB one is not enabled. */
export function srat({ vcpus, ram }: TablesConfig, revision: number): Uint8Array {
  const processors = Array.from({ length: vcpus }, (_, APIC_ID) =>
    SRAT_PROCESSOR.encode({ Type: 0, Length: SRAT_PROCESSOR.size, APIC_ID, Flags: ENABLED }),
  );
  const ranges = [
    [0, LOW_RAM_END],
    [MIB, ram.below4G - MIB],
    [FOUR_GIB, ram.above4G],
  ] as const;
  const memory = ranges.map(([base, size]) =>
    SRAT_MEMORY.encode({
      Type: 1,
      Length: SRAT_MEMORY.size,
      ...(size > 0 && { Base_Address: BigInt(base), Range_Length: BigInt(size), Flags: ENABLED }),
    }),
  );
  // Twelve bytes are reserved, of which the first was a revision once and stays 1.
  return table('SRAT', revision, [1, ...new Array<number>(11).fill(0)], ...processors, ...memory);
}
