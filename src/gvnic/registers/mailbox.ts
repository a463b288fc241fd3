import { register } from '../../core/register.ts';
import { struct } from '../../core/struct.ts';

/** The later form of the card: a mailbox in the place of the admin queue. All is little-endian, but keys of flow rules. */
export const MAILBOX_DEVICE_ID = 0x0043;
/** Bytes behind BAR0, which has doorbells, too. */
export const MAILBOX_BAR_SIZE = 0x1000_0000;
/** Where the registers of both rings begin, that of the reset, and those of the clock. */
export const MAILBOX_AT = 0x0840_0000;
export const MAILBOX_RESET_AT = 0x0840_7000;
export const MAILBOX_CLOCK_AT = 0x0840_8000;

const WORD = { at: [31, 0] } as const;
/** The ring of answers and events. */
export const RX_BASE_LOW = register('rx_base_low', 0x00, 4, { LOW: WORD });
export const RX_BASE_HIGH = register('rx_base_high', 0x04, 4, { HIGH: WORD });
export const RX_LENGTH = register(
  'rx_length',
  0x08,
  4,
  { LENGTH: { at: [12, 0] }, ENABLE: { at: 31 } },
  { doc: 'Reads 0 after a reset, by whichever side.' },
);
export const RX_HEAD = register('rx_head', 0x0c, 4, { HEAD: { at: [12, 0] } });
export const RX_TAIL = register('rx_tail', 0x10, 4, { TAIL: { at: [12, 0] } });
/** The ring of requests. */
export const TX_BASE_LOW = register('tx_base_low', 0x14, 4, { LOW: WORD });
export const TX_BASE_HIGH = register('tx_base_high', 0x18, 4, { HIGH: WORD });
export const TX_LENGTH = register('tx_length', 0x1c, 4, { LENGTH: { at: [9, 0] }, ENABLE: { at: 31 } });
export const TX_HEAD = register('tx_head', 0x20, 4, { HEAD: { at: [9, 0] } });
export const TX_TAIL = register('tx_tail', 0x24, 4, { TAIL: { at: [9, 0] } });
/** From `MAILBOX_RESET_AT` on. */
export const RESET_STATUS = register('reset_status', 0x08, 4, { DONE: { at: 0 } }, { access: 'ro' });
export const RESET_CONTROL = register('reset_control', 0x0c, 4, { RESET: { at: 0 } });
/** From `MAILBOX_CLOCK_AT` on: the card's clock, then the processor's counter. */
export const CLOCK_LOW = register('clock_low', 0x00, 4, { LOW: { ...WORD, access: 'ro' } });
export const CLOCK_HIGH = register('clock_high', 0x04, 4, { HIGH: { ...WORD, access: 'ro' } });
export const COUNTER_LOW = register('counter_low', 0x08, 4, { LOW: { ...WORD, access: 'ro' } });
export const COUNTER_HIGH = register('counter_high', 0x0c, 4, { HIGH: { ...WORD, access: 'ro' } });
export const CLOCK_SYNC = register(
  'clock_sync',
  0x10,
  4,
  { SYNC: { at: [2, 0], access: 'wo' } },
  { doc: '7 keeps the time for reading' },
);

/** A slot of either ring. */
export const mailbox_desc = struct('mailbox_desc', 'le', {
  flags: 'u16',
  destination: 'u16',
  length: 'u16',
  function: 'u16',
  opcode: 'u32',
  status: 'u16',
  reserved: 'u16',
  function_id: 'u32',
  reserved2: 'u16',
  cookie: 'u16',
  addr_high: 'u32',
  addr_low: 'u32',
});
export const MAILBOX_FLAGS = register('flags', mailbox_desc.offset.flags, 2, {
  DD: { at: 0, doc: 'done' },
  ERR: { at: 2 },
  RD: { at: 10, doc: 'the device reads the buffer' },
  BUF: { at: 12, doc: 'there is a buffer' },
});
/** The control plane, as destination. */
export const MAILBOX_DESTINATION = 0x0801;
/** Bytes of a buffer that are used at most. */
export const MAILBOX_BUFFER = 4096;

export const MAILBOX_OPCODE = {
  NEGOTIATE_CAPABILITIES: 0x6001,
  EVENT: 0x6002,
  GET_INFO_FLOW_STEERING: 0x6003,
  GET_INFO_NIC_TSTAMP_REG: 0x6004,
  GET_INTERRUPT_DBS: 0x6005,
  GET_PTYPE_MAP: 0x6006,
  REPORT_LINK_STATUS: 0x6007,
  CREATE_TX_QUEUES: 0x6008,
  CREATE_RX_QUEUES: 0x6009,
  ENABLE_TX_QUEUES: 0x600c,
  ENABLE_RX_QUEUES: 0x600d,
  DESTROY_TX_QUEUES: 0x600e,
  DESTROY_RX_QUEUES: 0x600f,
  QUERY_RSS: 0x6010,
  CONFIGURE_RSS: 0x6011,
  QUERY_FLOW_RULE_STATS: 0x6012,
  QUERY_FLOW_RULE_IDS: 0x6013,
  QUERY_FLOW_RULES: 0x6014,
  ADD_FLOW_RULE: 0x6015,
  DEL_FLOW_RULE: 0x6016,
  RESET_FLOW_RULES: 0x6017,
} as const;
/** Beside the lower half of the admin queue's statuses. */
export const MAILBOX_STATUS = { PASSED: 1, UNSUPPORTED: 0xffef } as const;
export const MAILBOX_EVENT = { LINK_CHANGED: 1 } as const;
export const MAILBOX_CAPABILITY = {
  DQO_RDA: 1n << 0n,
  DQO_QPL: 1n << 1n,
  INTERRUPT_SHARING: 1n << 2n,
  FLOW_STEERING: 1n << 3n,
  NIC_TSTAMP_REG: 1n << 4n,
  NIC_TSTAMP_CMD: 1n << 5n,
  HW_GRO: 1n << 6n,
} as const;

export const negotiate_request = struct('negotiate_request', 'le', {
  version: 'u32',
  size: 'u32',
  caps: 'u64',
  os_type: 'u8',
  driver_version: { bytes: 3 },
  os_version: { bytes: 12 },
  os_text: { bytes: 512 },
  driver_text: { bytes: 64 },
});
export const MAILBOX_VERSION = 1;
export const negotiate_reply = struct('negotiate_reply', 'le', {
  version: 'u32',
  size: 'u32',
  caps: 'u64',
  db_bar: 'u8',
  padding: { bytes: 3 },
  mailbox_irq_db: 'u32',
  mailbox_timeout_ms: 'u16',
  tx_watchdog_ms: 'u16',
  vectors: 'u16',
  default_tx_queues: 'u16',
  default_rx_queues: 'u16',
  max_tx_queues: 'u16',
  max_rx_queues: 'u16',
  max_mtu: 'u16',
  mac: { bytes: 6 },
  default_tx_ring: 'u16',
  default_rx_ring: 'u16',
  max_tx_ring: 'u16',
  max_rx_ring: 'u16',
  min_tx_ring: 'u16',
  min_rx_ring: 'u16',
  packet_buffer_size: 'u16',
  header_buffer_size: 'u16',
  hash_key_size: 'u16',
  hash_lut_size: 'u16',
  padding2: { bytes: 6 },
});
/** Offsets of the registers of the clock, in the BAR. */
export const clock_registers = struct('clock_registers', 'le', {
  clock_low: 'u64',
  clock_high: 'u64',
  counter_low: 'u64',
  counter_high: 'u64',
  sync: 'u64',
  bar: 'u8',
  type: 'u8',
  padding: { bytes: 6 },
});
/** Of a request and its answer; doorbells follow. */
export const interrupt_doorbells = struct('interrupt_doorbells', 'le', { first: 'u16', count: 'u16' });
export const interrupt_doorbell = struct('interrupt_doorbell', 'le', { irq: 'u32', coalescing: 'u32' });
export const link_status = struct('link_status', 'le', { speed: 'u64', up: 'u8', padding: { bytes: 7 } });
/** Queues follow a count, and as much as makes their places multiples of eight. */
export const QUEUES_AT = 8;
export const mailbox_tx_queue = struct('mailbox_tx_queue', 'le', {
  id: 'u32',
  vector: 'u16',
  padding: { bytes: 2 },
  queue_page_list_id: 'u32',
  padding2: { bytes: 4 },
  ring: 'u64',
  completion_ring: 'u64',
  ring_size: 'u16',
  completion_ring_size: 'u16',
  padding3: { bytes: 4 },
});
export const mailbox_rx_queue = struct('mailbox_rx_queue', 'le', {
  id: 'u32',
  vector: 'u16',
  padding: { bytes: 2 },
  queue_page_list_id: 'u32',
  /** Bit 0: join segments. */
  flags: 'u32',
  completion_ring: 'u64',
  buffer_ring: 'u64',
  completion_ring_size: 'u16',
  buffer_ring_size: 'u16',
  packet_buffer_size: 'u16',
  header_buffer_size: 'u16',
});
export const mailbox_queue_made = struct('mailbox_queue_made', 'le', { id: 'u32', tail_db: 'u32' });
/** Before a key of 256 bytes, and entries of 32 bits. */
export const mailbox_rss = struct('mailbox_rss', 'le', {
  hash_types: 'u16',
  hash_alg: 'u8',
  reserved: 'u8',
  hash_key_size: 'u16',
  hash_lut_size: 'u16',
  key: { bytes: 256 },
});
