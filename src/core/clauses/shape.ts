/** How binding a clause is. `NOTE` marks what hardware tolerates and a careful driver avoids. */
export type Strength = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'NOTE';
export type Severity = 'must' | 'should' | 'note';

/** One rule for a guest, in our own words. */
export interface Clause {
  readonly strength: Strength;
  /** The document and its section. */
  readonly where: string;
  readonly text: string;
  /** What to do instead, in one sentence. */
  readonly advice?: string;
}
