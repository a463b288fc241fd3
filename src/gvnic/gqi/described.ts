import { get64 } from '../area.ts';
import { type Buffers, RawBuffers } from '../buffers.ts';
import type { GqiPacket } from '../events.ts';
import { gqi_tx_pkt_desc, gqi_tx_seg_desc, TX_TYPE, TX_TYPE_FLAGS } from '../registers/gqi.ts';

const { STD, TSO, SEG, MTD } = TX_TYPE;
const { L4CSUM, IPV6 } = TX_TYPE_FLAGS.mask;
const TYPE_SHIFT = TX_TYPE_FLAGS.shift.TYPE;
const { l4_csum_offset, l4_hdr_offset, desc_cnt, len, seg_len, seg_addr } = gqi_tx_pkt_desc.offset;
const { mss: MSS, l3_offset } = gqi_tx_seg_desc.offset;
/** Flags of no meaning: of the first descriptor, and of those behind it. */
const [STRAY_FIRST, STRAY_SEG] = [0xa, 0xd];

/** A ring's next descriptors, by their places in its view. */
interface Next {
  slotAt(index: number): number;
}

/** Fills in what the next `count` descriptors say, for a watcher. */
export function describeGqi(
  packet: GqiPacket,
  view: DataView,
  ring: Next,
  count: number,
  buffers: Buffers,
): void {
  const first = ring.slotAt(0);
  const flags = view.getUint8(first);
  const type = flags >> TYPE_SHIFT;
  packet.count = view.getUint8(first + desc_cnt);
  packet.isCut = type === TSO;
  packet.isSound = packet.count > 0 && (type === TSO || type === STD);
  packet.said = view.getUint16(first + len, false);
  packet.first = view.getUint16(first + seg_len, false);
  packet.summed = (flags & L4CSUM) !== 0;
  packet.start = view.getUint8(first + l4_hdr_offset) << 1;
  packet.offset = view.getUint8(first + l4_csum_offset) << 1;
  packet.length = packet.empty = packet.mss = 0;
  packet.isInside = true;
  packet.isSix = false;
  packet.isMixed = false;
  packet.ip = -1;
  packet.rest = 0;
  packet.stray = flags & STRAY_FIRST;
  packet.named.count = 0;
  packet.named.isRaw = buffers instanceof RawBuffers;
  for (let i = 0; i < count; i++) describeOne(packet, view, ring.slotAt(i), i, buffers);
}

function describeOne(packet: GqiPacket, view: DataView, at: number, index: number, buffers: Buffers): void {
  const flags = view.getUint8(at);
  const type = flags >> TYPE_SHIFT;
  if (index > 0 && type === MTD) {
    packet.isSound &&= index === 1;
    // A path state and a hash are in the others.
    packet.rest |=
      view.getUint16(at + 2, false) | view.getUint32(at + 8, false) | view.getUint32(at + 12, false);
    return;
  }
  if (index > 0 && type !== SEG) packet.isSound = false;
  const length = view.getUint16(at + seg_len, false);
  packet.length += length;
  if (length === 0) packet.empty++;
  else {
    const address = get64(view, at + seg_addr, false);
    packet.named.add(address, length);
    if (!buffers.has(address, length)) packet.isInside = false;
  }
  if (index > 0) describeSegment(packet, view, at);
}

/** A driver in use leaves what it does not fill in as it was: of the bits without a meaning only flags are told of. */
function describeSegment(packet: GqiPacket, view: DataView, at: number): void {
  const flags = view.getUint8(at);
  const mss = view.getUint16(at + MSS, false);
  const isSix = (flags & IPV6) !== 0;
  const ip = view.getUint8(at + l3_offset) << 1;
  packet.stray |= flags & STRAY_SEG;
  if (packet.ip < 0) {
    packet.mss = mss;
    packet.isSix = isSix;
    packet.ip = ip;
  } else if (mss !== packet.mss || isSix !== packet.isSix || ip !== packet.ip) packet.isMixed = true;
}
