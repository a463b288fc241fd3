import type { Mark } from '../../../../core/access.ts';
import type { BitSet } from '../../../../core/bit-set.ts';
import type { ByteReader } from '../../../../core/byte-reader.ts';
import type { Knows } from '../../../../core/watch.ts';
import type { NetObjects } from './net-objects.ts';

/** What the rules know of a command of the administration virtqueue, and of those before it. */
export interface AdminKnows extends Knows {
  readonly accepted: BitSet;
  /** The objects that the driver made in the card, as the card has them. */
  readonly objects: NetObjects;
  /** The command, and those that the driver said it uses: before LIST_USE, LIST_QUERY and LIST_USE. */
  readonly opcode: number;
  readonly used: ReadonlySet<number>;
  /** The commands that LIST_QUERY returned; null before. And those that LIST_USE names, returned or not. */
  readonly offered: ReadonlySet<number> | null;
  readonly named: readonly number[];
  /** The object in question: its type and id, its data from the driver, and whether it is created or changed. */
  readonly type: number;
  readonly id: number;
  readonly body: ByteReader;
  readonly isNew: boolean;
  /** The capability in question, -1 if there is none, and whether it is set, to `body`. */
  readonly capability: number;
  readonly sets: boolean;
  /** Ids of the capabilities that the card listed, null before; of those that were read; and of those that are set. */
  readonly listed: ReadonlySet<number> | null;
  readonly readIds: ReadonlySet<number>;
  readonly set: ReadonlySet<number>;
  /** Types of selectors for which the driver set the capability of masks of a part of a field. */
  readonly partialTypes: ReadonlySet<number>;
  /** When the rule's group was to be destroyed while the rule existed; and its classifier. */
  readonly groupUnderminedAt: Mark | null;
  readonly classifierUnderminedAt: Mark | null;
}

/** `command`: any of them. `uses`: LIST_USE. `capability`: one is read or set. `object`: one is made, or changed. `destroy`: one is to be destroyed. */
export type AdminMoment = 'command' | 'uses' | 'capability' | 'object' | 'destroy';
