import type { Gpa } from '../../../core/bits.ts';
import { virtio_net_hdr_whole } from '../../../virtio/net/registers.ts';
import type { BufferPool } from '../../buffer-pool.ts';
import { SECOND } from '../../driver-error.ts';
import type { DriverQueue } from '../../virtio/driver-queue.ts';
import type { Segment } from '../../virtio/indirect-tables.ts';
import type { VirtioDriver } from '../../virtio/virtio-driver.ts';
import { type BufferLayout, headerFirst } from './buffer-layout.ts';

/** The fields of virtio_net_hdr that a sender fills in; default 0. */
export interface TransmitHeader {
  readonly flags?: number;
  readonly gso_type?: number;
  readonly hdr_len?: number;
  readonly gso_size?: number;
  readonly csum_start?: number;
  readonly csum_offset?: number;
  /** These exist with the tunnel features. */
  readonly outer_th_offset?: number;
  readonly inner_nh_offset?: number;
}

/** One transmit queue. Frames lie in non-adjacent pages; a page is free again when its chain is returned. */
export class TransmitRing {
  private readonly device: VirtioDriver;
  private readonly queue: DriverQueue;
  private readonly layout: BufferLayout;
  private readonly pages: BufferPool;
  /** Pages of each chain that the device has, by ID. */
  private readonly lent = new Map<number, Gpa[]>();
  /** Room for a header and its frame, kept for the next: an array for each takes time. */
  private scratch = new Uint8Array(0);

  constructor(device: VirtioDriver, index: number, layout: BufferLayout, pages: BufferPool) {
    this.device = device;
    this.layout = layout;
    this.pages = pages;
    this.queue = device.addQueue(index, () => this.serve());
  }

  /** Whether a frame of so many bytes can be queued now. */
  hasRoom(length: number): boolean {
    const pages = Math.ceil((this.layout.header + length) / this.pages.size);
    return this.queue.free >= this.queue.cost(this.layout.anyLayout ? pages : pages + 1);
  }

  /** Queues a frame, waiting for room, and kicks the device. The bytes are copied. */
  post(header: TransmitHeader, frame: Uint8Array): void {
    const room = () => this.hasRoom(frame.length);
    this.device.waitFor(room, SECOND, `transmit queue ${this.queue.index} stays full`);
    const bytes = this.withHeader(header, frame);
    const pages = this.pages.takeFor(bytes.length);
    const segments = this.store(bytes, pages);
    this.lent.set(this.queue.add(segments, [])!, pages);
    this.device.kick(this.queue);
  }

  /** Waits until the device has taken every frame. */
  flush(): void {
    this.device.waitFor(
      () => this.lent.size === 0,
      SECOND,
      `transmit queue ${this.queue.index} keeps ${this.lent.size} frames`,
    );
  }

  /** The device's lengths are ignored: legacy devices write arbitrary ones. */
  serve(): void {
    this.queue.drain((id) => {
      this.pages.giveAll(this.lent.get(id)!);
      this.lent.delete(id);
    });
  }

  private withHeader(header: TransmitHeader, frame: Uint8Array): Uint8Array {
    const start = this.layout.header;
    const length = start + frame.length;
    if (this.scratch.length < length) this.scratch = new Uint8Array(length);
    this.scratch.fill(0, 0, start);
    (header.outer_th_offset === undefined ? this.layout.fields : virtio_net_hdr_whole).encode(
      header,
      this.scratch,
    );
    this.scratch.set(frame, start);
    return this.scratch.subarray(0, length);
  }

  private store(bytes: Uint8Array, pages: readonly Gpa[]): Segment[] {
    const { size } = this.pages;
    const segments: Segment[] = [];
    for (const [i, page] of pages.entries()) {
      const part = bytes.subarray(i * size, (i + 1) * size);
      this.device.port.memory.write(page, part);
      if (i === 0) segments.push(...headerFirst(this.layout, page, part.length));
      else segments.push({ address: page, length: part.length });
    }
    return segments;
  }
}
