import type { Gpa } from '../../../core/bits.ts';
import type { GuestMemory, RamRange } from '../../../core/memory.ts';
import type { RingPlace } from '../../../virtio/queue/events.ts';
import { legacyQueueLayout, VIRTQ_DESC_F, virtq_avail, virtq_desc } from '../../../virtio/registers.ts';

const FLAGS_MOST = 1;
const { flags: FLAGS, idx: IDX } = virtq_avail.offset;
const { NEXT, WRITE, INDIRECT } = VIRTQ_DESC_F;
const ENTRY = 2;
/** Entries of the smallest ring that is searched for, and of the largest that there is. */
const [LEAST, MOST] = [2, 32_768];

/** RAM of a ring, in the byte order of its guest. */
class RingBytes {
  private readonly view: DataView;
  private readonly little: boolean;
  private readonly base: Gpa;

  constructor({ bytes, base }: RamRange, { desc, endian }: RingPlace) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.base = desc - base;
    this.little = endian === 'le';
  }

  u16(at: number): number {
    return this.view.getUint16(this.base + at, this.little);
  }

  u32(at: number): number {
    return this.view.getUint32(this.base + at, this.little);
  }
}

/**
 * Entries of the ring for which a driver laid out memory that the device takes for a smaller or larger one. It is found
 * if, by its legacy layout at the same address, there is an available ring with heads of buffers. Null if there is none.
 */
export function otherLayout(memory: GuestMemory, place: RingPlace): number | null {
  const { size } = place;
  // Heads where the device looks for them are the driver's: what else lies behind such a ring is not.
  if (isLaidOut(memory, place, size)) return null;
  for (let fewer = size / 2; fewer >= LEAST; fewer /= 2) if (isLaidOut(memory, place, fewer)) return fewer;
  for (let more = size * 2; more <= MOST; more *= 2) if (isLaidOut(memory, place, more)) return more;
  return null;
}

function isLaidOut(memory: GuestMemory, place: RingPlace, size: number): boolean {
  const { desc } = place;
  const range = memory.find(desc, legacyQueueLayout(Math.max(size, place.size)).bytes);
  return range !== null && hasHeads(new RingBytes(range, place), size);
}

function hasHeads(bytes: RingBytes, size: number): boolean {
  const { avail } = legacyQueueLayout(size);
  const count = bytes.u16(avail + IDX);
  if (bytes.u16(avail + FLAGS) > FLAGS_MOST || count === 0 || count > size) return false;
  const heads = Array.from({ length: count }, (_, i) => bytes.u16(avail + virtq_avail.size + i * ENTRY));
  return new Set(heads).size === count && heads.every((head) => head < size && isBuffer(bytes, head));
}

function isBuffer(bytes: RingBytes, head: number): boolean {
  const at = head * virtq_desc.size;
  const known = NEXT | WRITE | INDIRECT;
  return bytes.u32(at + virtq_desc.offset.len) > 0 && bytes.u16(at + virtq_desc.offset.flags) <= known;
}
