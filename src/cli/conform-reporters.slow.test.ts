import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { SUITE } from '../conformance/index.ts';
import { isAbout } from '../conformance/model/kinds.ts';
import { CLAUSE_IDS, type ClauseId } from '../rules/index.ts';
import { guestrig, inFolderOf } from './rig.ts';

const FIRST = SUITE[0]!.name;
/** Breaks one clause in its third line, and throws in its fourth. */
const BROKEN = `export default { name: 'mine', drivers: [], run(port) {
  port.out(0x3fb, 3, 1);
  for (const sign of [0x61, 0x62]) port.out(0x3f8, sign, 1);
  throw new Error('50%, and then: no more');
} };
`;
const ARGV = ['conform', 'my driver,1.mjs', '--scenario', FIRST, '--require', 'virtio/RNG-OP-D1'];

const NAMES = `export default { name: 'names', drivers: [], run(port) {
  port.in(0x3fd, 1);
  throw Object.assign(new Error('sick'), { stack: 'Error\\n    at f (/dev/zero:1:1)\\n    at g (/nowhere/a.c:2:1)' });
} };
`;
inFolderOf({ 'my driver,1.mjs': BROKEN, 'names.mjs': NAMES });

async function reported(reporter: string, ...more: string[]): Promise<string> {
  return (await guestrig(...ARGV, '--reporter', reporter, ...more)).out;
}

test('JSON has every verdict, every stop, and the lines of both', async () => {
  const report = JSON.parse(await reported('json'));

  expect(report).toMatchObject({ schema: 1, model: 'mine', profile: 'gce-n1', seeds: [1], conforms: false });
  expect(report.verdicts.map(({ clause }: { clause: string }) => clause)).toEqual(CLAUSE_IDS);
  expect(report.verdicts.find(({ clause }: { clause: string }) => clause === 'uart/THR-FULL')).toMatchObject({
    outcome: 'fail',
    scenario: FIRST,
    seed: 1,
    findings: [{ subject: 'ttyS0', place: { file: 'my driver,1.mjs', line: 3, column: 41 } }],
  });
  expect(report.stopped).toEqual([
    {
      scenario: FIRST,
      seed: 1,
      said: 'Error: 50%, and then: no more',
      place: { file: 'my driver,1.mjs', line: 4, column: 9 },
      suspected: null,
    },
  ]);
});

/** A driver without PCI functions is not told of theirs, unless it came by them, or was to. */
async function told(): Promise<ClauseId[]> {
  const { verdicts } = JSON.parse(await reported('json'));
  return verdicts
    .filter(
      ({ clause, outcome }: { clause: ClauseId; outcome: string }) =>
        outcome !== 'unreached' || isAbout(clause, []),
    )
    .map(({ clause }: { clause: ClauseId }) => clause);
}

test('JUnit has a case for each clause that concerns the driver, and for each scenario', async () => {
  const xml = await reported('junit');
  const clauses = await told();

  // Of some hundreds.
  expect(clauses.length).toBeLessThan(150);

  expect(xml).toContain(`<testsuites name="mine" tests="${clauses.length + 1}" failures="3">`);
  expect(xml).toContain(
    `name="${FIRST}"><failure message="Error: 50%, and then: no more">seed 1: Error: 50%, and then: no more</failure>`,
  );
  expect(xml).toMatch(
    /name="uart\/THR-FULL [^"]+"><failure message="wrote 0x62 'b' to THR while 0x61 'a' was still waiting[^"]*">/,
  );
  expect(xml).toContain('><failure message="nothing reached it, and it is required"></failure>');
});

test('GitHub puts findings beside the lines of the driver', async () => {
  const lines = (await reported('github')).split('\n');

  expect(lines).toEqual([
    expect.stringMatching(
      /^::error file=my driver%2C1\.mjs,line=3,col=41,title=uart\/THR-FULL::ttyS0: wrote 0x62 [^\n]+%0AA driver MUST NOT write /,
    ),
    expect.stringMatching(/^::error title=virtio\/RNG-OP-D1::nothing reached it, and it is required%0A/),
    `::error file=my driver%2C1.mjs,line=4,col=9,title=mine stopped::Error: 50%25, and then: no more%0Ain "${FIRST}", seed 1`,
    expect.stringMatching(/^guestrig \d+\.\d+\.\d+, rules \d+\.\d+$/),
    'mine does not conform: 2 clauses fail, 1 run stopped.',
    '',
  ]);
});

/** By the text of the OASIS standard: its schema is not in this repository. */
describe('SARIF 2.1.0', () => {
  type Result = {
    ruleId: string;
    ruleIndex: number;
    level: string;
    message: { text: string };
    suppressions?: unknown;
    locations?: unknown;
  };
  let log: { version: string; $schema: string; runs: never[] };
  let rules: { id: string; shortDescription: { text: string }; helpUri?: string }[];
  let results: Result[];

  beforeAll(async () => {
    log = JSON.parse(await reported('sarif'));
    const [run] = log.runs as { tool: { driver: { rules: typeof rules } }; results: Result[] }[];
    rules = run!.tool.driver.rules;
    results = run!.results;
  });

  test('is one run of one tool', () => {
    expect(log).toMatchObject({
      version: '2.1.0',
      runs: [{ tool: { driver: { name: 'guestrig' } }, columnKind: 'utf16CodeUnits' }],
    });
    expect(log.$schema).toMatch(/^https:.*sarif-schema-2\.1\.0\.json$/);
    expect(log.runs).toHaveLength(1);
  });

  test('has a rule for each clause that concerns the driver, each once, with a description', async () => {
    const ids = rules.map(({ id }) => id);

    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual([...(await told()), 'guestrig/STOPPED']);
    expect(rules.filter(({ shortDescription }) => shortDescription.text === '')).toEqual([]);
  });

  test('leads from each clause to its heading in the documentation', () => {
    const clauses = rules.filter(({ id }) => id !== 'guestrig/STOPPED');
    const lost = clauses.filter(
      ({ id, helpUri }) => !readFileSync(new URL(helpUri!), 'utf8').includes(`\n## ${id}\n`),
    );

    expect(lost).toEqual([]);
  });

  test('has results that name their rule, a defined level, and a message', () => {
    expect(results.map(({ ruleIndex }) => rules[ruleIndex]!.id)).toEqual(results.map(({ ruleId }) => ruleId));
    expect(results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
      ['uart/THR-FULL', 'error'],
      ['virtio/RNG-OP-D1', 'error'],
      ['guestrig/STOPPED', 'error'],
    ]);
    expect(results.map(({ message }) => message.text === '')).toEqual([false, false, false]);
  });

  test('has places as URIs from the root of the sources, or none at all', () => {
    const at = (startLine: number, startColumn: number) => [
      {
        physicalLocation: {
          artifactLocation: { uri: 'my%20driver,1.mjs', uriBaseId: '%SRCROOT%' },
          region: { startLine, startColumn },
        },
      },
    ];

    expect(results.map(({ locations }) => locations)).toEqual([at(3, 41), undefined, at(4, 9)]);
  });

  test('has a waived finding as suppressed, with the reason', async () => {
    const waived = JSON.parse(await reported('sarif', '--waive', 'uart/THR-FULL=known & mended'));

    expect(waived.runs[0].results[0]).toMatchObject({
      ruleId: 'uart/THR-FULL',
      suppressions: [{ kind: 'external', justification: 'known & mended' }],
    });
  });
});

describe('HTML', () => {
  test("has the driver's lines, the command that plays the run again, and its accesses", async () => {
    const page = await reported('html');

    expect(page).toContain('<mark>3    for (const sign of [0x61, 0x62]) port.out(0x3f8, sign, 1);</mark>');
    expect(page).toContain(
      `<code>guestrig conform &#39;my driver,1.mjs&#39; --scenario &#39;${FIRST}&#39; --seed 1</code>`,
    );
    const [, last] = /<summary>The last \d+ accesses up to then<\/summary>\n<pre>(.*?)<\/pre>/s.exec(page)!;
    expect(last!.trimEnd().split('\n').at(-1)).toMatch(/µs {2}out {2}03f8 +← 62 +ttyS0 THR ← 62 /);
  });

  test('reads no device and no file that is not there, whatever a stack names', async () => {
    const { out } = await guestrig('conform', 'names.mjs', '--scenario', FIRST, '--reporter', 'html');

    expect(out.match(/<code class="place">[^<]+/g)).toEqual([
      '<code class="place">/dev/zero:1:1',
      '<code class="place">/nowhere/a.c:2:1',
    ]);
    expect(out).not.toContain('<pre class="source">');
  });

  test('repeats what the run depends on', async () => {
    const page = await reported('html', '--profile', 'qemu-pc', '--host-time', '2000');

    expect(page).toContain('1.mjs&#39; --profile qemu-pc --host-time 2000 --scenario ');
  });
});

test('a report in a file is also printed as text', async () => {
  const { status, out } = await guestrig(...ARGV, '--reporter', 'junit', '--out', 'report.xml');

  expect(status).toBe(1);
  expect(out).toMatch(/^guestrig {2}mine on gce-n1, 1 scenario, seed 1\n/);
  expect(readFileSync('report.xml', 'utf8')).toBe(await reported('junit'));
});
