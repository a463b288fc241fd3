import type { Gpa } from '../../../core/bits.ts';
import {
  gqi_rx_data_slot,
  gqi_rx_desc,
  gqi_tx_pkt_desc,
  gqi_tx_seg_desc,
  RX_BUFFER,
  RX_FLAGS,
  RX_PAD,
  RX_SEQUENCES,
  TX_TYPE,
  TX_TYPE_FLAGS,
} from '../../../gvnic/registers/gqi.ts';
import type { GqiBuffers } from './gqi-buffers.ts';
import {
  type Board,
  type DriverReceive,
  type DriverTransmit,
  type GvnicFrame,
  type GvnicOffload,
  joined,
  type Placed,
} from './rings.ts';

const { SEQUENCE, PKT_CONT, ERR, FRAG } = RX_FLAGS.mask;
const { encode } = TX_TYPE_FLAGS;
/** Bytes of the first descriptor of a frame that is not cut. */
const FIRST = 182;
/** Bytes that one descriptor can name. */
const SEGMENT_MOST = 0xf000;
/** The most descriptors that a frame of 64 KiB needs here. */
const DESCRIPTORS_MOST = 8;
/** Buffers of a received frame: more go on for ever. */
const PARTS_MOST = 32;

/** A GQI transmit queue. */
export class GqiTransmitDriver implements DriverTransmit {
  private readonly board: Board;
  private readonly ring: Gpa;
  private readonly entries: number;
  private readonly placed: Placed;
  private readonly buffers: GqiBuffers;
  private posted = 0;
  private done = 0;
  /** Descriptors of each frame that the device has, and how its bytes are given back. */
  private readonly frames: { readonly descriptors: number; readonly bytes: number }[] = [];

  constructor(board: Board, ring: Gpa, entries: number, placed: Placed, buffers: GqiBuffers) {
    this.board = board;
    this.ring = ring;
    this.entries = entries;
    this.placed = placed;
    this.buffers = buffers;
  }

  get lent(): number {
    return this.frames.length;
  }

  hasRoom(length: number): boolean {
    const free = this.entries - ((this.posted - this.done) >>> 0);
    return free >= DESCRIPTORS_MOST && this.buffers.hasRoom(length);
  }

  post(frame: Uint8Array, offload: GvnicOffload | null): void {
    const cut = offload?.cut;
    const head = frame.subarray(0, cut?.headerLength ?? Math.min(FIRST, frame.length));
    const pieces = this.buffers.store(head, frame.subarray(head.length), SEGMENT_MOST);
    const [first, ...rest] = pieces.parts;
    this.put(
      gqi_tx_pkt_desc.encode({
        type_flags: encode({ TYPE: cut ? TX_TYPE.TSO : TX_TYPE.STD, L4CSUM: offload === null ? 0 : 1 }),
        l4_csum_offset: (offload?.csumOffset ?? 0) / 2,
        l4_hdr_offset: (offload?.csumStart ?? 0) / 2,
        desc_cnt: pieces.parts.length,
        len: frame.length & 0xffff,
        seg_len: first!.length,
        seg_addr: BigInt(first!.address),
      }),
    );
    for (const { address, length } of rest) this.put(segment(frame, address, length, cut?.mss));
    this.frames.push({ descriptors: pieces.parts.length, bytes: pieces.bytes });
    this.board.ring(this.placed.doorbell, this.posted);
  }

  serve(): void {
    const now = this.board.count(this.placed.counter);
    for (let [first] = this.frames; first !== undefined; [first] = this.frames) {
      if ((now - this.done) >>> 0 < first.descriptors) return;
      this.done = (this.done + first.descriptors) >>> 0;
      this.buffers.free(first.bytes);
      this.frames.shift();
    }
  }

  private put(descriptor: Uint8Array): void {
    const slot = this.posted % this.entries;
    this.board.port.memory.write(this.ring + slot * descriptor.length, descriptor);
    this.posted = (this.posted + 1) >>> 0;
  }
}

function segment(frame: Uint8Array, address: number, length: number, mss: number | undefined): Uint8Array {
  const isSix = mss !== undefined && frame[12] === 0x86;
  return gqi_tx_seg_desc.encode({
    type_flags: encode({ TYPE: TX_TYPE.SEG, IPV6: isSix ? 1 : 0 }),
    l3_offset: mss === undefined ? 0 : 14 / 2,
    mss: mss ?? 0,
    seg_len: length,
    seg_addr: BigInt(address),
  });
}

/** A GQI receive queue: half a page for each buffer, and the other half next time. Not all slots have one at a time. */
export class GqiReceiveDriver implements DriverReceive {
  private readonly board: Board;
  private readonly rings: { readonly descriptors: Gpa; readonly slots: Gpa };
  private readonly entries: number;
  /** Buffers, a power of two. */
  private readonly count: number;
  private readonly placed: Placed;
  private readonly buffers: GqiBuffers;
  private taken = 0;
  private sequence = 1;
  private parts: Uint8Array[] = [];
  private isSpoilt = false;
  private head: { readonly checked: boolean; readonly hash: number } = { checked: false, hash: 0 };

  constructor(
    board: Board,
    rings: { readonly descriptors: Gpa; readonly slots: Gpa },
    sizes: { readonly entries: number; readonly count: number },
    placed: Placed,
    buffers: GqiBuffers,
  ) {
    this.board = board;
    this.rings = rings;
    this.entries = sizes.entries;
    this.count = sizes.count;
    this.placed = placed;
    this.buffers = buffers;
  }

  fill(): void {
    for (let slot = 0; slot < this.count; slot++) this.give(slot, this.buffers.of(slot));
    this.board.ring(this.placed.doorbell, this.count);
  }

  serve(deliver: (frame: GvnicFrame) => void): void {
    const before = this.taken;
    for (let next = this.next(); next !== null; next = this.next()) this.take(next, deliver);
    if (this.taken !== before) this.board.ring(this.placed.doorbell, this.taken + this.count);
  }

  /** The next descriptor, once it has the number that is expected. */
  private next(): ReturnType<typeof gqi_rx_desc.decode> | null {
    const at = this.rings.descriptors + (this.taken % this.entries) * gqi_rx_desc.size;
    const low = this.board.port.memory.load(at + gqi_rx_desc.offset.flags_seq + 1, 1);
    if ((low & SEQUENCE) !== this.sequence) return null;
    const bytes = new Uint8Array(gqi_rx_desc.size);
    this.board.port.memory.read(at, bytes);
    return gqi_rx_desc.decode(bytes);
  }

  private take(
    { len, flags_seq, rss_hash, csum }: ReturnType<typeof gqi_rx_desc.decode>,
    deliver: (frame: GvnicFrame) => void,
  ): void {
    const buffer = this.taken % this.count;
    const isFirst = this.parts.length === 0 && !this.isSpoilt;
    const pad = isFirst ? RX_PAD : 0;
    if (isFirst) this.head = { checked: csum !== 0 && (flags_seq & FRAG) === 0, hash: rss_hash };
    const length = Math.min(len, RX_BUFFER) - pad;
    // What fits into no buffer is no frame, nor what goes on for ever.
    this.isSpoilt ||=
      (flags_seq & ERR) !== 0 || len > RX_BUFFER || length < 0 || this.parts.length > PARTS_MOST;
    if (!this.isSpoilt) this.parts.push(this.buffers.read(buffer, pad, length));
    this.give((this.taken + this.count) % this.entries, this.buffers.turn(buffer));
    this.taken = (this.taken + 1) >>> 0;
    this.sequence = (this.sequence % RX_SEQUENCES) + 1;
    if ((flags_seq & PKT_CONT) !== 0) return;
    if (!this.isSpoilt) deliver({ bytes: joined(this.parts), segmentSize: 0, timestamp: null, ...this.head });
    this.parts = [];
    this.isSpoilt = false;
  }

  private give(slot: number, address: number): void {
    const at = this.rings.slots + slot * gqi_rx_data_slot.size;
    this.board.port.memory.write(at, gqi_rx_data_slot.encode({ addr: BigInt(address) }));
  }
}
