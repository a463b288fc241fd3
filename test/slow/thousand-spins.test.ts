import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { NODES, nodeOf, nodesOf } from './package/nodes.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SPINS = fileURLToPath(new URL('spins/thousand.ts', import.meta.url));

beforeAll(() => nodesOf(ROOT));

test.each(NODES)(
  'a thousand drivers that do not return are looked at and ended one after the other, on Node %s',
  (major) => {
    const { stdout, stderr, status, signal } = spawnSync(
      nodeOf(ROOT, major),
      ['--import', 'tsx', '--expose-gc', SPINS],
      { cwd: ROOT, encoding: 'utf8' },
    );

    expect({ stdout, stderr, status, signal }).toEqual({
      stdout: '1000 ended\n',
      stderr: '',
      status: 0,
      signal: null,
    });
  },
  600_000,
);
