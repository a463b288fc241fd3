import type { Gpa } from '../../../core/bits.ts';
import { COMMANDS, dma_write, FLAGS, header } from './registers.ts';

/** The bytes before the data. */
const FRONT = header.size + dma_write.size;
const { message_id, command, message_size, flags, error } = header.offset;
const { address, count } = dma_write.offset;
const FOUR_GIB = 0x1_0000_0000;

/**
 * Where a client expects the data: behind a `count` of 64 bits, as in the specification and QEMU 11.1, or `early`, behind
 * one of 32, as in the first QEMU with the command, which takes the upper half of a `count` for data.
 */
export type Layout = 'documented' | 'early';
const EARLY = 4;

/** DMA_WRITE messages, one behind the other in a reused buffer. */
export class DmaMessages {
  length = 0;
  /** Of the last message. */
  lastId = 0;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private last = 0;

  constructor(bytes: number) {
    this.bytes = new Uint8Array(new ArrayBuffer(bytes));
    this.view = new DataView(this.bytes.buffer);
  }

  get buffer(): Uint8Array {
    return this.bytes;
  }

  /** Bytes for which one further message has room. */
  get room(): number {
    return this.bytes.length - this.length - FRONT;
  }

  begin(): void {
    this.length = 0;
  }

  add(to: Gpa, data: Uint8Array, layout: Layout): void {
    const { view, length: at } = this;
    this.last = at;
    this.lastId = (this.lastId + 1) & 0xffff;
    const size = FRONT + data.length;
    view.setUint16(at + message_id, this.lastId, true);
    view.setUint16(at + command, COMMANDS.DMA_WRITE, true);
    view.setUint32(at + message_size, size, true);
    view.setUint32(at + flags, FLAGS.noReply, true);
    view.setUint32(at + error, 0, true);
    const front = at + header.size;
    view.setUint32(front + address, to % FOUR_GIB, true);
    view.setUint32(front + address + 4, Math.floor(to / FOUR_GIB), true);
    view.setUint32(front + count, data.length, true);
    view.setUint32(front + count + 4, 0, true);
    this.bytes.set(data, at + FRONT - (layout === 'early' ? EARLY : 0));
    this.length += size;
  }

  /** The last is to be answered, which answers all before it. */
  end(): void {
    this.view.setUint32(this.last + flags, 0, true);
  }

  /** The data of the single message. */
  get data(): Uint8Array {
    return this.bytes.subarray(FRONT, this.length);
  }

  /** Whether a client with the other layout would have stored something other than the data. */
  get tellsLayouts(): boolean {
    const { data } = this;
    return data.some((byte, i) => byte !== (i < EARLY ? 0 : data[i - EARLY]));
  }
}
