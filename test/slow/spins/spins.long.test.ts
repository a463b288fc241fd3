import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { repeats } from '../../repeats.ts';
import { nodeOf, nodesOf } from '../package/registry.ts';
import { NODES } from '../package/versions.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PROGRAM = fileURLToPath(new URL('program.ts', import.meta.url));
/** A few of each loop, or very many. */
const SPINS = repeats(30, 1000);

beforeAll(() => nodesOf(ROOT));

test.each(NODES)(
  `${SPINS} drivers that do not return are looked at and ended one after the other, on Node %s`,
  (major) => {
    const { stdout, stderr, status, signal } = spawnSync(
      nodeOf(ROOT, major),
      ['--import', 'tsx', '--expose-gc', PROGRAM, `${SPINS}`],
      { cwd: ROOT, encoding: 'utf8' },
    );

    expect({ stdout, stderr, status, signal }).toEqual({
      stdout: `${SPINS} ended\n`,
      stderr: '',
      status: 0,
      signal: null,
    });
  },
  600_000,
);
