import { expect, test } from 'vitest';
import { PROTOCOL } from '../../net/frame/headers.ts';
import { FrameLayout, findHeaders } from '../../net/frame/layout.ts';
import { makeFrame, partsOf } from '../../net/frame/make.ts';
import { sumsOf } from '../../net/offload/index.ts';
import { PAGES, QueueRig, RINGS } from '../queue-rig.ts';
import { gqi_tx_pkt_desc, gqi_tx_seg_desc, TX_TYPE, TX_TYPE_FLAGS } from '../registers/gqi.ts';

const { encode } = TX_TYPE_FLAGS;
/** Where the rest of a packet lies in the list. */
const REST = 0x800;

/** A packet in the list, in descriptors that follow each other in the ring. */
function posts(frame: Uint8Array, first: number, ...descriptors: readonly Uint8Array[]): QueueRig {
  const rig = new QueueRig('GQI_QPL');
  const { memory } = rig.board;
  memory.write(PAGES, frame.subarray(0, first));
  memory.write(PAGES + REST, frame.subarray(first));
  for (const [slot, bytes] of descriptors.entries()) memory.write(RINGS.transmit + 16 * slot, bytes);
  rig.ringTransmit(descriptors.length);
  return rig;
}

const segment = (length: number, more: object = {}) =>
  gqi_tx_seg_desc.encode({
    ...{ type_flags: encode({ TYPE: TX_TYPE.SEG }), seg_len: length, seg_addr: BigInt(REST), ...more },
  });

test('metadata has no bytes of a packet, and counts as a descriptor', () => {
  const frame = makeFrame({ payload: new Uint8Array(500).fill(7) });
  const metadata = new Uint8Array(16);
  metadata[0] = encode({ TYPE: TX_TYPE.MTD });
  // Kind 1 of a hash, and the hash, which as an address would be in no list.
  metadata.set([0x10, 0, 0, 0xde, 0xad, 0xbe, 0xef], 1);
  const head = gqi_tx_pkt_desc.encode({ desc_cnt: 3, len: frame.length, seg_len: 182, seg_addr: 0n });

  const rig = posts(frame, 182, head, metadata, segment(frame.length - 182));

  expect([rig.frames, rig.transmitCount]).toEqual([[frame], 3]);
});

test('a large packet is cut as hardware cuts the bytes of this one, which its author saw there', () => {
  const { payload } = partsOf();
  const frame = makeFrame({ payload: new Uint8Array(3000).fill(7), sum: 'partial' });
  const head = gqi_tx_pkt_desc.encode({ len: frame.length, seg_len: payload, seg_addr: 0n });
  head.set([0x11, 0x08, 0x11, 0x02]);
  const rest = segment(frame.length - payload, { mss: 0x05b4 });
  rest.set([0x20, 0x07]);

  const rig = posts(frame, payload, head, rest);

  expect(rig.frames.map(({ length }) => length - payload)).toEqual([1460, 1460, 80]);
  expect(rig.frames.map(sumsIn)).toEqual(['good', 'good', 'good']);
  expect(rig.transmitCount).toBe(2);
});

// waitless had an n2 send QUIC so: tcpdump on the other side saw no datagram of it.
test('a datagram that is to be cut is taken, and lost', () => {
  const { payload } = partsOf({ protocol: PROTOCOL.UDP });
  const frame = makeFrame({ protocol: PROTOCOL.UDP, payload: new Uint8Array(3000).fill(7), sum: 'partial' });
  const type_flags = encode({ TYPE: TX_TYPE.TSO, L4CSUM: 1 });
  const words = { l4_csum_offset: 3, l4_hdr_offset: 17, desc_cnt: 2, len: frame.length };
  const head = gqi_tx_pkt_desc.encode({ type_flags, ...words, seg_len: payload, seg_addr: 0n });

  const rig = posts(frame, payload, head, segment(frame.length - payload, { mss: 1200 }));

  expect([rig.frames, rig.transmitCount]).toEqual([[], 2]);
});

function sumsIn(frame: Uint8Array): string {
  const at = new FrameLayout();
  findHeaders(frame, at);
  return sumsOf(frame, at);
}
