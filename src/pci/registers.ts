import { PORT } from '../core/places.ts';
import { register } from '../core/register.ts';

/** Configuration mechanism #1 (PCI 3.0, 3.2.2.3.2): the two doublewords at ports CF8 and CFC. */
export const CONFADD = register('CONFADD', PORT.CONFADD, 4, {
  ENABLE: { at: 31, doc: 'accesses to CONFDATA are configuration cycles' },
  BUS: { at: [23, 16] },
  DEVICE: { at: [15, 11] },
  FUNCTION: { at: [10, 8] },
  REGISTER: { at: [7, 2], doc: 'doubleword of configuration space' },
});
export const CONFDATA = PORT.CONFDATA;

/** The header of a function (PCI 3.0, 6.1), type 0. */
export const VENDOR_ID = register('Vendor ID', 0x00, 2, { ID: { at: [15, 0], access: 'ro' } });
export const DEVICE_ID = register('Device ID', 0x02, 2, { ID: { at: [15, 0], access: 'ro' } });
export const COMMAND = register('Command', 0x04, 2, {
  IO_SPACE: { at: 0, doc: 'answers in I/O space' },
  MEMORY_SPACE: { at: 1, doc: 'answers in memory space' },
  BUS_MASTER: { at: 2, doc: 'may reach memory and send messages' },
  SPECIAL_CYCLES: { at: 3 },
  MEMORY_WRITE_INVALIDATE: { at: 4 },
  VGA_PALETTE_SNOOP: { at: 5 },
  PARITY_ERROR_RESPONSE: { at: 6 },
  SERR_ENABLE: { at: 8 },
  FAST_BACK_TO_BACK: { at: 9 },
  INTERRUPT_DISABLE: { at: 10, doc: 'INTx is not asserted' },
});
export const STATUS = register(
  'Status',
  0x06,
  2,
  {
    INTERRUPT_STATUS: {
      at: 3,
      access: 'ro',
      doc: 'an interrupt is pending, whether or not INTx is disabled',
    },
    CAPABILITIES_LIST: { at: 4, access: 'ro' },
    MHZ_66: { at: 5, access: 'ro' },
    FAST_BACK_TO_BACK: { at: 7, access: 'ro' },
    MASTER_DATA_PARITY_ERROR: { at: 8 },
    DEVSEL: { at: [10, 9], access: 'ro', doc: '0 fast, 1 medium, 2 slow' },
    SIGNALED_TARGET_ABORT: { at: 11 },
    RECEIVED_TARGET_ABORT: { at: 12 },
    RECEIVED_MASTER_ABORT: { at: 13 },
    SIGNALED_SYSTEM_ERROR: { at: 14 },
    DETECTED_PARITY_ERROR: { at: 15 },
  },
  { access: 'w1c' },
);
export const REVISION_ID = register('Revision ID', 0x08, 1, { ID: { at: [7, 0], access: 'ro' } });
export const PROG_IF = register('Programming Interface', 0x09, 1, { CODE: { at: [7, 0], access: 'ro' } });
export const SUBCLASS = register('Subclass', 0x0a, 1, { CODE: { at: [7, 0], access: 'ro' } });
export const BASE_CLASS = register('Base Class', 0x0b, 1, { CODE: { at: [7, 0], access: 'ro' } });
export const CACHE_LINE_SIZE = register('Cache Line Size', 0x0c, 1, { DWORDS: { at: [7, 0] } });
export const LATENCY_TIMER = register('Latency Timer', 0x0d, 1, { CLOCKS: { at: [7, 0] } });
export const HEADER_TYPE = register(
  'Header Type',
  0x0e,
  1,
  {
    LAYOUT: { at: [6, 0], doc: '0 a device, 1 a bridge to another bus' },
    MULTI_FUNCTION: { at: 7, doc: 'functions 1 to 7 may be there' },
  },
  { access: 'ro' },
);
export const SUBSYSTEM_VENDOR_ID = register('Subsystem Vendor ID', 0x2c, 2, {
  ID: { at: [15, 0], access: 'ro' },
});
export const SUBSYSTEM_ID = register('Subsystem ID', 0x2e, 2, { ID: { at: [15, 0], access: 'ro' } });
export const CAPABILITIES_POINTER = register('Capabilities Pointer', 0x34, 1, {
  OFFSET: { at: [7, 0], access: 'ro' },
});
export const INTERRUPT_LINE = register('Interrupt Line', 0x3c, 1, {
  IRQ: { at: [7, 0], doc: 'a note for software' },
});
export const INTERRUPT_PIN = register('Interrupt Pin', 0x3d, 1, {
  PIN: { at: [7, 0], access: 'ro', doc: '0 none, 1 to 4 INTA to INTD' },
});

/** Base address registers (PCI 3.0, 6.2.5.1): six doublewords from here; a 64-bit one takes two. */
export const BAR0 = 0x10;
export const BAR_COUNT = 6;
export const BAR_IO = register('Base Address (I/O)', BAR0, 4, {
  SPACE: { at: 0, access: 'ro', doc: '1: I/O space' },
  ADDRESS: { at: [31, 2] },
});
export const BAR_MEMORY = register('Base Address (memory)', BAR0, 4, {
  SPACE: { at: 0, access: 'ro', doc: '0: memory space' },
  TYPE: { at: [2, 1], access: 'ro', doc: '0 below 4 GiB, 2 anywhere in 64 bits' },
  PREFETCHABLE: { at: 3, access: 'ro' },
  ADDRESS: { at: [31, 4] },
});
export const BAR_UPPER = register('Base Address (upper half)', BAR0, 4, { ADDRESS: { at: [31, 0] } });

/** The header of a bridge to another bus, type 1 (PCI-to-PCI Bridge Architecture 1.2, 3.2). */
export const BRIDGE = 1;
export const BRIDGE_BAR_COUNT = 2;
export const PRIMARY_BUS = register('Primary Bus Number', 0x18, 1, { NUMBER: { at: [7, 0] } });
export const SECONDARY_BUS = register('Secondary Bus Number', 0x19, 1, {
  NUMBER: { at: [7, 0], doc: 'the bus behind it' },
});
export const SUBORDINATE_BUS = register('Subordinate Bus Number', 0x1a, 1, {
  NUMBER: { at: [7, 0], doc: 'the highest behind it' },
});
export const MEMORY_BASE = register('Memory Base', 0x20, 2, { ADDRESS: { at: [15, 4], doc: 'in MiB' } });
export const MEMORY_LIMIT = register('Memory Limit', 0x22, 2, {
  ADDRESS: { at: [15, 4], doc: 'the last MiB that it forwards' },
});
export const BRIDGE_CONTROL = register('Bridge Control', 0x3e, 2, {
  PARITY_ERROR_RESPONSE: { at: 0 },
  SERR_ENABLE: { at: 1 },
  SECONDARY_BUS_RESET: { at: 6, doc: 'all behind it is reset' },
});

/** A capability begins with its identifier and the offset of the next (PCI 3.0, 6.7). */
export const CAPABILITY_ID = { MSI: 0x05, VENDOR: 0x09, MSIX: 0x11 } as const;

/** MSI-X capability (PCI 3.0, 6.8.2); offsets count from its start. */
export const MSIX_CONTROL = register('Message Control', 2, 2, {
  TABLE_SIZE: { at: [10, 0], access: 'ro', doc: 'entries less one' },
  FUNCTION_MASK: { at: 14 },
  ENABLE: { at: 15 },
});
export const MSIX_TABLE = register(
  'Table Offset',
  4,
  4,
  { BIR: { at: [2, 0], doc: 'which base address' }, OFFSET: { at: [31, 3], doc: 'in quadwords' } },
  { access: 'ro' },
);
export const MSIX_PBA = register(
  'PBA Offset',
  8,
  4,
  { BIR: { at: [2, 0], doc: 'which base address' }, OFFSET: { at: [31, 3], doc: 'in quadwords' } },
  { access: 'ro' },
);
export const MSIX_CAPABILITY_SIZE = 12;

/** An entry of the MSI-X table; offsets count from its start. */
export const MESSAGE_ADDRESS = register('Message Address', 0, 4, { ADDRESS: { at: [31, 2] } });
export const MESSAGE_UPPER_ADDRESS = register('Message Upper Address', 4, 4, { ADDRESS: { at: [31, 0] } });
export const MESSAGE_DATA = register('Message Data', 8, 4, { DATA: { at: [31, 0] } });
export const VECTOR_CONTROL = register('Vector Control', 12, 4, { MASK: { at: 0 } }, { reset: 1 });
export const MSIX_ENTRY_SIZE = 16;
