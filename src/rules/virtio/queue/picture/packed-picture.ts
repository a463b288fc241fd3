import { type Gpa, hex } from '../../../../core/bits.ts';
import type {
  DescriptorPicture,
  EventSuppressPicture,
  PackedDescriptorPicture,
  PackedRingPicture,
} from '../../../../core/ring-picture.ts';
import {
  PVIRTQ_DESC_F,
  PVIRTQ_EVENT_WRAP,
  pvirtq_desc,
  pvirtq_event_suppress,
} from '../../../../virtio/registers.ts';
import { flagNames, type RingFocus, type RingView } from './ring-view.ts';

const { NEXT, WRITE, INDIRECT, AVAIL, USED } = PVIRTQ_DESC_F;
const { id: ID, flags: FLAGS } = pvirtq_desc.offset;
const DESC = pvirtq_desc.size;
/** Descriptors of the ring, one of them before the one in question, and entries of an indirect table. */
const SHOWN = 8;
const TABLE_SHOWN = 4;

/** A packed virtqueue around a buffer. */
export function packedPicture(view: RingView, focus: RingFocus): PackedRingPicture {
  const { size, desc, driver, device } = view.place;
  return {
    format: 'packed',
    size,
    about: focus.about,
    desc: view.isRam(desc, size * DESC)
      ? { at: hex(desc, 8), entries: ringPicture(view, focus.slot ?? firstOf(view, focus.chain)) }
      : null,
    driver: eventPicture(view, driver),
    device: eventPicture(view, device),
  };
}

/** The first slot of the device's buffer with this id, else of any buffer of the device, else 0. */
function firstOf(view: RingView, chain: number | null): number {
  const { desc, size } = view.place;
  const slots = Array.from({ length: size }, (_, slot) => slot);
  const available = slots.filter((slot) => isAvailable(view.u16(desc + slot * DESC + FLAGS)));
  const last = available.find((slot) => view.u16(desc + slot * DESC + ID) === chain) ?? available[0] ?? 0;
  return listTo(view, last);
}

/** The id is in the last descriptor of a list: goes back to its first. */
function listTo(view: RingView, last: number): number {
  const { desc, size } = view.place;
  let slot = last;
  for (let i = 1; i < SHOWN; i++) {
    const before = (slot || size) - 1;
    const flags = view.u16(desc + before * DESC + FLAGS);
    if (!isAvailable(flags) || (flags & NEXT) === 0) break;
    slot = before;
  }
  return slot;
}

/** The two bits differ. That is all that a descriptor shows by itself: which of them is set depends on the lap. */
function isAvailable(flags: number): boolean {
  return ((flags & AVAIL) !== 0) !== ((flags & USED) !== 0);
}

function ringPicture(view: RingView, slot: number): PackedDescriptorPicture[] {
  const { desc, size } = view.place;
  const first = (slot || size) - 1;
  return Array.from({ length: Math.min(size, SHOWN) }, (_, i) => {
    const index = (first + i) % size;
    const at = desc + index * DESC;
    const flags = view.u16(at + FLAGS);
    return {
      ...descriptorPicture(view, at, index, isAvailable(flags)),
      avail: (flags & AVAIL) === 0 ? 0 : 1,
      used: (flags & USED) === 0 ? 0 : 1,
      ...(isAvailable(flags) && (flags & INDIRECT) !== 0 && tableOf(view, at)),
    };
  });
}

/** A descriptor that is not the device's may hold anything, and is never odd. */
function descriptorPicture(view: RingView, at: Gpa, index: number, lent: boolean): DescriptorPicture {
  const flags = view.u16(at + FLAGS);
  const names = flagNames(flags, { NEXT, WRITE, INDIRECT });
  const odd = lent ? view.odd(at, flags, true) : null;
  return { index, ...view.common(at), id: view.u16(at + ID), flags, flagNames: names, odd };
}

function tableOf(view: RingView, at: Gpa): Pick<DescriptorPicture, 'table' | 'tableLength'> {
  const table = view.u64(at + pvirtq_desc.offset.addr);
  const length = view.u32(at + pvirtq_desc.offset.len);
  if (!view.isRam(table, length)) return {};
  const tableLength = Math.floor(length / DESC);
  const shown = Array.from({ length: Math.min(tableLength, TABLE_SHOWN) }, (_, i) =>
    descriptorPicture(view, table + i * DESC, i, true),
  );
  return { table: shown, tableLength };
}

function eventPicture(view: RingView, at: Gpa): EventSuppressPicture | null {
  if (!view.isRam(at, pvirtq_event_suppress.size)) return null;
  const desc = view.u16(at + pvirtq_event_suppress.offset.desc);
  return {
    at: hex(at, 8),
    off: desc & ~PVIRTQ_EVENT_WRAP,
    wrap: (desc & PVIRTQ_EVENT_WRAP) === 0 ? 0 : 1,
    flags: view.u16(at + pvirtq_event_suppress.offset.flags),
  };
}
