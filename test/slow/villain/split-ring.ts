import type { Gpa } from '../../../src/core/bits.ts';
import type { GuestPort } from '../../../src/core/guest-port.ts';
import { storeSegment } from '../../../src/guest/virtio/descriptor.ts';
import {
  VIRTQ_DESC_F,
  virtq_avail,
  virtq_desc,
  virtq_used,
  virtq_used_elem,
} from '../../../src/virtio/registers.ts';

const { NEXT, WRITE } = VIRTQ_DESC_F;
const DESC = virtq_desc.size;
/** Longer than any device here takes. */
const LONG = 10_000_000;

/** A buffer of a chain. */
export interface Buffer {
  readonly address: Gpa;
  readonly length: number;
  readonly write?: boolean;
}

/** Whose ring it is. */
interface RingOwner {
  readonly port: GuestPort;
  readonly memory: GuestPort['memory'];
  room(bytes: number): Gpa;
  kick(index: number): void;
}

/** A split ring of a `BareDevice`, in which stands what is put there. */
export class SplitRing {
  readonly index: number;
  readonly size: number;
  readonly desc: Gpa;
  readonly driver: Gpa;
  readonly device: Gpa;
  private readonly owner: RingOwner;
  private slot = 0;
  private offers = 0;

  constructor(owner: RingOwner, index: number, size: number) {
    this.owner = owner;
    this.index = index;
    this.size = size;
    this.desc = owner.room(size * DESC);
    this.driver = owner.room(virtq_avail.size + 2 * size + 2);
    this.device = owner.room(virtq_used.size + virtq_used_elem.size * size + 2);
  }

  put(slot: number, { address, length }: Buffer, flags: number, next = 0, table = this.desc): void {
    const { memory } = this.owner;
    const at = table + slot * DESC;
    // What a driver's own helper refuses to store stands there, too.
    if (length > 0) storeSegment(memory, at, { address, length });
    else storeSegment(memory, at, { address, length: 1 });
    memory.store(at + virtq_desc.offset.len, length, 4);
    memory.store(at + virtq_desc.offset.flags, flags, 2);
    memory.store(at + virtq_desc.offset.next, next, 2);
  }

  /** A chain in the next descriptors; its head. */
  chain(...buffers: readonly Buffer[]): number {
    const head = this.slot;
    for (const [i, buffer] of buffers.entries()) {
      const more = i + 1 < buffers.length;
      const flags = (buffer.write ? WRITE : 0) | (more ? NEXT : 0);
      this.put((head + i) % this.size, buffer, flags, more ? (head + i + 1) % this.size : 0);
    }
    this.slot = (head + buffers.length) % this.size;
    return head;
  }

  offer(head: number): void {
    const at = this.driver + virtq_avail.size + 2 * (this.offers % this.size);
    this.owner.memory.store(at, head, 2);
    this.offers++;
    this.idx(this.offers);
  }

  idx(value: number): void {
    this.owner.memory.store(this.driver + virtq_avail.offset.idx, value & 0xffff, 2);
  }

  get used(): number {
    return this.owner.memory.load(this.device + virtq_used.offset.idx, 2);
  }

  kick(): void {
    this.owner.kick(this.index);
  }

  /** A chain of these buffers, made available and announced. */
  post(...buffers: readonly Buffer[]): void {
    this.offer(this.chain(...buffers));
    this.kick();
  }

  /** The same, and it waits until all came back, if they do. */
  send(...buffers: readonly Buffer[]): void {
    this.post(...buffers);
    this.owner.port.wait(() => this.used === (this.offers & 0xffff), LONG);
  }
}
