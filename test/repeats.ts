import { execFileSync } from 'node:child_process';

/** `npm run test:long` repeats until there is confidence; other runs repeat just enough to see that all of it works. */
const isLong = process.env['GUESTRIG_REPEATS'] === 'all';

/** How often a test does again what it does: `few` times on each change, `many` before a release. */
export function repeats(few: number, many: number): number {
  return isLong ? many : few;
}

let seed: number | null = null;

/** A number of each commit, so that a failure of one commit is found on it again. */
export function commitSeed(): number {
  seed ??= Number.parseInt(execFileSync('git', ['rev-parse', '--short=7', 'HEAD'], { encoding: 'utf8' }), 16);
  return seed;
}

/**
 * One in `parts` of many cases, others with each commit; all of them before a release.
 *
 * @param turn takes other cases for each of several uses of one list.
 */
export function partOf<Case>(cases: readonly Case[], parts: number, turn = 0): Case[] {
  if (isLong) return [...cases];
  const first = commitSeed() + turn;
  return cases.filter((_, index) => (index + first) % parts === 0);
}
