import { changeBytes } from '../../conformance/broken/behind-gvnic.ts';
import { type BrokenDriver, breaking } from '../../conformance/broken/broken-driver.ts';
import { type GvnicDriver, gvnic } from '../../guest/index.ts';
import type { QueueFormat } from '../../gvnic/registers/descriptor.ts';
import { DQO_TX_FLAGS, DQO_TX_TYPE, dqo_tx_pkt_desc, dqo_tx_tso_desc } from '../../gvnic/registers/dqo.ts';
import { gqi_tx_pkt_desc, gqi_tx_seg_desc, TX_TYPE } from '../../gvnic/registers/gqi.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { makeFrame, partsOf } from '../../net/frame/make.ts';

/** Descriptors of both formats have as many bytes. */
const DESCRIPTOR = 16;
const PAGE = 4096;
/** A frame of two GQI descriptors. */
const LONG = makeFrame({ payload: new Uint8Array(300) });
/** Five thousand bytes in segments of a thousand: two pages. */
const LARGE = makeFrame({ payload: new Uint8Array(5000), sum: 'partial' });
const MSS = 1000;
const { upper, field, payload } = partsOf();
const { TYPE, END_OF_PACKET, REPORT_EVENT } = DQO_TX_FLAGS.mask;

const machineOf = (format: QueueFormat) => () =>
  gceN1({ nics: [{ type: 'gvnic', gvnic: { formats: [format] } }] });
const polled = gvnic({ interrupts: 'polled' });
const using = (format: QueueFormat, use: (nic: GvnicDriver) => void) =>
  breaking(polled, use, machineOf(format));

const posts = (nic: GvnicDriver) => nic.post(LONG);
const cuts = (nic: GvnicDriver, frame = LARGE) =>
  nic.sendOffloaded(frame, { csumStart: upper, csumOffset: field, cut: { mss: MSS, headerLength: payload } });
const sums = (nic: GvnicDriver) =>
  nic.sendOffloaded(makeFrame({ sum: 'partial' }), { csumStart: upper, csumOffset: field });

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

export const MUTANTS: readonly BrokenDriver[] = [
  using('GQI_QPL', posts)(
    'mistakes the type of a part',
    'gvnic/TX-TYPES',
    gqi(TX_TYPE.SEG, (bytes) => {
      bytes[0] = 0x40;
    }),
  ),
  using('GQI_QPL', posts)(
    'leaves the length of a packet out',
    'gvnic/TX-LENGTH',
    gqi(TX_TYPE.STD, (bytes) => {
      bytes.fill(0, gqi_tx_pkt_desc.offset.len, gqi_tx_pkt_desc.offset.seg_len);
    }),
  ),
  using('GQI_QPL', posts)(
    'sends from an address instead of an offset',
    'gvnic/TX-BUFFER',
    gqi(TX_TYPE.STD, (bytes) => {
      bytes[gqi_tx_pkt_desc.offset.seg_addr] = 1;
    }),
  ),
  using('GQI_QPL', sums)(
    'has a checksum completed behind the headers',
    'gvnic/TX-CSUM',
    gqi(TX_TYPE.STD, (bytes) => {
      bytes[gqi_tx_pkt_desc.offset.l4_csum_offset] = 0xff;
    }),
  ),
  using('GQI_QPL', cuts)(
    'does not say how long segments are',
    'gvnic/TX-TSO',
    gqi(TX_TYPE.SEG, (bytes) => {
      bytes.fill(0, gqi_tx_seg_desc.offset.mss, gqi_tx_seg_desc.offset.seg_len);
    }),
  ),
  using('GQI_QPL', (nic) => cuts(nic, makeFrame({ sum: 'partial' })))(
    'has a short packet cut',
    'gvnic/TX-SHORT',
    asItIs,
  ),
  using('GQI_QPL', (nic) => nic.post(makeFrame({ payload: new Uint8Array(1500) })))(
    'sends more than the MTU',
    'gvnic/TX-MTU',
    asItIs,
  ),
  using('DQO_RDA', posts)(
    'mistakes the type of a context',
    'gvnic/DQO-TYPES',
    dqo(DQO_TX_TYPE.GENERAL_CONTEXT, (bytes) => {
      bytes[flagsAt] = 6;
    }),
  ),
  using('DQO_RDA', posts)(
    'sends a part of no bytes',
    'gvnic/DQO-EMPTY',
    dqo(DQO_TX_TYPE.PACKET, (bytes) => {
      bytes.fill(0, dqo_tx_pkt_desc.offset.buf_size);
    }),
  ),
  using('DQO_RDA', (nic) => nic.post(new Uint8Array(11 * PAGE)))(
    'sends a packet of eleven parts',
    'gvnic/DQO-MOST',
    asItIs,
  ),
  using('DQO_RDA', cuts)(
    'miscounts the headers of a large packet',
    'gvnic/DQO-TSO',
    dqo(DQO_TX_TYPE.TSO_CONTEXT, (bytes) => {
      bytes[dqo_tx_tso_desc.offset.header_len]! -= 1;
    }),
  ),
  using('DQO_RDA', cuts)(
    'asks for a completion of each part',
    'gvnic/DQO-REPORT',
    dqo(DQO_TX_TYPE.PACKET, (bytes) => {
      if ((bytes[flagsAt]! & END_OF_PACKET) === 0) bytes[flagsAt]! |= REPORT_EVENT;
    }),
  ),
];
