import { register } from '../../core/register.ts';
import { struct } from '../../core/struct.ts';

/** A descriptor that names bytes of a packet. */
export const dqo_tx_pkt_desc = struct('dqo_tx_pkt_desc', 'le', {
  buf_addr: 'u64',
  type_flags: 'u8',
  reserved: { bytes: 3 },
  compl_tag: 'u16',
  buf_size: 'u16',
});
export const DQO_TX_FLAGS = register('type_flags', dqo_tx_pkt_desc.offset.type_flags, 1, {
  TYPE: { at: [4, 0] },
  END_OF_PACKET: { at: 5 },
  CHECKSUM: { at: 6, doc: 'compute the checksum of TCP or UDP' },
  REPORT_EVENT: { at: 7, doc: 'write a descriptor completion' },
});
export const DQO_TX_TYPE = { GENERAL_CONTEXT: 0x4, TSO_CONTEXT: 0x5, PACKET: 0xc } as const;
export const dqo_tx_tso_desc = struct('dqo_tx_tso_desc', 'le', {
  tso_total_len: 'u32',
  mss: 'u16',
  header_len: 'u8',
  flex11: 'u8',
  type_flags: 'u8',
  reserved: 'u8',
  flex0: 'u8',
  flex5_to_9: { bytes: 5 },
});
/** Bytes of a buffer, and of an MSS. */
export const DQO_LENGTH_MASK = 0x3fff;
/** More descriptors for a packet, or a segment of one, stop the queue. */
export const DQO_DESCRIPTORS_MOST = 10;
export const dqo_tx_completion = struct('dqo_tx_completion', 'le', {
  id_type: 'u16',
  tag: 'u16',
  reserved: 'u32',
});
export const DQO_TX_COMPLETION = register('id_type', 0, 2, {
  ID: { at: [10, 0] },
  TYPE: { at: [13, 11] },
  GENERATION: { at: 15, doc: '1 on the first lap of the ring, 0 on the next' },
});
export const DQO_COMPLETION_TYPE = { MISS: 1, PACKET: 2, REINJECTION: 3, DESCRIPTOR: 4 } as const;
/** In the tag of PACKET: a miss, told to a driver that knows this form. */
export const DQO_ALTERNATE_MISS = 0x8000;
export const dqo_rx_buffer = struct('dqo_rx_buffer', 'le', {
  buf_id: 'u16',
  reserved1: { bytes: 6 },
  buf_addr: 'u64',
  header_buf_addr: 'u64',
  reserved2: 'u64',
});
export const dqo_rx_completion = struct('dqo_rx_completion', 'le', {
  rxdid: 'u8',
  flags1: 'u8',
  ptype: 'u16',
  length: 'u16',
  header: 'u16',
  status: 'u8',
  status_error: 'u8',
  reserved: 'u8',
  /** Bit 0: it came at `timestamp`. */
  timestamp_valid: 'u8',
  buf_id: 'u16',
  rsc_seg_len: 'u16',
  hash: 'u32',
  reserved2: { bytes: 8 },
  timestamp: 'u32',
});
/** The field `ptype` and the flags behind it. */
export const DQO_RX_PTYPE = register('ptype', dqo_rx_completion.offset.ptype, 2, {
  PTYPE: { at: [9, 0] },
  IP_HDR_ERR: { at: 10 },
  UDP_LEN_ERR: { at: 11 },
  RAW_CS_INVALID: { at: 12 },
});
export const DQO_RX_LENGTH = register('length', dqo_rx_completion.offset.length, 2, {
  LENGTH: { at: [13, 0], doc: 'bytes in this buffer' },
  GENERATION: { at: 14 },
  BUFFER_QUEUE: { at: 15 },
});
export const DQO_RX_HEADER = register('header', dqo_rx_completion.offset.header, 2, {
  HEADER_LEN: { at: [9, 0] },
  RSC: { at: 10, doc: 'joined of several frames' },
  SPLIT_HEADER: { at: 11 },
});
export const DQO_RX_STATUS = register('status', dqo_rx_completion.offset.status, 1, {
  DONE: { at: 0 },
  END_OF_PACKET: { at: 1 },
  HEADER_OVERFLOW: { at: 2 },
  L3_L4_PROCESSED: { at: 3 },
  IP_CSUM_ERR: { at: 4 },
  L4_CSUM_ERR: { at: 5 },
  OUTER_IP_ERR: { at: 6 },
  OUTER_UDP_ERR: { at: 7 },
});
export const DQO_RX_DESCRIPTOR_ID = 1;
/** In flags1: the device found the frame to be damaged. */
export const DQO_RX_ERROR = 0x04;
