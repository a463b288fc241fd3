import type { Gpa } from '../../../core/bits.ts';
import { NET_HDR_SIZE, virtio_net_hdr_hash } from '../../../virtio/net/registers.ts';
import type { DriverQueue } from '../../virtio/driver-queue.ts';
import type { VirtioDriver } from '../../virtio/virtio-driver.ts';
import { type BufferLayout, headerFirst } from './buffer-layout.ts';

const { offset: hashAt } = virtio_net_hdr_hash;
const HASH_AT = NET_HDR_SIZE.mergeable;

/**
 * A ring is stocked with this many buffers, or fewer where they would take more memory than this or more
 * descriptors than it has.
 */
const BUFFERS_MAX = 128;
const MEMORY_MAX = 2 << 20;

/** What the device said about a frame, besides its bytes. */
export interface ReceivedHeader {
  /** NEEDS_CSUM 1: the checksum at csum_start + csum_offset is not finished; DATA_VALID 2: it was verified. */
  readonly flags: number;
  /** 0 an ordinary frame, 1 many TCP/IPv4 segments in one, 4 TCP/IPv6. */
  readonly gso_type: number;
  /** How long the headers may be: a hint, and no driver is to trust it. */
  readonly hdr_len: number;
  /** Payload bytes of each segment. */
  readonly gso_size: number;
  readonly csum_start: number;
  readonly csum_offset: number;
  /** With HASH_REPORT the hash of the frame, and over what it was taken: NET_HASH_REPORT; else 0. */
  readonly hash_value: number;
  readonly hash_report: number;
}

/** A frame that came, and what the device said about it. */
export interface ReceivedFrame {
  readonly header: ReceivedHeader;
  /** From the destination address on, without a frame check sequence. */
  readonly bytes: Uint8Array;
}

/** One receive queue: stocks it, puts frames together, and gives each buffer back to the device at once. */
export class ReceiveRing {
  private readonly device: VirtioDriver;
  private readonly queue: DriverQueue;
  private readonly layout: BufferLayout;
  private readonly deliver: (frame: ReceivedFrame) => void;
  private readonly stocked: Gpa[] = [];
  /** Buffer of each chain, by its id. */
  private readonly buffers: Gpa[] = [];
  /** Mergeable only: the pieces of the frame under way, and how many are missing. */
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

  /** Hands buffers to the device, the first time only. It uses them once it is ready and was told by `kick`. */
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

  /** Takes what came, in order. */
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

  /** Gives the buffers back, after the device was reset. */
  release(): void {
    for (const buffer of this.stocked.splice(0)) this.device.port.release(buffer);
  }

  private lend(buffer: Gpa): void {
    const id = this.queue.add([], headerFirst(this.layout, buffer, this.layout.receiveBuffer));
    if (id !== null) this.buffers[id] = buffer;
  }

  /** The first piece begins with the header, which says how many pieces the frame has. */
  private assemble(piece: Uint8Array): void {
    if (this.missing === 0) {
      if (piece.length < this.layout.header) return;
      this.pieces = [];
      this.missing = this.layout.mergeable ? Math.max(1, this.layout.fields.decode(piece).num_buffers) : 1;
    }
    this.pieces.push(piece);
    if (--this.missing > 0) return;
    const whole = this.pieces.length === 1 ? piece : concatenate(this.pieces);
    this.deliver({
      header: decodeHeader(whole, this.layout),
      bytes: whole.subarray(this.layout.header),
    });
  }
}

function decodeHeader(bytes: Uint8Array, { header, fields }: BufferLayout): ReceivedHeader {
  const { endian, offset: at } = fields;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const half = (offset: number) => view.getUint16(offset, endian === 'le');
  return {
    flags: bytes[at.flags]!,
    gso_type: bytes[at.gso_type]!,
    hdr_len: half(at.hdr_len),
    gso_size: half(at.gso_size),
    csum_start: half(at.csum_start),
    csum_offset: half(at.csum_offset),
    hash_value: header < NET_HDR_SIZE.hash ? 0 : view.getUint32(HASH_AT + hashAt.hash_value, true),
    hash_report: header < NET_HDR_SIZE.hash ? 0 : view.getUint16(HASH_AT + hashAt.hash_report, true),
  };
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
