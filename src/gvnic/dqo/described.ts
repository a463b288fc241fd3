import { get64 } from '../area.ts';
import type { Buffers } from '../buffers.ts';
import type { DqoPacket } from '../events.ts';
import {
  DQO_LENGTH_MASK,
  DQO_TX_FLAGS,
  DQO_TX_TYPE,
  dqo_tx_pkt_desc,
  dqo_tx_tso_desc,
} from '../registers/dqo.ts';

const { TYPE, END_OF_PACKET, CHECKSUM, REPORT_EVENT } = DQO_TX_FLAGS.mask;
const { GENERAL_CONTEXT, TSO_CONTEXT, PACKET } = DQO_TX_TYPE;
const { buf_addr, type_flags, compl_tag, buf_size } = dqo_tx_pkt_desc.offset;
const { tso_total_len, mss, header_len } = dqo_tx_tso_desc.offset;
const TOTAL_MASK = 0xff_ffff;
/** Of a context: its packet is to be cut. */
const DQO_TX_TSO = 0x20;

/** A packet's descriptors, by their places in the view of their ring. */
interface Taken {
  slotAt(index: number): number;
}

/** Fills in what a packet's `count` descriptors say, for a watcher. */
export function describeDqo(
  packet: DqoPacket,
  view: DataView,
  ring: Taken,
  count: number,
  buffers: Buffers,
): void {
  packet.count = count;
  packet.named.count = 0;
  packet.pieces = packet.empty = packet.length = packet.reportsWithin = packet.summed = packet.rest = 0;
  packet.isSound = packet.isInside = true;
  packet.isCut = packet.reports = false;
  for (let i = 0; i < count; i++) {
    const at = ring.slotAt(i);
    const flags = view.getUint8(at + type_flags);
    const type = flags & TYPE;
    if (type === PACKET) describePiece(packet, view, at, flags, buffers);
    else if (type === TSO_CONTEXT) describeCut(packet, view, at);
    // A version and a hash are in the others.
    else if (type === GENERAL_CONTEXT)
      packet.rest |= (flags & ~TYPE) | view.getUint8(at + 9) | view.getUint16(at + 10, true);
    if (type !== PACKET && (packet.pieces > 0 || !isNext(view, ring, i, type))) packet.isSound = false;
  }
}

/** A context that may be there: one of each kind, that of TSO first. */
function isNext(view: DataView, ring: Taken, index: number, type: number): boolean {
  if (index === 0) return type === TSO_CONTEXT || type === GENERAL_CONTEXT;
  const before = view.getUint8(ring.slotAt(index - 1) + type_flags) & TYPE;
  return index === 1 && before === TSO_CONTEXT && type === GENERAL_CONTEXT;
}

function describeCut(packet: DqoPacket, view: DataView, at: number): void {
  packet.isCut = true;
  packet.payload = view.getUint32(at + tso_total_len, true) & TOTAL_MASK;
  packet.mss = view.getUint16(at + mss, true) & DQO_LENGTH_MASK;
  packet.headers = view.getUint8(at + header_len);
  // One bit behind the type says TSO; what is flexible is zero here.
  const flexible = view.getUint32(at + 12, true) | view.getUint16(at + 10, true) | view.getUint8(at + 9);
  packet.rest |= (view.getUint8(at + type_flags) & ~TYPE) ^ DQO_TX_TSO;
  packet.rest |= flexible | view.getUint8(at + 7) | view.getUint8(at + 3) | (view.getUint8(at + 5) & 0xc0);
}

function describePiece(packet: DqoPacket, view: DataView, at: number, flags: number, buffers: Buffers): void {
  const length = view.getUint16(at + buf_size, true) & DQO_LENGTH_MASK;
  packet.pieces++;
  packet.length += length;
  packet.tag = view.getUint16(at + compl_tag, true);
  packet.rest |=
    view.getUint16(at + 10, true) | view.getUint8(at + 9) | (view.getUint8(at + buf_size + 1) & 0xc0);
  if ((flags & CHECKSUM) !== 0) packet.summed++;
  if (length === 0) packet.empty++;
  else {
    const address = get64(view, at + buf_addr, true);
    packet.named.add(address, length);
    if (!buffers.has(address, length)) packet.isInside = false;
  }
  if ((flags & REPORT_EVENT) === 0) return;
  if ((flags & END_OF_PACKET) !== 0) packet.reports = true;
  else packet.reportsWithin++;
}
