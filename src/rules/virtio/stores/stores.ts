import type { Mark } from '../../../core/access.ts';
import { hex } from '../../../core/bits.ts';
import type { Sight } from '../../../core/memory-tap.ts';
import type { Rule } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';
import { PACKED } from '../queue/packed.ts';

/** What the rules know of an access of the driver to a ring, or to what a chain of it consists of. */
export interface StoreKnows extends Knows {
  /** It is as it should not be, for the rules on this moment. */
  readonly wrong: boolean;
  /** What was stored or loaded, by name: `avail.ring[3]`, `desc[5].addr`. */
  readonly field: string;
  readonly address: number;
  /** Head or id of the chain that it belongs to. */
  readonly chain: number;
  /** A list's descriptor that is missing. */
  readonly slot: number;
  /** The driver's index, as far as chains are available: `avail.idx`. */
  readonly idx: number;
  /** The device's index, as the driver read it last: `used.idx`. */
  readonly seenIdx: number;
  /** Bytes that the device wrote into the chain that came back. */
  readonly written: number;
  readonly readsBuffers: boolean;
  readonly writesBuffers: boolean;
  /** Of several descriptors. */
  readonly isList: boolean;
  /** Where what was seen began: the store that made the chain available. */
  readonly mark: Mark;
  /** The ring as text. */
  ring(): readonly string[];
}

/**
 * `exposed`: the driver made chains available. `late`: it stored to what the device may read, before the device took it.
 * `changed`: the same, after. `rewritten`: it changed a buffer that the device reads. `peeked`: it read one that the
 * device writes. `returned`: a chain came back. `left`: it came back with bytes that the device did not write, or the
 * driver read such bytes. `entryRead`: the driver read an entry of the used ring.
 */
export type StoreMoment =
  | 'exposed'
  | 'late'
  | 'changed'
  | 'rewritten'
  | 'peeked'
  | 'returned'
  | 'left'
  | 'entryRead';

/** What a rule must be told to be tried: of loads, or of every store in its turn. Without, what changed is enough. */
type Needs = 'loads' | 'order';
type StoreRule = Rule<StoreKnows, StoreMoment> & { readonly needs?: Needs };

export type StoreRules = Readonly<Record<string, StoreRule>>;

const NEEDS: Readonly<Record<Sight, readonly (Needs | undefined)[]>> = {
  accesses: ['loads', 'order', undefined],
  stores: ['order', undefined],
  changes: [undefined],
};

/** The rules that can be tried with so much told. */
export function rulesFor(sight: Sight, rules: StoreRules): StoreRules {
  return Object.fromEntries(Object.entries(rules).filter(([, { needs }]) => NEEDS[sight].includes(needs)));
}

const kept = (k: StoreKnows) => !k.wrong;
const since = (k: StoreKnows) => k.mark;
const facts = (k: StoreKnows) => k.ring();

/** What may be asked of a driver of either ring format. */
const BUFFERS = {
  'virtio/CLEAN-D2': {
    strength: 'MUST',
    where: 'virtio 1.4, Device Cleanup',
    text: 'Take the buffers of a chain back only when it was used, or when the device or the queue was reset',
    advice:
      'Leave what the device reads alone until the used ring tells of it; write the next request elsewhere.',
    on: ['returned', 'rewritten'],
    when: (k) => k.readsBuffers,
    kept,
    said: (k) => `${hex(k.address, 8)} was rewritten while the device had chain ${k.chain}, which reads it`,
    since,
    facts,
  },
  'virtio/VQ-USED-D2': {
    strength: 'SHOULD',
    where: 'virtio 1.4, The Virtqueue Used Ring',
    text: 'Bytes of a buffer beyond the used length are ignored',
    advice: 'Read no more of a buffer than len of its used entry says.',
    needs: 'loads',
    on: 'left',
    kept,
    said: (k) =>
      `${hex(k.address, 8)} was read, beyond the ${k.written} bytes that the device wrote into chain ${k.chain}`,
    since,
    facts,
  },
  'virtio/VQ-IMP-23': {
    strength: 'SHOULD NOT',
    where: 'virtio 1.4, Receiving Used Buffers From The Device',
    text: 'A buffer that the device writes is not read before it was used',
    advice: 'Look into the used ring, not into the buffer, to learn whether the device is done.',
    needs: 'loads',
    on: ['returned', 'peeked'],
    when: (k) => k.writesBuffers,
    kept,
    said: (k) => `${hex(k.address, 8)} was read while the device had chain ${k.chain}, which writes it`,
    since,
    facts,
  },
} as const satisfies StoreRules;

/** What may be asked of a driver of a split ring only. */
const SPLIT_ONLY = {
  'virtio/VQ-BARRIER-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Updating idx',
    text: 'Descriptors and the ring entry are written before avail.idx moves past them',
    advice: 'The device may read them as soon as it sees avail.idx: write it last, behind a barrier.',
    needs: 'order',
    on: ['exposed', 'late'],
    kept,
    said: (k) => `avail.idx moved to ${k.idx} before ${k.field} was written`,
    since,
    facts,
  },
  'virtio/CLEAN-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Device Cleanup',
    text: 'Ring entries of buffers that the device still has are not altered',
    advice: 'Leave descriptors and indirect tables as they are until their chain came back in the used ring.',
    on: ['returned', 'changed'],
    kept,
    said: (k) => `${k.field} was changed while the device had chain ${k.chain}`,
    since,
    facts,
  },
  'virtio/VQ-IMP-22': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Receiving Used Buffers From The Device',
    text: 'An entry of the used ring is not read before used.idx was seen to cover it',
    advice: 'Read used.idx, then a barrier, then the entries below it.',
    needs: 'loads',
    on: 'entryRead',
    kept,
    said: (k) => `${k.field} was read when used.idx had been read as ${k.seenIdx}`,
    facts,
  },
} as const satisfies StoreRules;

/** What may be asked of a driver of a packed ring only. */
const PACKED_ONLY = {
  'virtio/PACKED-BARRIER-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Updating flags',
    text: 'Address, length and id of a descriptor are written before the flags that make it available',
    advice: 'The device may read it as soon as it sees the flags: write those last, behind a barrier.',
    needs: 'order',
    on: ['exposed', 'late'],
    kept,
    said: (k) => `${k.field} was written after the flags that made the descriptor available`,
    since,
    facts,
  },
  'virtio/PACKED-DESC-D2': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, The Virtqueue Descriptor Table (packed)',
    text: 'A descriptor is not changed after its AVAIL bit was flipped',
    advice: 'Leave descriptors and indirect tables as they are until the device has used them.',
    on: ['returned', 'changed'],
    kept,
    said: (k) => `${k.field} was changed while the device had buffer ${k.chain}`,
    since,
    facts,
  },
  'virtio/PACKED-IMP-12': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Receiving Used Buffers From The Device',
    text: 'Id and length of a used descriptor are not read before its flags were seen to say that it is used',
    advice: 'Read the flags, then a barrier, then id and length.',
    needs: 'loads',
    on: 'entryRead',
    kept,
    said: (k) => `${k.field} was read before the flags of the descriptor were`,
    facts,
  },
} as const satisfies StoreRules;

const { strength, where, text, advice } = PACKED['virtio/PACKED-SG-D6'];

/** A clause of another table, which a device sees broken only when it comes to the list in time. */
const LISTS = {
  'virtio/PACKED-SG-D6': {
    strength,
    where,
    text,
    advice,
    needs: 'order',
    on: 'exposed',
    when: (k) => k.isList,
    kept: (k) => k.slot < 0,
    said: (k) =>
      `the flags of the head of buffer ${k.chain} were written before those of descriptor ${k.slot} of its list`,
    facts,
  },
} as const satisfies StoreRules;

/** Rules on what a driver stores to rings and buffers, and loads from them. */
export const STORES = { ...BUFFERS, ...SPLIT_ONLY, ...PACKED_ONLY } as const;

export const SPLIT_STORES: StoreRules = { ...BUFFERS, ...SPLIT_ONLY };
export const PACKED_STORES: StoreRules = { ...BUFFERS, ...PACKED_ONLY, ...LISTS };
