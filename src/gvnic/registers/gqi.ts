import { register } from '../../core/register.ts';
import { struct } from '../../core/struct.ts';

/** The first byte of a transmit descriptor. */
export const TX_TYPE_FLAGS = register('type_flags', 0, 1, {
  L4CSUM: { at: 0, doc: 'complete the checksum' },
  IPV6: { at: 1, doc: 'of SEG behind TSO' },
  TSTAMP: { at: 2 },
  TYPE: { at: [7, 4] },
});
/** Its TYPE. */
export const TX_TYPE = { STD: 0, TSO: 1, SEG: 2, MTD: 3 } as const;
/** The first descriptor of a packet. Checksum offsets are in words of 16 bits. */
export const gqi_tx_pkt_desc = struct('gqi_tx_pkt_desc', 'be', {
  type_flags: 'u8',
  l4_csum_offset: 'u8',
  l4_hdr_offset: 'u8',
  desc_cnt: 'u8',
  len: 'u16',
  seg_len: 'u16',
  seg_addr: 'u64',
});
export const gqi_tx_seg_desc = struct('gqi_tx_seg_desc', 'be', {
  type_flags: 'u8',
  l3_offset: 'u8',
  reserved: 'u16',
  mss: 'u16',
  seg_len: 'u16',
  seg_addr: 'u64',
});
export const gqi_rx_desc = struct('gqi_rx_desc', 'be', {
  padding: { bytes: 48 },
  rss_hash: 'u32',
  mss: 'u16',
  reserved: 'u16',
  hdr_len: 'u8',
  hdr_off: 'u8',
  csum: 'u16',
  len: 'u16',
  flags_seq: 'u16',
});
/** The upper bits of flags_seq; the lower count from 1 to 7. */
export const RX_FLAGS = register('flags_seq', gqi_rx_desc.offset.flags_seq, 2, {
  SEQUENCE: { at: [2, 0] },
  FRAG: { at: 6, doc: 'a fragment of IP' },
  IPV4: { at: 7 },
  IPV6: { at: 8 },
  TCP: { at: 9 },
  UDP: { at: 10 },
  ERR: { at: 11 },
  PKT_CONT: { at: 13, doc: 'the frame goes on in the next buffer' },
});
/** The highest sequence number; 1 follows. */
export const RX_SEQUENCES = 7;
/** An entry of the ring of receive buffers: an offset in the page list, or an address. */
export const gqi_rx_data_slot = struct('gqi_rx_data_slot', 'be', { addr: 'u64' });
/** Bytes before a frame in its first buffer, so that its IP header is aligned. */
export const RX_PAD = 2;
export const RX_BUFFER = 2048;
