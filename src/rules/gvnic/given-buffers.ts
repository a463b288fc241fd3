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
  private readonly ring: LentArea;
  private readonly entries: number;
  /** When each slot of the ring was given. */
  private readonly since: Float64Array;

  constructor(id: number, made: MadeQueue, isDqo: boolean) {
    this.id = id;
    this.made = made;
    this.isDqo = isDqo;
    this.size = made.fields.packet_buffer_size || RX_BUFFER;
    this.joins = made.fields.enable_rsc !== 0;
    this.ring = made.areas[1]!;
    this.entries = this.ring.length / (isDqo ? dqo_rx_buffer.size : gqi_rx_data_slot.size);
    this.since = new Float64Array(this.entries);
  }

  /** So many are with the device now. */
  give(outstanding: number, time: number): void {
    const posted = this.used + outstanding;
    for (let i = Math.max(this.posted, posted - this.entries); i < posted; i++)
      this.since[i % this.entries] = time;
    this.posted = posted;
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
