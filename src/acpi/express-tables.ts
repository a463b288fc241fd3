import type { Gpa } from '../core/bits.ts';
import { struct } from '../core/struct.ts';
import { table } from './header.ts';
import { type Placement, stackFrom } from './placement.ts';
import { edk2Roots, extendedRsdp } from './root-tables.ts';

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
