import { hex } from '../../../core/bits.ts';
import type { GuestMemory } from '../../../core/memory.ts';
import type { RingFault, RingPlace } from '../../../virtio/queue/events.ts';
import {
  PVIRTQ_DESC_F,
  pvirtq_desc,
  VIRTQ_DESC_F,
  virtq_avail,
  virtq_desc,
} from '../../../virtio/registers.ts';
import { isInRing } from './picture/ring-view.ts';

const { NEXT, WRITE, INDIRECT } = VIRTQ_DESC_F;
const { AVAIL, USED } = PVIRTQ_DESC_F;
/** Descriptors of a chain that are shown. */
const SHOWN = 4;

/** A ring around its fault, as text; empty if it does not lie in RAM. */
export function ringTextOf(
  { broke, slot, place }: { broke: RingFault | null; slot: number; place: RingPlace | null },
  memory: GuestMemory | null,
  taken: number,
): readonly string[] {
  if (place === null || memory === null) return [];
  const view = new View(memory, place);
  if (!place.packed) return splitText(view, taken % place.size);
  return broke !== null && isInRing(broke) ? packedText(view, slot) : [];
}

/** `avail.idx = 5`, `avail.ring[4] = 3`, and the chain from descriptor 3 on. */
function splitText(view: View, slot: number): string[] {
  const { driver, size } = view.place;
  const head = view.half(driver + virtq_avail.size + 2 * slot);
  const lines = [
    `avail.idx = ${view.half(driver + virtq_avail.offset.idx)}`,
    `avail.ring[${slot}] = ${head}`,
  ];
  for (let i = head, shown = 0; i < size && shown < SHOWN; shown++) {
    const at = view.place.desc + i * virtq_desc.size;
    const flags = view.half(at + virtq_desc.offset.flags);
    const next = view.half(at + virtq_desc.offset.next);
    lines.push(`desc[${i}] = ${view.buffer(at, flags)}${(flags & NEXT) !== 0 ? ` NEXT→${next}` : ''}`);
    if ((flags & NEXT) === 0) break;
    i = next;
  }
  return lines;
}

/** A descriptor and the one before it, with the flags that tell whether the driver or the device has them. */
function packedText(view: View, slot: number): string[] {
  const { desc, size } = view.place;
  return [...new Set([(slot || size) - 1, slot])].map((i) => {
    const at = desc + i * pvirtq_desc.size;
    const flags = view.half(at + pvirtq_desc.offset.flags);
    const states = [
      (flags & NEXT) !== 0 && 'NEXT',
      (flags & AVAIL) !== 0 && 'AVAIL',
      (flags & USED) !== 0 && 'USED',
    ];
    const id = view.half(at + pvirtq_desc.offset.id);
    return [
      `desc[${i}] = ${view.buffer(at, flags)}`,
      `id ${id}`,
      ...states.filter((state) => state !== false),
    ].join(' ');
  });
}

/** Guest RAM in the byte order of a ring; what is not RAM reads as 0. */
class View {
  readonly place: RingPlace;
  private readonly memory: GuestMemory;
  private readonly little: boolean;

  constructor(memory: GuestMemory, place: RingPlace) {
    this.memory = memory;
    this.place = place;
    this.little = place.endian === 'le';
  }

  half(at: number): number {
    return this.bytes(at, 2).getUint16(0, this.little);
  }

  /** `00103040 +64 WRITE` */
  buffer(desc: number, flags: number): string {
    const bytes = this.bytes(desc, virtq_desc.size);
    const address = bytes.getBigUint64(virtq_desc.offset.addr, this.little);
    const length = bytes.getUint32(virtq_desc.offset.len, this.little);
    const kind = (flags & INDIRECT) !== 0 ? ' INDIRECT' : (flags & WRITE) !== 0 ? ' WRITE' : '';
    return `${hex(Number(address), 8)} +${length}${kind}`;
  }

  private bytes(at: number, length: number): DataView {
    const bytes = this.memory.slice(at, length)?.slice() ?? new Uint8Array(length);
    return new DataView(bytes.buffer);
  }
}
