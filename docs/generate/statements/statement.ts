import type { Strength } from '../../../src/core/rule.ts';

/** Whether who sees accesses and memory can see it broken. */
type Seen = 'yes' | 'partly' | 'no';

/** What the standard asks of a driver, in our own words: its name, without `virtio/`; how strongly; whether it can be seen. */
export type Statement = readonly [
  name: string,
  strength: Exclude<Strength, 'NOTE'>,
  seen: Seen,
  text: string,
];

/** A section of the standard that has such statements. */
export interface Section {
  readonly section: string;
  readonly statements: readonly Statement[];
}
