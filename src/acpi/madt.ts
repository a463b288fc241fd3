import { MMIO } from '../core/places.ts';
import { struct } from '../core/struct.ts';
import { LINK_IRQS, SCI_IRQ, type TablesConfig } from './config.ts';
import { table } from './header.ts';

/** The processors and interrupt controllers. Source: ACPI 6.5, 5.2.12. */
export const MADT = struct('MADT', 'le', { Local_Interrupt_Controller_Address: 'u32', Flags: 'u32' });

export const LOCAL_APIC = struct('Processor Local APIC', 'le', {
  Type: 'u8',
  Length: 'u8',
  ACPI_Processor_UID: 'u8',
  APIC_ID: 'u8',
  Flags: 'u32',
});

export const IO_APIC = struct('I/O APIC', 'le', {
  Type: 'u8',
  Length: 'u8',
  IO_APIC_ID: 'u8',
  Reserved: 'u8',
  IO_APIC_Address: 'u32',
  Global_System_Interrupt_Base: 'u32',
});

export const INTERRUPT_SOURCE_OVERRIDE = struct('Interrupt Source Override', 'le', {
  Type: 'u8',
  Length: 'u8',
  Bus: 'u8',
  Source: 'u8',
  Global_System_Interrupt: 'u32',
  Flags: 'u16',
});

export const LOCAL_APIC_NMI = struct('Local APIC NMI', 'le', {
  Type: 'u8',
  Length: 'u8',
  ACPI_Processor_UID: 'u8',
  Flags: 'u16',
  Local_APIC_LINT: 'u8',
});

export const LOCAL_APIC_ADDRESS = MMIO.LOCAL_APIC;
export const IO_APIC_ADDRESS = MMIO.IO_APIC;
export const IO_APIC_ID = 0;
/** The machine also has a pair of 8259. */
const PCAT_COMPAT = 1;
const ENABLED = 1;
/** Polarity active high (1), trigger level (3 << 2). */
const HIGH_LEVEL = 0x0d;
const ALL_PROCESSORS = 0xff;

/** IRQ 0 to 15 have the pins of their numbers, including IRQ 0; only the links' and the SCI's are not edge-triggered. */
export function madt({ vcpus }: TablesConfig, revision: number): Uint8Array {
  const processors = Array.from({ length: vcpus }, (_, id) =>
    LOCAL_APIC.encode({
      Type: 0,
      Length: LOCAL_APIC.size,
      ACPI_Processor_UID: id,
      APIC_ID: id,
      Flags: ENABLED,
    }),
  );
  return table(
    'APIC',
    revision,
    MADT.encode({ Local_Interrupt_Controller_Address: LOCAL_APIC_ADDRESS, Flags: PCAT_COMPAT }),
    ...processors,
    IO_APIC.encode({
      Type: 1,
      Length: IO_APIC.size,
      IO_APIC_ID,
      IO_APIC_Address: IO_APIC_ADDRESS,
      Global_System_Interrupt_Base: 0,
    }),
    ...overrides(),
    LOCAL_APIC_NMI.encode({
      Type: 4,
      Length: LOCAL_APIC_NMI.size,
      ACPI_Processor_UID: ALL_PROCESSORS,
      Local_APIC_LINT: 1,
    }),
  );
}

function overrides(): Uint8Array[] {
  const irqs = [...LINK_IRQS, SCI_IRQ].sort((a, b) => a - b);
  return irqs.map((irq) =>
    INTERRUPT_SOURCE_OVERRIDE.encode({
      Type: 2,
      Length: INTERRUPT_SOURCE_OVERRIDE.size,
      Source: irq,
      Global_System_Interrupt: irq,
      Flags: HIGH_LEVEL,
    }),
  );
}
