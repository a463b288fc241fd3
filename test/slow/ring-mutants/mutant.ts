/** One change that makes a queue wrong. */
export interface Mutant {
  /** In src/virtio. */
  readonly file: string;
  /** What the broken queue does: `a head past the ring is taken`. */
  readonly what: string;
  /** Stands exactly once in the file, however its lines are broken, and becomes `replace`. */
  readonly find: string;
  readonly replace: string;
}

type Row = readonly [what: string, find: string, replace: string];

export function mutantsOf(file: string, rows: readonly Row[]): Mutant[] {
  return rows.map(([what, find, replace]) => ({ file, what, find, replace }));
}

/** Finds the text, with any white space where it has a space. */
export function pattern({ find }: Mutant): RegExp {
  const escaped = find.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(escaped.replace(/ /g, '\\s+'), 'g');
}
