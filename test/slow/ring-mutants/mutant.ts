import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../../..');

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

export function pathOf({ file }: Mutant): string {
  return join(ROOT, 'src/virtio', file);
}

/** How often the text of a mutant stands in its file: once, or it is no mutant any more. */
export function occurrences(mutant: Mutant): number {
  return [...readFileSync(pathOf(mutant), 'utf8').matchAll(pattern(mutant))].length;
}

export function mutated(code: string, mutant: Mutant): string {
  return code.replace(pattern(mutant), () => mutant.replace);
}

/** Finds the text, with any white space where it has a space. */
function pattern({ find }: Mutant): RegExp {
  const escaped = find.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(escaped.replace(/ /g, '\\s+'), 'g');
}
