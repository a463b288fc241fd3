import type { Mark } from '../../../core/access.ts';
import type { Sight } from '../../../core/memory-tap.ts';
import type { Rule } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';

/** What else the memory of a buffer belongs to. */
export type Clash = 'none' | 'buffer' | 'table' | 'ring' | 'display';

/** `over`: the list was written over descriptors that the device has. `waits`: it waits for those to come back. */
export type NoRoom = 'no' | 'over' | 'waits';

/** What the rules know of a driver's access to a ring, or to a chain's tables and buffers. */
export interface StoreKnows extends Knows {
  /** The access breaks the rules on this moment. */
  readonly wrong: boolean;
  /** What was stored or loaded, by name: `avail.ring[3]`, `desc[5].addr`. */
  readonly field: string;
  readonly address: number;
  /** Head or id of the chain that it belongs to. */
  readonly chain: number;
  /** A descriptor: one that is missing from a list, one that the device still has, or one of two chains. */
  readonly slot: number;
  /** The result for a list for which too few descriptors were free. */
  readonly noRoom: NoRoom;
  /** The driver's index, up to which chains are available: `avail.idx`. */
  readonly idx: number;
  /** The device's index, as the driver read it last: `used.idx`. */
  readonly seenIdx: number;
  /** Bytes that the device wrote into the chain that came back. */
  readonly written: number;
  /** Used buffers that an interrupt handler found, and left in the ring. */
  readonly unread: number;
  /**
   * What a lent buffer overlaps, and its name: `chain 3 of net0, receive queue 1`, `net0 queue 0 desc[2].len`; or the chain that
   * came back in the place of this one.
   */
  readonly clash: Clash;
  readonly other: string;
  /** The memory was given back to its allocator. */
  readonly isFreed: boolean;
  readonly readsBuffers: boolean;
  readonly writesBuffers: boolean;
  /** The chain has several descriptors. */
  readonly isList: boolean;
  /** Where evidence begins: the store that made the chain available. */
  readonly mark: Mark;
  /** The ring as text. */
  ring(): readonly string[];
}

/**
 * `exposed`: the driver made chains available. `lent`: a chain's memory was compared with what else devices have.
 * `shared`: a chain runs into one that the device has. `overtaken`: a chain came back before an older one. `mistaken`: the driver took
 * it for that. `late`: the driver stored to what the device may read, before the device took it. `changed`: the same, after.
 * `rewritten`: it changed a buffer that the device reads, `scribbled`: one that the device writes, `peeked`: read such a one. `freed`: it gave
 * back memory that a device has; `ringFreed`: a ring's; `ringLeft`: a live ring ended; `deviceStored`: it stored to a part
 * of a ring that the device writes. `returned`: a chain came back. `left`: it came back with bytes that the device did not
 * write, or the driver read such bytes. `entryRead`: the driver read an entry of the used ring. `reused`: it made a packed
 * descriptor available again, or stored to one that came back. `woken`: it looked into the ring after it asked for
 * interrupts, or did not. `served`: an interrupt handler that took buffers is over. `lapped`: it made one available by the wrong wrap counter.
 */
export type StoreMoment =
  | 'exposed'
  | 'lent'
  | 'shared'
  | 'overtaken'
  | 'mistaken'
  | 'late'
  | 'changed'
  | 'rewritten'
  | 'scribbled'
  | 'peeked'
  | 'freed'
  | 'ringFreed'
  | 'ringLeft'
  | 'deviceStored'
  | 'returned'
  | 'left'
  | 'entryRead'
  | 'reused'
  | 'lapped'
  | 'woken'
  | 'served';

/** What a rule must see to be checked: loads, or every store in order. Without, the changes are enough. */
type Needs = 'loads' | 'order';
type StoreRule = Rule<StoreKnows, StoreMoment> & { readonly needs?: Needs };

export type StoreRules = Readonly<Record<string, StoreRule>>;

const NEEDS: Readonly<Record<Sight, readonly (Needs | undefined)[]>> = {
  accesses: ['loads', 'order', undefined],
  stores: ['order', undefined],
  changes: [undefined],
};

/** Each table for each sight is one object: a watch reads a table once. */
const SEEN = new WeakMap<StoreRules, Partial<Record<Sight, StoreRules>>>();

/** The rules that can be checked with this sight. */
export function rulesFor(sight: Sight, rules: StoreRules): StoreRules {
  const seen = SEEN.get(rules) ?? {};
  SEEN.set(rules, seen);
  seen[sight] ??= Object.fromEntries(
    Object.entries(rules).filter(([, { needs }]) => NEEDS[sight].includes(needs)),
  );
  return seen[sight];
}

export const kept = (k: StoreKnows) => !k.wrong;
export const since = (k: StoreKnows) => k.mark;
export const facts = (k: StoreKnows) => k.ring();
