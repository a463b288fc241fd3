import type { Gpa } from '../../core/bits.ts';
import type { DriverMemory, GuestPort } from '../../core/guest-port.ts';
import {
  LEGACY_QUEUE_ALIGN,
  legacyQueueLayout,
  pvirtq_event_suppress,
  virtq_avail,
  virtq_desc,
} from '../../virtio/registers.ts';
import { behind, behindMemory } from './behind.ts';

const TABLE_ALIGN = 16;
const EVENT_BYTES = pvirtq_event_suppress.size;
/** Fields of a descriptor by their offset; the last two change places in a packed ring. */
const SPLIT_FIELDS: Readonly<Record<number, string>> = {
  0: 'low',
  4: 'high',
  8: 'len',
  12: 'flags',
  14: 'next',
};
const PACKED_FIELDS: Readonly<Record<number, string>> = {
  0: 'low',
  4: 'high',
  8: 'len',
  12: 'id',
  14: 'flags',
};

type Descriptor = 'low' | 'high' | 'len' | 'flags' | 'next' | 'id';

/** A field of a ring that the driver stores: of its descriptors, of an indirect table, of the driver's area. */
export type RingField =
  | `${'desc' | 'table'}.${Descriptor}`
  | `avail.${'flags' | 'idx' | 'ring'}`
  | 'driver.flags';

/** A store in progress. */
export interface RingStore {
  readonly value: number;
  /** Of the descriptor in its table, or the slot of the available ring. */
  readonly index: number;
  /** The address of the store. */
  readonly at: Gpa;
  /** The driver's memory, without the mistake. */
  readonly memory: DriverMemory;
}

/** The value stored instead; null drops the store. */
export type RingRewrites = { readonly [Field in RingField]?: (store: RingStore) => number | null };

interface Area {
  readonly at: Gpa;
  readonly bytes: number;
  readonly name: (offset: number) => { readonly field: string; readonly index: number } | null;
}

/**
 * The port of a driver that makes mistakes with its rings: every store into one goes through `rewrites`. Rings are
 * known by how the reference drivers allocate them.
 */
export function rewriteRings(port: GuestPort, rewrites: RingRewrites): GuestPort {
  const areas: Area[] = [];
  const { memory } = port;
  const store: DriverMemory['store'] = (at, value, width) => {
    const area = areas.findLast((one) => at >= one.at && at < one.at + one.bytes);
    const { field, index } = area?.name(at - area.at) ?? { field: '', index: 0 };
    const rewrite = rewrites[field as RingField];
    const changed = rewrite === undefined ? value : rewrite({ value, index, at, memory });
    if (changed !== null) memory.store(at, changed, width);
  };
  return behind(port, {
    memory: behindMemory(memory, store),
    allocate: (bytes, align) => {
      const at = port.allocate(bytes, align);
      const area = areaOf(at, bytes, align, areas);
      if (area !== null) areas.push(area);
      return at;
    },
  });
}

function areaOf(at: Gpa, bytes: number, align: number, areas: Area[]): Area | null {
  if (align === LEGACY_QUEUE_ALIGN) return splitRing(at, bytes);
  if (align === TABLE_ALIGN) return { at, bytes, name: descriptors('table', SPLIT_FIELDS) };
  const last = areas.at(-1);
  if (align !== EVENT_BYTES || bytes !== EVENT_BYTES || last === undefined) return null;
  // The first event structure behind what looked like a table is the driver's: it was a packed ring.
  if (last.bytes === EVENT_BYTES) return null;
  areas[areas.length - 1] = { ...last, name: descriptors('desc', PACKED_FIELDS) };
  return {
    at,
    bytes,
    name: (offset) =>
      offset === pvirtq_event_suppress.offset.flags ? { field: 'driver.flags', index: 0 } : null,
  };
}

function descriptors(table: string, fields: Readonly<Record<number, string>>): Area['name'] {
  return (offset) => ({
    field: `${table}.${fields[offset % virtq_desc.size]}`,
    index: Math.floor(offset / virtq_desc.size),
  });
}

/** The number of entries of a split ring that was allocated with this many bytes. */
export function entriesOf(bytes: number): number | undefined {
  return Array.from({ length: 16 }, (_, bits) => 2 ** bits).find(
    (entries) => legacyQueueLayout(entries).bytes === bytes && legacyQueueLayout(entries * 2).bytes !== bytes,
  );
}

function splitRing(at: Gpa, bytes: number): Area | null {
  const size = entriesOf(bytes);
  if (size === undefined) return null;
  const { avail, used } = legacyQueueLayout(size);
  const desc = descriptors('desc', SPLIT_FIELDS);
  return {
    at,
    bytes: used,
    name: (offset) => {
      if (offset < avail) return desc(offset);
      const into = offset - avail;
      if (into === virtq_avail.offset.flags) return { field: 'avail.flags', index: 0 };
      if (into === virtq_avail.offset.idx) return { field: 'avail.idx', index: 0 };
      const index = (into - virtq_avail.size) / 2;
      return index < size ? { field: 'avail.ring', index } : null;
    },
  };
}
