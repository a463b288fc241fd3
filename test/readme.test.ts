import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../src/cli/run.ts';
import { BROKEN_DRIVERS, judge, renderFinding } from '../src/conformance/index.ts';

const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');

describe('the README shows', () => {
  test('what the probe prints, to the letter: virtual time makes it the same everywhere', async () => {
    let out = '';

    await run(['probe'], { out: (text) => (out += text), err: () => {}, color: false });

    expect(readme).toContain(out.trimEnd());
  });

  test('a finding as it is rendered', () => {
    const { model, clause } = BROKEN_DRIVERS.find((broken) => broken.clause === 'virtio/FEAT-D1')!;

    const finding = judge(model).verdicts.find((verdict) => verdict.clause === clause)!.findings[0]!;

    expect(readme).toContain(renderFinding(finding));
  });

  test('the ten-line test that the examples hold', () => {
    const example = readFileSync(
      join(import.meta.dirname, '..', 'examples', 'sends-a-frame.test.ts'),
      'utf8',
    );

    expect(readme).toContain(example.slice(example.indexOf("test('sends")));
  });
});
