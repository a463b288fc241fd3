import type { Machine } from '../../src/index.ts';
import type { VirtioDevice } from '../../src/virtio/device.ts';
import { legacyQueueLayout, VIRTQ_DESC_F, virtq_avail, virtq_desc } from '../../src/virtio/registers.ts';

const { NEXT, WRITE, INDIRECT } = VIRTQ_DESC_F;

/** A buffer of a chain. */
export interface Part {
  readonly at: number;
  readonly bytes: number;
  readonly writable?: boolean;
}

/** A split ring of a guest that writes arbitrary content. */
export class HostileRing {
  readonly size: number;
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly little: boolean;
  private readonly at: number;
  private readonly avail: number;
  private readonly used: number;
  /** Heads offered so far, modulo 65,536. */
  private offered = 0;

  /** Configures queue `index` again, at `at`, whatever a driver did with it. */
  constructor(machine: Machine, device: VirtioDevice, index: number, at: number) {
    const queue = device.queues[index]!;
    const range = machine.chassis.board.memory.ranges[0]!;
    const { avail, used, bytes } = legacyQueueLayout(queue.maximum);
    this.size = queue.maximum;
    this.bytes = range.bytes;
    this.view = range.view;
    this.little = device.endian === 'le';
    this.at = at;
    this.avail = at + avail;
    this.used = at + used;
    range.bytes.fill(0, at, at + bytes);
    queue.resize(queue.maximum);
    queue.configure(at, this.avail, this.used);
  }

  /** Writes a chain to the descriptors from `slot` on. */
  chain(slot: number, parts: readonly Part[]): number {
    this.write(this.at, slot, parts);
    return slot;
  }

  /** Writes a table to `at`, and a descriptor in `slot` that points to it. */
  table(
    slot: number,
    at: number,
    parts: readonly Part[],
    bytes: number = parts.length * virtq_desc.size,
  ): number {
    this.write(at, 0, parts);
    this.descriptor(this.at + slot * virtq_desc.size, { at, bytes }, INDIRECT, 0);
    return slot;
  }

  /** Makes heads available: different ones, or the same repeatedly. */
  offer(heads: readonly number[]): void {
    for (const head of heads) {
      const slot = this.offered++ & (this.size - 1);
      this.view.setUint16(this.avail + virtq_avail.size + slot * 2, head, this.little);
    }
    this.view.setUint16(this.avail + virtq_avail.offset.idx, this.offered & 0xffff, this.little);
  }

  /** Whether all of them were returned. */
  get drained(): boolean {
    return this.half(this.used + 2) === (this.offered & 0xffff);
  }

  private half(at: number): number {
    return this.view.getUint16(at, this.little);
  }

  private write(table: number, first: number, parts: readonly Part[]): void {
    for (const [i, part] of parts.entries()) {
      const last = i + 1 === parts.length;
      const flags = (part.writable ? WRITE : 0) | (last ? 0 : NEXT);
      this.descriptor(table + (first + i) * virtq_desc.size, part, flags, last ? 0 : first + i + 1);
    }
  }

  private descriptor(to: number, { at, bytes }: Part, flags: number, next: number): void {
    const { view, little } = this;
    view.setBigUint64(to, BigInt(at), little);
    view.setUint32(to + 8, bytes, little);
    view.setUint16(to + 12, flags, little);
    view.setUint16(to + 14, next, little);
  }
}
