import { register } from '../../core/register.ts';

/** Identity of the card: vendor and device, and the same of its subsystem. */
export const GVNIC_ID = { vendor: 0x1ae0, device: 0x0042, subsystem: 0x0058, class: 0x02_0000 } as const;
/** What is behind each base address. */
export const GVNIC_BAR = { registers: 0, msix: 1, doorbells: 2 } as const;
export const REGISTERS_SIZE = 0x1000;
export const DOORBELLS_SIZE = 0x10_0000;

/** The registers behind BAR0. All are big-endian. */
export const DEVICE_STATUS = register(
  'device_status',
  0x00,
  4,
  {
    RESET: { at: 1, doc: 'the device asks to be reset' },
    LINK_STATUS: { at: 2, doc: 'the link is up' },
    REPORT_STATS: { at: 3, doc: 'the device asks for statistics' },
    DEVICE_IS_RESET: { at: 4, doc: 'the reset by driver_status is done' },
  },
  { access: 'ro' },
);
export const DRIVER_STATUS = register('driver_status', 0x04, 4, {
  RUN: { at: 0, doc: 'the admin queue is set up' },
  RESET: { at: 1, doc: 'resets the device' },
});
export const MAX_TX_QUEUES = register('max_tx_queues', 0x08, 4, { COUNT: { at: [31, 0], access: 'ro' } });
export const MAX_RX_QUEUES = register('max_rx_queues', 0x0c, 4, { COUNT: { at: [31, 0], access: 'ro' } });
export const ADMINQ_PFN = register(
  'adminq_pfn',
  0x10,
  4,
  { PFN: { at: [31, 0], doc: 'address of the admin queue / 4096; 0 resets the device' } },
  { doc: 'Reads 0 once the device is reset, by whichever side.' },
);
export const ADMINQ_DOORBELL = register('adminq_doorbell', 0x14, 4, {
  COUNT: { at: [31, 0], access: 'wo', doc: 'commands posted' },
});
export const ADMINQ_EVENT_COUNTER = register('adminq_event_counter', 0x18, 4, {
  COUNT: { at: [31, 0], access: 'ro', doc: 'commands done' },
});
export const DRIVER_VERSION = register('driver_version', 0x1f, 1, {
  BYTE: { at: [7, 0], access: 'wo', doc: 'the next character of its version' },
});
export const ADMINQ_BASE_ADDRESS_HI = register('adminq_base_address_hi', 0x20, 4, {
  HIGH: { at: [31, 0], access: 'wo' },
});
export const ADMINQ_BASE_ADDRESS_LO = register('adminq_base_address_lo', 0x24, 4, {
  LOW: { at: [31, 0], access: 'wo' },
});
export const ADMINQ_LENGTH = register('adminq_length', 0x28, 2, { BYTES: { at: [15, 0], access: 'wo' } });
