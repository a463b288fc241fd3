import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../src/cli/run.ts';

const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');

describe('the README shows', () => {
  test("the probe's output, to the letter: virtual time makes it the same everywhere", async () => {
    let out = '';

    await run(['probe'], { out: (text) => (out += text), err: () => {}, color: false });

    expect(readme).toContain(out.trimEnd());
  });
});
