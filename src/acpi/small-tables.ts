import type { Gpa } from '../core/bits.ts';
import { struct } from '../core/struct.ts';
import { bytesOf, table } from './header.ts';
import { type Placement, stackFrom } from './placement.ts';
import { edk2Roots, extendedRsdp } from './root-tables.ts';

/** Data shared by firmware and operating system at run time; no header, no checksum. Source: ACPI 6.5, 5.2.10. */
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

export const FACS_ALIGNMENT = 64;

/** Bit 1 of WAET: one read of the PM timer is enough. */
const PM_TIMER_GOOD = 1 << 1;

export function facs(): Uint8Array {
  return FACS.encode({ Signature: bytesOf('FACS'), Length: FACS.size });
}

/** The Windows ACPI Emulated devices Table, by Microsoft's paper of that name: one word of flags. */
export function waet(): Uint8Array {
  return table('WAET', 1, [PM_TIMER_GOOD, 0, 0, 0]);
}

/** What follows the header of MCFG, and each range of buses. Source: PCI Firmware Specification 3.2, 4.1.2. */
const MCFG = struct('MCFG', 'le', { Reserved: { bytes: 8 } });
const MCFG_ALLOCATION = struct('MCFG allocation', 'le', {
  Base_Address: 'u64',
  PCI_Segment_Group: 'u16',
  Start_Bus_Number: 'u8',
  End_Bus_Number: 'u8',
  Reserved: { bytes: 4 },
});

/** Where configuration space lies in memory. */
interface Ecam {
  readonly ecam: Gpa;
  readonly buses: number;
}

/** The table that tells where PCI Express has configuration space. */
function mcfg({ ecam, buses }: Ecam): Uint8Array {
  const range = { Base_Address: BigInt(ecam), End_Bus_Number: buses - 1 };
  return table('MCFG', 1, MCFG.encode({}), MCFG_ALLOCATION.encode(range));
}

/** The tables of a machine with PCI Express, as far as they are modelled, in the page from `start` on. */
export function expressTables(ecam: Ecam, start: Gpa): Placement[] {
  const { tables, place } = stackFrom(start + 0x1000);
  const { rsdt, xsdt } = edk2Roots([place('MCFG', mcfg(ecam))]);
  place('RSDP', extendedRsdp(place('RSDT', rsdt), place('XSDT', xsdt)));
  return [...tables];
}
