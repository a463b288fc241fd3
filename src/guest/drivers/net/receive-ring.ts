import type { Gpa } from '../../../core/bits.ts';
import type { DriverQueue } from '../../virtio/driver-queue.ts';
import type { VirtioDriver } from '../../virtio/virtio-driver.ts';
import { type BufferLayout, headerFirst } from './buffer-layout.ts';
import { decodeHeader, isRefused, type ReceivedHeader } from './received-header.ts';

/**
 * A ring is filled with this many buffers, or fewer if they would take more memory than this or more descriptors than
 * it has.
 */
const BUFFERS_MAX = 128;
const MEMORY_MAX = 2 << 20;

/** A received frame and the device's description of it. */
export interface ReceivedFrame {
  readonly header: ReceivedHeader;
  /** From the destination address on, without a frame check sequence. */
  readonly bytes: Uint8Array;
}

/** One receive queue: fills it, assembles frames, and returns each buffer to the device at once. */
export class ReceiveRing {
  private readonly device: VirtioDriver;
  private readonly queue: DriverQueue;
  private readonly layout: BufferLayout;
  private readonly deliver: (frame: ReceivedFrame) => void;
  private readonly stocked: Gpa[] = [];
  /** Buffer of each chain, by ID. */
  private readonly buffers: Gpa[] = [];
  /** Mergeable buffers only: the pieces of the current frame, and how many are missing. */
  private pieces: Uint8Array[] = [];
  private missing = 0;

  constructor(
    device: VirtioDriver,
    index: number,
    layout: BufferLayout,
    deliver: (frame: ReceivedFrame) => void,
  ) {
    this.device = device;
    this.layout = layout;
    this.deliver = deliver;
    this.queue = device.addQueue(index, () => this.serve());
  }

  /** Fills the ring, the first time only. The device uses the buffers once it is ready and kicked. */
  stock(): void {
    if (this.stocked.length > 0) return;
    const size = this.layout.receiveBuffer;
    const most = Math.min(BUFFERS_MAX, Math.floor(MEMORY_MAX / size));
    for (let i = 0; i < most; i++) {
      const descriptors = headerFirst(this.layout, 0, size).length;
      if (this.queue.cost(descriptors) > this.queue.free) return;
      const buffer = this.device.port.allocate(size, 1);
      this.stocked.push(buffer);
      this.lend(buffer);
    }
  }

  kick(): void {
    this.device.kick(this.queue);
  }

  /** Takes received frames, in order. */
  serve(): void {
    const memory = this.device.port.memory;
    this.queue.drain((id, length) => {
      const buffer = this.buffers[id]!;
      const bytes = new Uint8Array(Math.min(length, this.layout.receiveBuffer));
      memory.read(buffer, bytes);
      this.lend(buffer);
      this.assemble(bytes);
    });
    this.kick();
  }

  /** Frees the buffers, after the device was reset. */
  release(): void {
    for (const buffer of this.stocked.splice(0)) this.device.port.release(buffer);
  }

  private lend(buffer: Gpa): void {
    const id = this.queue.add([], headerFirst(this.layout, buffer, this.layout.receiveBuffer));
    if (id !== null) this.buffers[id] = buffer;
  }

  /** The first piece begins with the header, which holds the number of pieces. */
  private assemble(piece: Uint8Array): void {
    if (this.missing === 0) {
      if (piece.length < this.layout.header) return;
      this.pieces = [];
      this.missing = this.layout.mergeable ? Math.max(1, this.layout.fields.decode(piece).num_buffers) : 1;
    }
    this.pieces.push(piece);
    if (--this.missing > 0) return;
    const whole = this.pieces.length === 1 ? piece : concatenate(this.pieces);
    const header = decodeHeader(whole, this.layout);
    if (isRefused(header, this.layout)) return;
    this.deliver({ header, bytes: whole.subarray(this.layout.header) });
  }
}

function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
