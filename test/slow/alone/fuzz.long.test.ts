import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Case } from '../../../fuzz/find/keep.ts';
import { perform } from '../../../fuzz/find/perform.ts';
import { commitSeed, repeats } from '../../repeats.ts';

const CORPUS = join(import.meta.dirname, '../../../fuzz', 'corpus');
const CASES = readdirSync(CORPUS).filter((name) => name.endsWith('.json'));
/** How long to look for what is not in the corpus, in seconds. */
const FRESH = `${repeats(15, 600)}`;
const PATIENCE_MS = 1_200_000;

describe.each(CASES)('the case %s', (name) => {
  const { within, setup, ops } = JSON.parse(readFileSync(join(CORPUS, name), 'utf8')) as Case;

  test('ends without a crash, in time, and reproducibly', () => {
    const [once, again] = [perform(setup, ops), perform(setup, ops)];
    const [cold, warm] = [once, again].map(({ run }) => run.slowest.byKind);
    // The first run is compiled as it goes: what is slow by its nature is slow in the second one, too.
    const slow = [...cold!.values()].filter(
      ({ kind, ms }) => Math.min(ms, warm!.get(kind)?.ms ?? 0) > within,
    );

    expect(once.run.failure).toBeNull();
    expect(again.digest).toBe(once.digest);
    expect(slow).toEqual([]);
  });
});

describe('a new seed', () => {
  const seed = String(commitSeed());

  test(
    `finds nothing: npm run fuzz -- --seed ${seed}`,
    () => {
      const { status, stdout } = spawnSync('npm', ['run', 'fuzz', '--', '--seed', seed, '--time', FRESH], {
        encoding: 'utf8',
      });

      console.log(stdout);
      expect(status).toBe(0);
    },
    PATIENCE_MS,
  );
});
