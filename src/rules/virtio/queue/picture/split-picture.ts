import { type Gpa, hex } from '../../../../core/bits.ts';
import type {
  DescriptorPicture,
  EntryState,
  RingAreaPicture,
  SplitRingPicture,
} from '../../../../core/ring-picture.ts';
import {
  VIRTQ_DESC_F,
  virtq_avail,
  virtq_desc,
  virtq_used,
  virtq_used_elem,
} from '../../../../virtio/registers.ts';
import { flagNames, type RingFocus, type RingView } from './ring-view.ts';

const { NEXT, WRITE, INDIRECT } = VIRTQ_DESC_F;
const { flags: FLAGS, next: NEXT_AT } = virtq_desc.offset;
/** Descriptors of a chain, and entries of an indirect table, that are shown. */
const CHAIN_SHOWN = 6;
const TABLE_SHOWN = 4;
/** Entries of a ring that are shown, and how many of them precede the device's position. */
const RING_SHOWN = 6;
const TAKEN_SHOWN = 2;
const USED_SHOWN = 4;
const INDEXES = 0x1_0000;

/** A split virtqueue around a chain. */
export function splitPicture(view: RingView, { taken, chain, about }: RingFocus): SplitRingPicture {
  const { size } = view.place;
  const avail = availPicture(view, taken);
  const desc = descPicture(view, chain ?? headAt(view, taken, avail));
  return { format: 'split', size, about, taken: taken % INDEXES, desc, avail, used: usedPicture(view) };
}

/** The chain that the device takes next; where there is none, the one that it took last. */
function headAt(view: RingView, taken: number, avail: RingAreaPicture | null): number {
  const { driver, size } = view.place;
  const position = avail?.idx === taken % INDEXES && taken > 0 ? taken - 1 : taken;
  return view.u16(driver + virtq_avail.size + 2 * (position % size));
}

function descPicture(view: RingView, head: number): SplitRingPicture['desc'] {
  const { desc, size } = view.place;
  if (!view.isRam(desc, size * virtq_desc.size)) return null;
  const entries = chainPicture(view, { at: desc, size, shown: CHAIN_SHOWN }, head);
  const last = entries.at(-1);
  const more = entries.length === CHAIN_SHOWN && (last!.flags & NEXT) !== 0 && last!.odd === null;
  return { at: hex(desc, 8), entries, more };
}

interface Table {
  readonly at: Gpa;
  readonly size: number;
  /** The most entries to show; an indirect table must not hold another. */
  readonly shown: number;
  readonly indirect?: true;
}

/** From `head` on, until the chain ends, leaves its table, or comes back to itself. */
function chainPicture(view: RingView, table: Table, head: number): DescriptorPicture[] {
  const entries: DescriptorPicture[] = [];
  const been = new Set<number>();
  let written = false;
  for (let i = head; i < table.size && entries.length < table.shown; ) {
    been.add(i);
    const at = table.at + i * virtq_desc.size;
    const [flags, next] = [view.u16(at + FLAGS), view.u16(at + NEXT_AT)];
    const isNested = (flags & INDIRECT) !== 0 && table.indirect === true;
    const odd = isNested
      ? 'a table in a table'
      : (view.odd(at, flags, !written) ?? oddLink(table, flags, next, been));
    written ||= (flags & WRITE) !== 0;
    entries.push({
      index: i,
      ...view.common(at),
      flags,
      flagNames: flagNames(flags, VIRTQ_DESC_F),
      next,
      odd,
      ...((flags & INDIRECT) !== 0 && table.indirect !== true && tableOf(view, at)),
    });
    if ((flags & NEXT) === 0 || been.has(next)) break;
    i = next;
  }
  return entries;
}

function oddLink(table: Table, flags: number, next: number, been: ReadonlySet<number>): string | null {
  if ((flags & NEXT) === 0) return null;
  if (next >= table.size) return `next beyond the ${table.size} entries`;
  return been.has(next) ? `back to ${next}: the chain does not end` : null;
}

/** The table that the descriptor at `at` points to, if it lies in RAM. */
function tableOf(view: RingView, at: Gpa): Pick<DescriptorPicture, 'table' | 'tableLength'> {
  const table = view.u64(at + virtq_desc.offset.addr);
  const length = view.u32(at + virtq_desc.offset.len);
  if (!view.isRam(table, length)) return {};
  const size = Math.floor(length / virtq_desc.size);
  return {
    table: chainPicture(view, { at: table, size, shown: TABLE_SHOWN, indirect: true }, 0),
    tableLength: size,
  };
}

function availPicture(view: RingView, taken: number): RingAreaPicture | null {
  const { driver, size } = view.place;
  const event = driver + virtq_avail.size + 2 * size;
  if (!view.isRam(driver, event + 2 - driver)) return null;
  const idx = view.u16(driver + virtq_avail.offset.idx);
  const end = taken + ((idx - taken) & (INDEXES - 1));
  const ring = positions(taken - TAKEN_SHOWN, size).map((position) => ({
    index: position % size,
    id: view.u16(driver + virtq_avail.size + 2 * (position % size)),
    state: stateOf(position, taken, end),
  }));
  return { at: hex(driver, 8), flags: view.u16(driver), idx, ring, event: view.u16(event) };
}

function usedPicture(view: RingView): RingAreaPicture | null {
  const { device, size } = view.place;
  const event = device + virtq_used.size + virtq_used_elem.size * size;
  if (!view.isRam(device, event + 2 - device)) return null;
  const idx = view.u16(device + virtq_used.offset.idx);
  const ring = positions(idx - USED_SHOWN, size).map((position) => {
    const at = device + virtq_used.size + virtq_used_elem.size * (position % size);
    const state: EntryState = position < idx ? 'used' : 'stale';
    return {
      index: position % size,
      id: view.u32(at),
      len: view.u32(at + virtq_used_elem.offset.len),
      state,
    };
  });
  return { at: hex(device, 8), flags: view.u16(device), idx, ring, event: view.u16(event) };
}

/** @param end the position up to which the driver made chains available. */
function stateOf(position: number, taken: number, end: number): EntryState {
  if (position < taken) return 'taken';
  return position < end ? 'available' : 'stale';
}

/** Positions of the entries to show, from `from` on, or from 0. */
function positions(from: number, size: number): number[] {
  const first = Math.max(0, from);
  return Array.from({ length: Math.min(size, RING_SHOWN) }, (_, i) => first + i);
}
