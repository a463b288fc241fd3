import { struct } from '../core/struct.ts';
import type { InterruptPin, TablesConfig } from './config.ts';
import { bytesOf, checksum } from './header.ts';
import { IO_APIC_ADDRESS, IO_APIC_ID, LOCAL_APIC_ADDRESS } from './madt.ts';

/** The description of processors and interrupts before ACPI. Source: Intel MultiProcessor Specification 1.4, chapter 4. */
export const MP_POINTER = struct('MP Floating Pointer Structure', 'le', {
  SIGNATURE: { bytes: 4 },
  PHYSICAL_ADDRESS_POINTER: 'u32',
  LENGTH: 'u8',
  SPEC_REV: 'u8',
  CHECKSUM: 'u8',
  FEATURE_BYTES: { bytes: 5 },
});

export const MP_HEADER = struct('MP Configuration Table Header', 'le', {
  SIGNATURE: { bytes: 4 },
  BASE_TABLE_LENGTH: 'u16',
  SPEC_REV: 'u8',
  CHECKSUM: 'u8',
  OEM_ID: { bytes: 8 },
  PRODUCT_ID: { bytes: 12 },
  OEM_TABLE_POINTER: 'u32',
  OEM_TABLE_SIZE: 'u16',
  ENTRY_COUNT: 'u16',
  ADDRESS_OF_LOCAL_APIC: 'u32',
  EXTENDED_TABLE_LENGTH: 'u16',
  EXTENDED_TABLE_CHECKSUM: 'u8',
  RESERVED: 'u8',
});

export const MP_PROCESSOR = struct('Processor Entry', 'le', {
  ENTRY_TYPE: 'u8',
  LOCAL_APIC_ID: 'u8',
  LOCAL_APIC_VERSION: 'u8',
  CPU_FLAGS: 'u8',
  CPU_SIGNATURE: 'u32',
  FEATURE_FLAGS: 'u32',
  RESERVED: { bytes: 8 },
});

export const MP_BUS = struct('Bus Entry', 'le', {
  ENTRY_TYPE: 'u8',
  BUS_ID: 'u8',
  BUS_TYPE_STRING: { bytes: 6 },
});

export const MP_IO_APIC = struct('I/O APIC Entry', 'le', {
  ENTRY_TYPE: 'u8',
  IO_APIC_ID: 'u8',
  IO_APIC_VERSION: 'u8',
  IO_APIC_FLAGS: 'u8',
  IO_APIC_ADDRESS: 'u32',
});

/** For an I/O interrupt (type 3) and a local one (type 4). */
export const MP_INTERRUPT = struct('Interrupt Assignment Entry', 'le', {
  ENTRY_TYPE: 'u8',
  INTERRUPT_TYPE: 'u8',
  FLAGS: 'u16',
  SOURCE_BUS_ID: 'u8',
  SOURCE_BUS_IRQ: 'u8',
  DESTINATION_APIC_ID: 'u8',
  DESTINATION_INTIN: 'u8',
});

/** The parts of a machine in the table. */
type MpConfig = Pick<TablesConfig, 'vcpus' | 'cpuid'> & {
  readonly pci: Pick<TablesConfig['pci'], 'functions'>;
};

const SPEC_1_4 = 4;
const APIC_VERSION = 0x14;
const IO_APIC_VERSION = 0x11;
const CPU_ENABLED = 1;
const CPU_BOOT = 2;
const PCI_BUS = 0;
const ISA_BUS = 1;
/** Interrupt types. */
const INT = 0;
const NMI = 1;
const EXT_INT = 3;
/** Polarity and trigger: the bus's default; or active high, level-triggered. */
const CONFORMS = 0x00;
const HIGH_LEVEL = 0x0d;
const BOOT_APIC = 0;
const ALL_APICS = 0xff;
const IRQS = 16;

/**
 * The configuration table. ISA interrupts that a function uses are omitted, as by SeaBIOS: only so does the table of a
 * machine with one processor and a function at each of 01.3, 03.0 and 04.0 have the observed 240 bytes.
 */
export function mpTable({ vcpus, cpuid, pci: { functions } }: MpConfig): Uint8Array {
  const taken = functions.map(({ irq }) => irq);
  const isa = Array.from({ length: IRQS }, (_, irq) => irq).filter((irq) => !taken.includes(irq));
  const entries = [
    ...Array.from({ length: vcpus }, (_, id) => processorEntry(id, cpuid)),
    bus(PCI_BUS, 'PCI   '),
    bus(ISA_BUS, 'ISA   '),
    MP_IO_APIC.encode({ ENTRY_TYPE: 2, IO_APIC_ID, IO_APIC_VERSION, IO_APIC_FLAGS: 1, IO_APIC_ADDRESS }),
    ...pins(functions).map(pciInterrupt),
    ...isa.map(isaInterrupt),
    localInterrupt(EXT_INT, BOOT_APIC, 0),
    localInterrupt(NMI, ALL_APICS, 1),
  ];
  const length = entries.reduce((sum, entry) => sum + entry.length, MP_HEADER.size);
  const bytes = MP_HEADER.encode(
    {
      SIGNATURE: bytesOf('PCMP'),
      BASE_TABLE_LENGTH: length,
      SPEC_REV: SPEC_1_4,
      OEM_ID: bytesOf('Google  '),
      PRODUCT_ID: bytesOf('GCE'.padEnd(12)),
      ENTRY_COUNT: entries.length,
      ADDRESS_OF_LOCAL_APIC: LOCAL_APIC_ADDRESS,
    },
    new Uint8Array(length),
  );
  let at: number = MP_HEADER.size;
  for (const entry of entries) {
    bytes.set(entry, at);
    at += entry.length;
  }
  bytes[MP_HEADER.offset.CHECKSUM] = checksum(bytes);
  return bytes;
}

/** The pointer, found by signature below 1 MiB. @param table address of the configuration table. */
export function mpPointer(table: number): Uint8Array {
  const bytes = MP_POINTER.encode({
    SIGNATURE: bytesOf('_MP_'),
    PHYSICAL_ADDRESS_POINTER: table,
    LENGTH: MP_POINTER.size / 16,
    SPEC_REV: SPEC_1_4,
  });
  bytes[MP_POINTER.offset.CHECKSUM] = checksum(bytes);
  return bytes;
}

/** Functions of one slot may share a pin. */
function pins(functions: readonly InterruptPin[]): InterruptPin[] {
  const first = ({ slot, pin }: InterruptPin) =>
    functions.find((other) => other.slot === slot && other.pin === pin);
  return functions.filter((one) => first(one) === one);
}

function processorEntry(id: number, { eax, edx }: TablesConfig['cpuid']): Uint8Array {
  return MP_PROCESSOR.encode({
    ENTRY_TYPE: 0,
    LOCAL_APIC_ID: id,
    LOCAL_APIC_VERSION: APIC_VERSION,
    CPU_FLAGS: CPU_ENABLED | (id === 0 ? CPU_BOOT : 0),
    CPU_SIGNATURE: eax,
    FEATURE_FLAGS: edx,
  });
}

function bus(id: number, type: string): Uint8Array {
  return MP_BUS.encode({ ENTRY_TYPE: 1, BUS_ID: id, BUS_TYPE_STRING: bytesOf(type) });
}

function pciInterrupt({ slot, pin, irq }: InterruptPin): Uint8Array {
  return MP_INTERRUPT.encode({
    ENTRY_TYPE: 3,
    INTERRUPT_TYPE: INT,
    FLAGS: HIGH_LEVEL,
    SOURCE_BUS_ID: PCI_BUS,
    SOURCE_BUS_IRQ: (slot << 2) | (pin - 1),
    DESTINATION_APIC_ID: IO_APIC_ID,
    DESTINATION_INTIN: irq,
  });
}

function isaInterrupt(irq: number): Uint8Array {
  return MP_INTERRUPT.encode({
    ENTRY_TYPE: 3,
    INTERRUPT_TYPE: INT,
    FLAGS: CONFORMS,
    SOURCE_BUS_ID: ISA_BUS,
    SOURCE_BUS_IRQ: irq,
    DESTINATION_APIC_ID: IO_APIC_ID,
    DESTINATION_INTIN: irq,
  });
}

function localInterrupt(type: number, apic: number, pin: number): Uint8Array {
  return MP_INTERRUPT.encode({
    ENTRY_TYPE: 4,
    INTERRUPT_TYPE: type,
    FLAGS: CONFORMS,
    SOURCE_BUS_ID: ISA_BUS,
    DESTINATION_APIC_ID: apic,
    DESTINATION_INTIN: pin,
  });
}
