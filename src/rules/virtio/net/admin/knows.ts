import type { Mark } from '../../../../core/access.ts';
import type { BitSet } from '../../../../core/bit-set.ts';
import type { ByteReader } from '../../../../core/byte-reader.ts';
import type { Knows } from '../../../../core/watch.ts';
import type { NetObjects } from './net-objects.ts';

/** What the rules know of a command of the administration virtqueue, and of those before it. */
export interface AdminKnows extends Knows {
  readonly accepted: BitSet;
  /** What the driver made in the card, as the card has it. */
  readonly objects: NetObjects;
  /** The command, and what the driver said that it uses: before it said anything, LIST_QUERY and LIST_USE. */
  readonly opcode: number;
  readonly used: ReadonlySet<number>;
  /** The commands that the card told of; null before. And those of them, and of others, that LIST_USE names. */
  readonly offered: ReadonlySet<number> | null;
  readonly named: readonly number[];
  /** The object in question: its type and id, and what the driver says of it. It is new, or another now. */
  readonly type: number;
  readonly id: number;
  readonly body: ByteReader;
  readonly isNew: boolean;
  /** The capability in question, -1 if it is not about one, and whether it is set; to `body`. */
  readonly capability: number;
  readonly sets: boolean;
  /** Ids of the capabilities that the card told of, null before; of those that were read, and that are set. */
  readonly listed: ReadonlySet<number> | null;
  readonly read: ReadonlySet<number>;
  readonly set: ReadonlySet<number>;
  /** Types of selectors of which the card takes masks of a part of a field, as the driver set the capability. */
  readonly partialTypes: ReadonlySet<number>;
  /** Of a rule: when its group was to be destroyed under it, and its classifier. */
  readonly groupUnderminedAt: Mark | null;
  readonly classifierUnderminedAt: Mark | null;
}

/** `command`: any of them. `uses`: LIST_USE. `capability`: one is read or set. `object`: one is made, or changed. `destroy`: one is to be destroyed. */
export type AdminMoment = 'command' | 'uses' | 'capability' | 'object' | 'destroy';
