import { behind, behindMemory } from '../../conformance/broken/behind.ts';
import { changeBytes, changeDoorbells } from '../../conformance/broken/behind-gvnic.ts';
import type { BrokenDriver } from '../../conformance/broken/broken-driver.ts';
import { breakingGvnic } from '../../conformance/broken/broken-gvnic.ts';
import { swap32 } from '../../core/bits.ts';
import type { GvnicDriver } from '../../guest/index.ts';
import { DQO_TX_FLAGS, DQO_TX_TYPE, dqo_tx_pkt_desc, dqo_tx_tso_desc } from '../../gvnic/registers/dqo.ts';
import { gqi_tx_pkt_desc, gqi_tx_seg_desc, TX_TYPE } from '../../gvnic/registers/gqi.ts';
import { makeFrame, partsOf } from '../../net/frame/make.ts';

/** Descriptors of both formats have as many bytes. */
const DESCRIPTOR = 16;
const PAGE = 4096;
/** A frame of two GQI descriptors. */
const LONG = makeFrame({ payload: new Uint8Array(300) });
/** Five thousand bytes in segments of a thousand: two pages. */
const LARGE = makeFrame({ payload: new Uint8Array(5000), sum: 'partial' });
const MSS = 1000;
/** In pieces of 500 bytes, of which a segment has twelve. */
const SCATTERED = makeFrame({ payload: new Uint8Array(45_000), sum: 'partial' });
const [PIECE, LONG_MSS] = [500, 9000];
const { upper, field, payload } = partsOf();
const { TYPE, END_OF_PACKET, CHECKSUM, REPORT_EVENT } = DQO_TX_FLAGS.mask;
type Port = Parameters<typeof changeBytes>[0];

const posts = (nic: GvnicDriver) => nic.post(LONG);
const cuts = (nic: GvnicDriver, frame = LARGE, mss = MSS) =>
  nic.sendOffloaded(frame, { csumStart: upper, csumOffset: field, cut: { mss, headerLength: payload } });
const sums = (nic: GvnicDriver, frame = makeFrame({ sum: 'partial' })) =>
  nic.sendOffloaded(frame, { csumStart: upper, csumOffset: field });

/** Every descriptor of a type goes through `change`. */
const gqi =
  (type: number, change: (descriptor: Uint8Array) => void) => (port: Parameters<typeof changeBytes>[0]) =>
    changeBytes(port, DESCRIPTOR, (bytes) => {
      if (bytes[0]! >> 4 === type) change(bytes);
    });
const flagsAt = dqo_tx_pkt_desc.offset.type_flags;
const dqo =
  (type: number, change: (descriptor: Uint8Array) => void) => (port: Parameters<typeof changeBytes>[0]) =>
    changeBytes(port, DESCRIPTOR, (bytes) => {
      if ((bytes[flagsAt]! & TYPE) === type) change(bytes);
    });
const asItIs = <Port>(port: Port) => port;
/** Behind the one descriptor of a packet comes another, of metadata. */
const withMetadata = (port: Port, bdf: number) => {
  const memory: Port['memory'] = behindMemory(port.memory, (address, value, width) =>
    port.memory.store(address, value, width),
  );
  const write: Port['memory']['write'] = (address, from) => {
    const bytes = from.slice();
    const isFirst = bytes.length === DESCRIPTOR && bytes[0]! >> 4 === TX_TYPE.STD;
    if (isFirst) bytes[gqi_tx_pkt_desc.offset.desc_cnt] = 2;
    port.memory.write(address, bytes);
    if (isFirst) port.memory.write(address + DESCRIPTOR, new Uint8Array(DESCRIPTOR).fill(TX_TYPE.MTD << 4));
  };
  return changeDoorbells(behind(port, { memory: { ...memory, write } }), bdf, 0x100, (ring, address, value) =>
    ring(address, swap32((swap32(value) >>> 0) + 1) >>> 0, 4),
  );
};

export const MUTANTS: readonly BrokenDriver[] = [
  breakingGvnic('GQI_QPL', posts)(
    'mistakes the type of a part',
    'gvnic/TX-TYPES',
    gqi(TX_TYPE.SEG, (bytes) => {
      bytes[0] = 0x40;
    }),
  ),
  breakingGvnic('GQI_QPL', posts)(
    'leaves the length of a packet out',
    'gvnic/TX-LENGTH',
    gqi(TX_TYPE.STD, (bytes) => {
      bytes.fill(0, gqi_tx_pkt_desc.offset.len, gqi_tx_pkt_desc.offset.seg_len);
    }),
  ),
  breakingGvnic('GQI_QPL', posts)(
    'sends from an address instead of an offset',
    'gvnic/TX-BUFFER',
    gqi(TX_TYPE.STD, (bytes) => {
      bytes[gqi_tx_pkt_desc.offset.seg_addr] = 1;
    }),
  ),
  breakingGvnic('GQI_QPL', sums)(
    'has a checksum completed behind the headers',
    'gvnic/TX-CSUM',
    gqi(TX_TYPE.STD, (bytes) => {
      bytes[gqi_tx_pkt_desc.offset.l4_csum_offset] = 0xff;
    }),
  ),
  breakingGvnic('GQI_QPL', cuts)(
    'does not say how long segments are',
    'gvnic/TX-TSO',
    gqi(TX_TYPE.SEG, (bytes) => {
      bytes.fill(0, gqi_tx_seg_desc.offset.mss, gqi_tx_seg_desc.offset.seg_len);
    }),
  ),
  breakingGvnic('GQI_QPL', (nic) => cuts(nic, makeFrame({ sum: 'partial' })))(
    'has a short packet cut',
    'gvnic/TX-SHORT',
    asItIs,
  ),
  breakingGvnic('GQI_QPL', (nic) => sums(nic, makeFrame()))(
    'has a checksum completed that is complete',
    'gvnic/TX-PSEUDO',
    asItIs,
  ),
  breakingGvnic('DQO_RDA', sums)(
    'leaves a checksum open and asks for none',
    'gvnic/TX-OPEN',
    dqo(DQO_TX_TYPE.PACKET, (bytes) => {
      bytes[flagsAt]! &= ~CHECKSUM;
    }),
  ),
  breakingGvnic('GQI_QPL', (nic) => nic.post(makeFrame({ sum: 'partial' })))(
    'sends a packet that its stack left unfinished as it is',
    'gvnic/TX-OPEN',
    asItIs,
  ),
  breakingGvnic('GQI_QPL', (nic) => nic.post(makeFrame()))(
    'writes metadata over an old descriptor',
    'gvnic/TX-META',
    withMetadata,
  ),
  breakingGvnic('GQI_QPL', (nic) => nic.post(makeFrame({ payload: new Uint8Array(1500) })))(
    'sends more than the MTU',
    'gvnic/TX-MTU',
    asItIs,
  ),
  breakingGvnic('DQO_RDA', posts)(
    'mistakes the type of a context',
    'gvnic/DQO-TYPES',
    dqo(DQO_TX_TYPE.GENERAL_CONTEXT, (bytes) => {
      bytes[flagsAt] = 6;
    }),
  ),
  breakingGvnic('DQO_RDA', posts)(
    'sends a part of no bytes',
    'gvnic/DQO-EMPTY',
    dqo(DQO_TX_TYPE.PACKET, (bytes) => {
      bytes.fill(0, dqo_tx_pkt_desc.offset.buf_size);
    }),
  ),
  breakingGvnic('DQO_RDA', (nic) => nic.post(new Uint8Array(11 * PAGE)))(
    'sends a packet of eleven parts',
    'gvnic/DQO-MOST',
    asItIs,
  ),
  breakingGvnic('DQO_RDA', cuts)(
    'miscounts the headers of a large packet',
    'gvnic/DQO-TSO',
    dqo(DQO_TX_TYPE.TSO_CONTEXT, (bytes) => {
      bytes[dqo_tx_tso_desc.offset.header_len]! -= 1;
    }),
  ),
  // DPDK before July 2025.
  breakingGvnic('DQO_RDA', cuts)(
    'writes a TSO context over an old descriptor',
    'gvnic/DQO-WHOLE',
    dqo(DQO_TX_TYPE.TSO_CONTEXT, (bytes) => bytes.fill(1, dqo_tx_pkt_desc.offset.compl_tag)),
  ),
  breakingGvnic('DQO_RDA', (nic) => cuts(nic, SCATTERED, LONG_MSS))(
    'sends a segment of eleven parts',
    'gvnic/DQO-MOST',
    dqo(DQO_TX_TYPE.PACKET, (bytes) =>
      new DataView(bytes.buffer).setUint16(dqo_tx_pkt_desc.offset.buf_size, PIECE, true),
    ),
  ),
  breakingGvnic('DQO_RDA', posts)(
    'sends a packet of 16 bytes',
    'gvnic/DQO-LENGTH',
    dqo(DQO_TX_TYPE.PACKET, (bytes) => {
      bytes[dqo_tx_pkt_desc.offset.buf_size] = 16;
      bytes[dqo_tx_pkt_desc.offset.buf_size + 1] = 0;
    }),
  ),
  breakingGvnic('DQO_RDA', cuts)(
    'asks for a checksum in the last part alone',
    'gvnic/DQO-SUMS',
    dqo(DQO_TX_TYPE.PACKET, (bytes) => {
      if ((bytes[flagsAt]! & END_OF_PACKET) === 0) bytes[flagsAt]! &= ~CHECKSUM;
    }),
  ),
  breakingGvnic('DQO_RDA', cuts)(
    'asks for a completion of each part',
    'gvnic/DQO-REPORT',
    dqo(DQO_TX_TYPE.PACKET, (bytes) => {
      if ((bytes[flagsAt]! & END_OF_PACKET) === 0) bytes[flagsAt]! |= REPORT_EVENT;
    }),
  ),
];
