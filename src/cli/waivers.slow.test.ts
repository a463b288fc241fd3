import { describe, expect, test } from 'vitest';
import { configOf } from '../audit/rig.ts';
import { SUITE } from '../conformance/index.ts';
import { version } from '../core/version.ts';
import { newestSet } from '../rules/sets.ts';
import { REPORTERS } from './reporter.ts';
import { guestrig, inFolderOf } from './rig.ts';
import { run } from './run.ts';

const SCENARIO = ['--scenario', SUITE[0]!.name];
/** It breaks one clause on each of two ports. */
const UARTS = `export default { name: 'two', drivers: [], run(port) {
  for (const base of [0x3f8, 0x2f8]) {
    port.out(base + 3, 3, 1);
    for (const byte of [0x61, 0x62]) port.out(base, byte, 1);
  }
} };
`;
const CLAUSE = 'uart/THR-FULL';
const KNOWN = [
  { clause: CLAUSE, subject: 'ttyS0', reason: 'is being mended', until: '2026-11-30' },
  { clause: CLAUSE, subject: 'ttyS1', reason: 'a false alarm', link: 'https://example.org/12' },
];

inFolderOf({
  'two.mjs': UARTS,
  'known.json': JSON.stringify({ known: KNOWN }),
  config: configOf(),
});

/** The same on another day. */
async function on(today: string, ...argv: string[]) {
  const said = { out: '', err: '' };
  const status = await run(argv, {
    out: (text) => (said.out += text),
    err: (text) => (said.err += text),
    color: false,
    today,
  });
  return { status, ...said };
}

describe('a waiver on the command line', () => {
  const waiving = KNOWN.flatMap((waiver) => ['--waive', JSON.stringify(waiver)]);

  test.each([
    ['of its own', waiving],
    ['in a baseline', ['--baseline', 'known.json']],
  ])('%s holds on its last day, and not on the next', async (_, words) => {
    const argv = ['conform', 'two.mjs', ...SCENARIO, ...words];
    const [last, next] = [await on('2026-11-30', ...argv), await on('2026-12-01', ...argv)];

    expect([last.status, next.status]).toEqual([0, 1]);
    expect(next.out).toMatch(
      /\n\w+\[0\]: the waiver of uart\/THR-FULL ended on 2026-11-30 \(is being mended\)\n/,
    );
    expect(next.out).toContain('\nuart/THR-FULL  ttyS0\n');
  });

  test('has the same form for a log, whose warnings are on standard error', async () => {
    await guestrig('conform', 'two.mjs', ...SCENARIO, '--trace', 'two.jsonl');
    const [last, next] = [
      await on('2026-11-30', 'judge-log', 'two.jsonl', ...waiving),
      await on('2026-12-01', 'judge-log', 'two.jsonl', ...waiving),
    ];

    expect([last.status, last.err, next.status, next.err]).toEqual([
      0,
      '',
      1,
      'guestrig: --waive[0]: the waiver of uart/THR-FULL ended on 2026-11-30 (is being mended)\n',
    ]);
  });

  test('that no clause has is a warning, which names the nearest, and misuse strictly', async () => {
    const argv = ['conform', 'two.mjs', ...SCENARIO, '--waive', 'uart/THR-FUL=why'];
    const [loose, strict] = [await guestrig(...argv), await guestrig(...argv, '--strict')];
    const said =
      'waive[0] must be a clause (guestrig clauses lists them); got "uart/THR-FUL"; did you mean uart/THR-FULL?\n';

    expect([loose.status, loose.out.includes(said)]).toEqual([1, true]);
    expect(strict).toEqual({ status: 2, out: '', err: said });
  });

  test.each([
    ['{"clause":', /^--waive: not JSON: [^\n]+\n$/],
    [
      '{"clause":"uart/THR-FULL","reason":"x","untill":"2027-01-31"}',
      /untill: there is no such option; did you mean until\?\n$/,
    ],
    [
      '{"clause":"uart/THR-FULL","reason":"x","until":"2027-02-29"}',
      /until must be a day \(example 2027-01-31\); got "2027-02-29"/,
    ],
    ['{"clause":"uart/THR-FULL"}', /reason is required: a reason in words\n$/],
    ['uart/THR-FULL= ', /^--waive: uart\/THR-FULL needs a reason after the =\n$/],
  ])('%s is refused in one line', async (waiver, said) => {
    const { status, err } = await guestrig('conform', 'two.mjs', ...SCENARIO, '--waive', waiver);

    expect([status, err]).toEqual([2, expect.stringMatching(said)]);
  });
});

test('--rules of a version that has no set is refused', async () => {
  expect(await guestrig('conform', 'two.mjs', '--rules', '0.1')).toEqual({
    status: 2,
    out: '',
    err: '--rules must be the rule set 0.2; got "0.1"\n',
  });
});

test('an explanation of a clause says since when it is one, and of a retired name what became of it', async () => {
  const [{ out }, { err }] = [
    await guestrig('clauses', 'pic/EOI'),
    await guestrig('clauses', 'virtio/BALLOON-OP-D2'),
  ];

  expect(out).toContain('\n  Since the rules 0.2\n');
  expect(err).toBe(
    'clauses: virtio/BALLOON-OP-D2 was retired with the rules 0.2: it is virtio/BALLOON-OP-D3 now\n',
  );
});

/** Without the marks of JSON and XML. */
const wordsOf = (out: string) => out.replaceAll(/[\s"{}:,=/<>]+(value=")?/g, ' ');

describe.each(REPORTERS)('as %s', (reporter) => {
  test.each([
    ['conform', ['conform', 'two.mjs', ...SCENARIO]],
    ['probe', ['probe', '--no-hash']],
    ['judge-log', ['judge-log', 'two.jsonl']],
  ])('%s names the version and the rule set', async (_, argv) => {
    const { out } = await guestrig(...argv, '--reporter', reporter);

    expect(wordsOf(out)).toMatch(new RegExp(`(guestrig|semanticVersion) ${version()} `));
    expect(wordsOf(out)).toContain(`rules ${newestSet()} `);
  });

  test('audit names the version', async () => {
    const { out } = await guestrig('audit', '--config', 'config', '--reporter', reporter);

    expect(wordsOf(out)).toMatch(new RegExp(`(guestrig|semanticVersion) ${version()}[ .]`));
  });
});
