import type { GuestMemory } from '../../core/memory.ts';
import { dqo_rx_buffer } from '../../gvnic/registers/dqo.ts';
import { gqi_rx_data_slot, RX_BUFFER } from '../../gvnic/registers/gqi.ts';
import type { MadeQueue } from './card-state.ts';
import { addressIn, type LentArea, overlap } from './lent-areas.ts';

/** Every buffer of a good driver begins at a multiple of this, or has bytes of two or three. */
const CHUNK = 2048;

/** The last use of a place: which buffer of which queue it was, and when. */
interface Use {
  address: number;
  length: number;
  by: GivenBuffers;
  index: number;
  time: number;
}

/** Which buffers were used, by where they are. */
export class Uses {
  private readonly chunks = new Map<number, Use>();

  /** A buffer that has some of these bytes, and that was used while the device had this one already; null for none. */
  find(address: number, length: number, by: GivenBuffers, index: number): Readonly<Use> | null {
    const since = by.sinceOf(index);
    for (let chunk = chunkOf(address); chunk <= chunkOf(address + length - 1); chunk++) {
      const use = this.chunks.get(chunk);
      if (use === undefined || (use.by === by && use.index === index) || since > use.time) continue;
      if (use.address < address + length && address < use.address + use.length) return use;
    }
    return null;
  }

  /** @returns whether the first byte was one of a buffer before. */
  use(address: number, length: number, by: GivenBuffers, index: number, time: number): boolean {
    const first = chunkOf(address);
    const isKnown = this.chunks.has(first);
    for (let chunk = first; chunk <= chunkOf(address + length - 1); chunk++) {
      const use = this.chunks.get(chunk);
      if (use === undefined) this.chunks.set(chunk, { address, length, by, index, time });
      // The same buffer is looked at again where a frame did not fit.
      else if (use.by !== by || use.index !== index || use.address !== address) {
        use.address = address;
        use.length = length;
        use.by = by;
        use.index = index;
        use.time = time;
      }
    }
    return isKnown;
  }
}

function chunkOf(address: number): number {
  return Math.floor(address / CHUNK);
}

/** The buffers that a receive queue has. */
export class GivenBuffers {
  readonly id: number;
  readonly made: MadeQueue;
  /** Bytes of each. */
  readonly size: number;
  /** The queue joins segments. */
  readonly joins: boolean;
  /** By places in its list of pages. */
  readonly offsets = new Uses();
  /** By what identifies a buffer of DQO rings. */
  private readonly ids = new Uses();
  /** Buffers that the device used, without end. */
  used = 0;
  private posted = 0;
  private readonly isDqo: boolean;
  readonly ring: LentArea;
  private readonly slotBytes: number;
  private readonly entries: number;
  /** When each slot of the ring was given. */
  private readonly since: Float64Array;
  /** What is wrong with one of those that were given last: the first is told of; null for nothing. */
  wrong: 'outside' | 'null' | 'twice' | null = null;
  wrongId = 0;
  /** It is that with the place for headers. */
  isOfHeaders = false;
  private readonly mayBeAt: (address: number, length: number) => boolean;

  /** @param mayBeAt whether a buffer may be there, in RAM or in the list of pages. */
  constructor(
    id: number,
    made: MadeQueue,
    isDqo: boolean,
    mayBeAt: (address: number, length: number) => boolean,
  ) {
    this.id = id;
    this.mayBeAt = mayBeAt;
    this.made = made;
    this.isDqo = isDqo;
    this.size = made.fields.packet_buffer_size || RX_BUFFER;
    this.joins = made.fields.enable_rsc !== 0;
    this.ring = made.areas[1]!;
    this.slotBytes = isDqo ? dqo_rx_buffer.size : gqi_rx_data_slot.size;
    this.entries = this.ring.length / this.slotBytes;
    this.since = new Float64Array(this.entries);
  }

  /** It lies in the ring that the device writes. */
  get isInItself(): boolean {
    return overlap(this.made.areas[0]!, this.ring);
  }

  /** So many are with the device now. */
  give(outstanding: number, time: number, memory: GuestMemory): void {
    const { ring, entries } = this;
    const posted = this.used + outstanding;
    const range = memory.find(ring.address, ring.length);
    this.wrong = null;
    let last = -1;
    for (let i = Math.max(this.posted, posted - entries); i < posted; i++) {
      this.since[i % entries] = time;
      if (range === null || this.wrong !== null) continue;
      last = this.look(range.view, ring.address - range.base + (i % entries) * this.slotBytes, last);
    }
    this.posted = posted;
  }

  /** Looks at a buffer that is given behind one at `last`. @returns where it is. */
  private look(view: DataView, at: number, last: number): number {
    const { isDqo, size } = this;
    const headers = isDqo ? this.made.fields.header_buffer_size! : 0;
    const address = addressIn(view, isDqo ? at + dqo_rx_buffer.offset.buf_addr : at, isDqo);
    const header = headers > 0 ? addressIn(view, at + dqo_rx_buffer.offset.header_buf_addr, true) : 0;
    this.isOfHeaders = this.mayBeAt(address, size) && headers > 0 && !this.mayBeAt(header, headers);
    this.wrongId = isDqo ? view.getUint16(at, true) : address;
    if (this.isOfHeaders) this.wrong = header === 0 ? 'null' : 'outside';
    else if (!this.mayBeAt(address, size)) this.wrong = address === 0 ? 'null' : 'outside';
    else if (address === last) this.wrong = 'twice';
    return address;
  }

  /** Whether the device had another buffer of the same number when it had this one already. */
  hasTwice(id: number, index: number, time: number): boolean {
    if (!this.isDqo) return false;
    const isTwice = this.ids.find(id * CHUNK, 1, this, index) !== null;
    this.ids.use(id * CHUNK, 1, this, index, time);
    return isTwice;
  }

  sinceOf(index: number): number {
    return this.since[index % this.entries]!;
  }

  /** Whether a buffer that the device has, of RAM, has bytes of an area. */
  has(area: LentArea, memory: GuestMemory): boolean {
    const { isDqo, ring, entries, size } = this;
    const bytes = memory.slice(ring.address, ring.length);
    if (bytes === null) return false;
    const headers = this.made.fields.header_buffer_size!;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const isIn = (at: number, length: number) =>
      overlap({ address: addressIn(view, at, isDqo), length }, area);
    for (let i = this.used; i < this.posted; i++) {
      const slot = i % entries;
      if (!isDqo && isIn(slot * gqi_rx_data_slot.size, size)) return true;
      if (!isDqo) continue;
      const at = slot * dqo_rx_buffer.size;
      if (isIn(at + dqo_rx_buffer.offset.buf_addr, size)) return true;
      if (isIn(at + dqo_rx_buffer.offset.header_buf_addr, headers)) return true;
    }
    return false;
  }
}
