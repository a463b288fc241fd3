import type { Gpa } from '../../../core/bits.ts';
import { PAGE } from '../../../gvnic/registers/admin.ts';
import {
  DQO_ALTERNATE_MISS,
  DQO_COMPLETION_TYPE,
  DQO_RX_ERROR,
  DQO_RX_HEADER,
  DQO_RX_LENGTH,
  DQO_RX_STATUS,
  DQO_TX_COMPLETION,
  DQO_TX_FLAGS,
  DQO_TX_TYPE,
  dqo_rx_buffer,
  dqo_rx_completion,
  dqo_tx_completion,
  dqo_tx_pkt_desc,
  dqo_tx_tso_desc,
} from '../../../gvnic/registers/dqo.ts';
import { loadLittle } from '../../byte-order.ts';
import type { Board, DriverReceive, DriverTransmit, GvnicFrame, GvnicOffload, Placed } from './rings.ts';
import { joined } from './rings.ts';

const { encode } = DQO_TX_FLAGS;
const { MISS, PACKET, REINJECTION, DESCRIPTOR } = DQO_COMPLETION_TYPE;
const { GENERATION } = DQO_TX_COMPLETION.mask;
const { GENERATION: RX_GENERATION, LENGTH } = DQO_RX_LENGTH.mask;
const { END_OF_PACKET, L3_L4_PROCESSED, IP_CSUM_ERR, L4_CSUM_ERR } = DQO_RX_STATUS.mask;
const { RSC } = DQO_RX_HEADER.mask;
/** Descriptors from one that reports to the next. */
const REPORT_LEAST = 32;
/** The device takes no shorter packet. */
const LEAST = 17;
/** Descriptors that stay free. */
const SPARE = 4;
const CONTEXTS = 2;
/** Buffers are shown to the device by eights. */
const SHOWN = 8;
const HALF = PAGE / 2;
/** Buffers of a received frame: more go on for ever. */
const PARTS_MOST = 32;

/** Both rings of a queue: what the driver posts, and what the device completes. */
interface DqoRings {
  readonly posted: Gpa;
  readonly completions: Gpa;
  readonly entries: number;
}

/** The driver's place in a completion ring: on each lap it expects the other generation. */
class Lap {
  slot = 0;
  generation = 1;

  private readonly entries: number;

  constructor(entries: number) {
    this.entries = entries;
  }

  next(): void {
    if (++this.slot < this.entries) return;
    this.slot = 0;
    this.generation ^= 1;
  }
}

/** A DQO transmit queue; frames lie in pages. */
export class DqoTransmitDriver implements DriverTransmit {
  private readonly board: Board;
  private readonly rings: DqoRings;
  private readonly placed: Placed;
  private readonly free: Gpa[];
  private readonly lap: Lap;
  private tail = 0;
  /** Slots up to here are free again. */
  private done = 0;
  private sinceReport = 0;
  /** Pages of the frames that the device has, by their tags. */
  private readonly frames = new Map<number, readonly Gpa[]>();
  /** Tags of those that missed. */
  private readonly missed = new Set<number>();
  private tag = 0;

  constructor(board: Board, rings: DqoRings, placed: Placed, pages: readonly Gpa[]) {
    this.board = board;
    this.rings = rings;
    this.placed = placed;
    this.free = [...pages];
    this.lap = new Lap(rings.entries);
  }

  get lent(): number {
    return this.frames.size;
  }

  hasRoom(length: number): boolean {
    const { entries } = this.rings;
    const pages = Math.ceil(length / PAGE);
    const used = (this.tail - this.done + entries) % entries;
    // Each packet may have two completions, and each report has one.
    const packets = (entries - entries / REPORT_LEAST) / 2;
    const isRoom = this.frames.size < packets && entries - used > pages + CONTEXTS + SPARE;
    return isRoom && this.free.length >= pages;
  }

  post(given: Uint8Array, offload: GvnicOffload | null): void {
    const frame = given.length < LEAST ? padded(given) : given;
    const pages = this.free.splice(0, Math.ceil(frame.length / PAGE));
    const tag = this.takeTag();
    this.frames.set(tag, pages);
    if (offload?.cut !== undefined) this.putCut(frame, offload.cut);
    this.put(dqo_tx_pkt_desc.encode({ type_flags: DQO_TX_TYPE.GENERAL_CONTEXT }));
    for (const [i, page] of pages.entries()) {
      const part = frame.subarray(i * PAGE, (i + 1) * PAGE);
      this.board.port.memory.write(page, part);
      const last = i === pages.length - 1;
      const report = last && this.sinceReport + 1 >= REPORT_LEAST;
      const type_flags = encode({
        TYPE: DQO_TX_TYPE.PACKET,
        END_OF_PACKET: last ? 1 : 0,
        CHECKSUM: offload === null ? 0 : 1,
        REPORT_EVENT: report ? 1 : 0,
      });
      this.put(
        dqo_tx_pkt_desc.encode({ buf_addr: BigInt(page), type_flags, compl_tag: tag, buf_size: part.length }),
      );
      if (report) this.sinceReport = 0;
    }
    this.board.ring(this.placed.doorbell, this.tail);
  }

  serve(): void {
    const { port } = this.board;
    const { completions } = this.rings;
    for (;;) {
      const at = completions + this.lap.slot * dqo_tx_completion.size;
      const word = loadLittle(port, at, 2);
      if (((word & GENERATION) !== 0 ? 1 : 0) !== this.lap.generation) return;
      this.take(DQO_TX_COMPLETION.decode(word).TYPE, loadLittle(port, at + dqo_tx_completion.offset.tag, 2));
      this.lap.next();
    }
  }

  private take(type: number, tag: number): void {
    if (type === DESCRIPTOR) {
      if (tag < this.rings.entries) this.done = tag;
      return;
    }
    if (type === MISS || (type === PACKET && (tag & DQO_ALTERNATE_MISS) !== 0)) {
      this.missed.add(tag & ~DQO_ALTERNATE_MISS);
      return;
    }
    // A packet that missed is the device's until it is injected again.
    if (type !== (this.missed.has(tag) ? REINJECTION : PACKET)) return;
    this.missed.delete(tag);
    this.free.push(...(this.frames.get(tag) ?? []));
    this.frames.delete(tag);
  }

  /** The payload's checksum field must not count the length: the device computes it anew. */
  private putCut(frame: Uint8Array, { mss, headerLength }: NonNullable<GvnicOffload['cut']>): void {
    const type_flags = encode({ TYPE: DQO_TX_TYPE.TSO_CONTEXT, END_OF_PACKET: 1 });
    const tso_total_len = frame.length - headerLength;
    this.put(dqo_tx_tso_desc.encode({ tso_total_len, mss, header_len: headerLength, type_flags }));
  }

  private put(descriptor: Uint8Array): void {
    const { posted, entries } = this.rings;
    this.board.port.memory.write(posted + this.tail * descriptor.length, descriptor);
    this.tail = (this.tail + 1) % entries;
    this.sinceReport++;
  }

  private takeTag(): number {
    do this.tag = (this.tag + 1) % this.rings.entries;
    while (this.frames.has(this.tag));
    return this.tag;
  }
}

function padded(frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(LEAST);
  bytes.set(frame);
  return bytes;
}

/** A DQO receive queue; buffers are halves of pages. */
export class DqoReceiveDriver implements DriverReceive {
  private readonly board: Board;
  private readonly rings: DqoRings;
  private readonly placed: Placed;
  private readonly pages: readonly Gpa[];
  private readonly lap: Lap;
  private tail = 0;
  private parts: Uint8Array[] = [];
  /** Buffers that the device has. */
  private readonly lent = new Set<number>();
  /** The device found the frame at hand to be damaged. */
  private isSpoilt = false;

  /** @param pages half as many as there are buffers. */
  constructor(board: Board, rings: DqoRings, placed: Placed, pages: readonly Gpa[]) {
    this.board = board;
    this.rings = rings;
    this.placed = placed;
    this.pages = pages;
    this.lap = new Lap(rings.entries);
  }

  /** Each half of a page is one; they are fewer than the ring has slots, and a multiple of eight. */
  fill(): void {
    for (let id = 0; id < 2 * this.pages.length; id++) this.give(id);
    this.board.ring(this.placed.doorbell, this.tail);
  }

  serve(deliver: (frame: GvnicFrame) => void): void {
    const { port } = this.board;
    const before = this.tail;
    for (;;) {
      const at = this.rings.completions + this.lap.slot * dqo_rx_completion.size;
      const length = loadLittle(port, at + dqo_rx_completion.offset.length, 2);
      if (((length & RX_GENERATION) !== 0 ? 1 : 0) !== this.lap.generation) break;
      const bytes = new Uint8Array(dqo_rx_completion.size);
      port.memory.read(at, bytes);
      this.take(dqo_rx_completion.decode(bytes), deliver);
      this.lap.next();
    }
    const shown = before - (before % SHOWN);
    const now = this.tail - (this.tail % SHOWN);
    if (shown !== now) this.board.ring(this.placed.doorbell, now);
  }

  private take(
    completion: ReturnType<typeof dqo_rx_completion.decode>,
    deliver: (frame: GvnicFrame) => void,
  ): void {
    const { buf_id, length, status, header, hash, flags1 } = completion;
    const bytes = length & LENGTH;
    // What the device does not have cannot come back, and what fits into no buffer is no frame.
    const isLent = this.lent.delete(buf_id);
    this.isSpoilt ||=
      (flags1 & DQO_RX_ERROR) !== 0 || !isLent || bytes > HALF || this.parts.length > PARTS_MOST;
    if (!this.isSpoilt) {
      const part = new Uint8Array(bytes);
      this.board.port.memory.read(this.addressOf(buf_id), part);
      this.parts.push(part);
    }
    if (isLent) this.give(buf_id);
    if ((status & END_OF_PACKET) === 0) return;
    if (this.isSpoilt) {
      this.isSpoilt = false;
      this.parts = [];
      return;
    }
    const checked = (status & (L3_L4_PROCESSED | IP_CSUM_ERR | L4_CSUM_ERR)) === L3_L4_PROCESSED;
    const segmentSize = (header & RSC) === 0 ? 0 : completion.rsc_seg_len;
    const timestamp = (completion.timestamp_valid & 1) === 0 ? null : completion.timestamp;
    deliver({ bytes: joined(this.parts), checked, hash, segmentSize, timestamp });
    this.parts = [];
  }

  private give(id: number): void {
    this.lent.add(id);
    const at = this.rings.posted + this.tail * dqo_rx_buffer.size;
    const buffer = dqo_rx_buffer.encode({ buf_id: id, buf_addr: BigInt(this.addressOf(id)) });
    this.board.port.memory.write(at, buffer);
    this.tail = (this.tail + 1) % this.rings.entries;
  }

  private addressOf(id: number): Gpa {
    return this.pages[id >> 1]! + (id & 1) * HALF;
  }
}
