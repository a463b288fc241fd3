import type { Gpa } from '../core/bits.ts';
import { struct } from '../core/struct.ts';
import { type ExpressConfig, expressDsdt } from './express-dsdt.ts';
import { FADT, GENERIC_ADDRESS, memoryAt } from './fadt.ts';
import { bytesOf, DESCRIPTION_HEADER, table } from './header.ts';
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

/** Members of the FADT from ACPI 5.0 and 6.0 on. Source: ACPI 6.5, 5.2.9. */
const FADT_LATER = struct('FADT from ACPI 5.0 on', 'le', {
  SLEEP_CONTROL_REG: { bytes: GENERIC_ADDRESS.size },
  SLEEP_STATUS_REG: { bytes: GENERIC_ADDRESS.size },
  Hypervisor_Vendor_Identity: 'u64',
});
const FADT_REVISION = 6;
const HW_REDUCED_ACPI = 1 << 20;
/** PSCI is there, and called by HVC. */
const PSCI_BY_HVC = 3;

/** Revision 4. Source: Microsoft, Serial Port Console Redirection Table. */
const SPCR = struct('SPCR', 'le', {
  Interface_Type: 'u8',
  Reserved: { bytes: 3 },
  Base_Address: { bytes: GENERIC_ADDRESS.size },
  Interrupt_Type: 'u8',
  IRQ: 'u8',
  Global_System_Interrupt: 'u32',
  Baud_Rate: 'u8',
  Parity: 'u8',
  Stop_Bits: 'u8',
  Flow_Control: 'u8',
  Terminal_Type: 'u8',
  Language: 'u8',
  PCI_Device_ID: 'u16',
  PCI_Vendor_ID: 'u16',
  PCI_Bus: 'u8',
  PCI_Device: 'u8',
  PCI_Function: 'u8',
  PCI_Flags: 'u32',
  PCI_Segment: 'u8',
  UART_Clock_Frequency: 'u32',
  Precise_Baud_Rate: 'u32',
  Namespace_String_Length: 'u16',
  Namespace_String_Offset: 'u16',
});
const SPCR_REVISION = 4;
const ARM_PL011 = 3;
const BY_GIC = 8;
const BAUD_115200 = 7;
const NO_PCI = 0xffff;
/** The device of the DSDT. */
const CONSOLE = bytesOf('\\_SB.COM0\0');

/** The table that tells where PCI Express has configuration space. */
function mcfg({ ecam, buses }: ExpressConfig): Uint8Array {
  const range = { Base_Address: BigInt(ecam), End_Bus_Number: buses - 1 };
  return table('MCFG', 1, MCFG.encode({}), MCFG_ALLOCATION.encode(range));
}

/** Of a machine without the fixed hardware of a PC. @param dsdt its address. */
function fadt(dsdt: Gpa): Uint8Array {
  return table(
    'FACP',
    FADT_REVISION,
    FADT.encode({ Flags: HW_REDUCED_ACPI, ARM_BOOT_ARCH: PSCI_BY_HVC, X_DSDT: BigInt(dsdt) }),
    FADT_LATER.encode({}),
  );
}

/** The table that names the console: the first UART. */
function spcr([first]: ExpressConfig['serial']): Uint8Array {
  return table(
    'SPCR',
    SPCR_REVISION,
    SPCR.encode({
      Interface_Type: ARM_PL011,
      Base_Address: memoryAt(first!.port, 32),
      Interrupt_Type: BY_GIC,
      Global_System_Interrupt: first!.irq,
      Baud_Rate: BAUD_115200,
      Stop_Bits: 1,
      PCI_Device_ID: NO_PCI,
      PCI_Vendor_ID: NO_PCI,
      Namespace_String_Length: CONSOLE.length,
      Namespace_String_Offset: DESCRIPTION_HEADER.size + SPCR.size,
    }),
    CONSOLE,
  );
}

/** Bytes from `start` on that the tables of a machine with PCI Express take at most. */
const ROOM = 0x4000;

/** The tables of a machine with PCI Express, as far as they are modelled, from `start` on. */
export function expressTables(config: ExpressConfig, start: Gpa): Placement[] {
  const { tables, place } = stackFrom(start + ROOM);
  const dsdt = place('DSDT', expressDsdt(config));
  const { rsdt, xsdt } = edk2Roots([
    place('FACP', fadt(dsdt)),
    place('MCFG', mcfg(config)),
    place('SPCR', spcr(config.serial)),
  ]);
  place('RSDP', extendedRsdp(place('RSDT', rsdt), place('XSDT', xsdt)));
  return [...tables];
}
