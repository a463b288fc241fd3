import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { guestrig, inFolderOf } from '../../src/cli/rig.ts';
import { SUITE } from '../../src/conformance/index.ts';
import { isAbout } from '../../src/conformance/model/kinds.ts';
import { CLAUSE_IDS } from '../../src/rules/index.ts';
import { type JunitReport, readJunit } from './junit-reader.ts';
import { packagesOf } from './package/registry.ts';
import { workFolder } from './work-folder.ts';

/** Runs the readers of each report: a reader of JUnit, the schema of SARIF, GitHub's own parser. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FORMATS = join(ROOT, '.cache', 'formats');
const FIRST = SUITE[0]!.name;
/** A driver that comes by no virtio device is told of these alone. */
const OF_CHIPS = CLAUSE_IDS.filter((clause) => isAbout(clause, []));
/** Characters with a meaning in XML, in a line, in a URI. */
const ODD = '<a&b> "c" \'d\' 50% é 𝄞';
const model = (run: string) => `export default { name: ${JSON.stringify(ODD)}, drivers: [], run(port) {
  port.out(0x3fb, 3, 1);
  ${run}
} };
`;
const HASTY = 'for (const sign of [0x61, 0x62]) port.out(0x3f8, sign, 1);';

inFolderOf({
  'good.mjs': model(''),
  'broken.mjs': model(HASTY),
  'stopped 1,2.mjs': model(`throw new Error(${JSON.stringify(`first\n\t${ODD}\r\n\u0007]]>`)});`),
  'both.mjs': model(`${HASTY} throw null;`),
  'known.json': `{ "known": [{ "clause": "uart/THR-FULL", "reason": ${JSON.stringify(ODD)} }] }`,
});

const CASES: readonly (readonly [what: string, ...argv: string[]])[] = [
  ['passes', 'good.mjs'],
  ['breaks a clause', 'broken.mjs'],
  ['is stopped', 'stopped 1,2.mjs'],
  ['breaks a clause, and is stopped', 'both.mjs'],
  ['breaks what is known', 'broken.mjs', '--baseline', 'known.json'],
  ['breaks what is waived', 'broken.mjs', '--waive', 'uart/THR-FULL=a & <b>'],
  ['does not reach what it is to reach', 'good.mjs', '--require', 'virtio/RNG-OP-D1'],
  ['is played in everything, often', 'broken.mjs', '--seed', '1-3'],
];

async function reported(reporter: string, argv: readonly string[]): Promise<string> {
  const scenario = argv.includes('--seed') ? [] : ['--scenario', FIRST];
  return (await guestrig('conform', ...argv, ...scenario, '--reporter', reporter)).out;
}

beforeAll(async () => {
  await packagesOf(FORMATS, {
    '@microsoft/jest-sarif': '@microsoft/jest-sarif@1.0.0-beta.0',
    ajv: 'ajv@~8.20.0',
    'ajv-draft-04': 'ajv-draft-04@~1.0.0',
    'ajv-formats': 'ajv-formats@~3.0.1',
    '@actions/workflow-parser': '@actions/workflow-parser@~0.3.61',
  });
});

describe('python3-junitparser reads of a driver that', () => {
  async function read(argv: readonly string[]): Promise<JunitReport> {
    writeFileSync('report.xml', await reported('junit', argv));
    return readJunit('report.xml');
  }

  test.each(CASES)('%s every clause about chips, with counts that are true', async (_what, ...argv) => {
    const { tests, failures, suites, cases } = await read(argv);
    const failed = cases.filter(({ result }) => result[0]?.kind === 'failure');

    expect(cases.map(({ name }) => name.split(' ')[0])).toEqual(expect.arrayContaining(OF_CHIPS));
    expect([tests, failures]).toEqual([cases.length, failed.length]);
    expect(suites.map((suite) => [suite.name, suite.tests, suite.skipped])).toEqual(
      suites.map(({ name }) => {
        const its = cases.filter(({ suite }) => suite === name);
        return [name, its.length, its.filter(({ result }) => result[0]?.kind === 'skipped').length];
      }),
    );
  });

  test('throws, its error, unchanged except for characters that XML excludes', async () => {
    const { cases } = await read(['stopped 1,2.mjs']);
    const [{ result }] = cases.filter(({ name }) => name === FIRST) as [(typeof cases)[number]];

    expect(result).toMatchObject([{ kind: 'failure', message: `Error: first\n\t${ODD}\r\n�]]>` }]);
  });

  test('breaks a clause, the finding', async () => {
    const { cases } = await read(['broken.mjs']);
    const [{ result }] = cases.filter(({ name }) => name.startsWith('uart/THR-FULL ')) as [
      (typeof cases)[number],
    ];

    expect(result).toMatchObject([
      { kind: 'failure', message: expect.stringMatching(/^wrote 0x\w\w .*while .* was still waiting/) },
    ]);
    expect(result[0]!.text).toContain('at broken.mjs:3:');
  });
});

describe('the schema of SARIF 2.1.0 takes the log of a driver that', () => {
  let errorsIn: (log: unknown) => unknown;

  beforeAll(() => {
    const load = createRequire(join(FORMATS, 'package.json'));
    const schema = load('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
    // One of its patterns is no pattern by the stricter rules of `u`.
    const ajv = new (load('ajv-draft-04').default)({ strict: false, unicodeRegExp: false, allErrors: true });
    load('ajv-formats').default(ajv);
    const validate = ajv.compile(schema);
    errorsIn = (log) => (validate(log) ? [] : validate.errors);
  });

  test.each(CASES)('%s', async (_what, ...argv) => {
    expect(errorsIn(JSON.parse(await reported('sarif', argv)))).toEqual([]);
  });

  test('and not one with an undefined level', async () => {
    const log = JSON.parse(await reported('sarif', ['broken.mjs']));
    log.runs[0].results[0].level = 'fatal';

    expect(errorsIn(log)).not.toEqual([]);
  });
});

describe("GitHub's parser of workflows", () => {
  const workflow = readFileSync(join(ROOT, 'examples/ci/.github/workflows/ci.yml'), 'utf8');
  const work = workFolder();
  const bundle = join(work, 'parse.cjs');
  /** The parser's own build imports JSON as Node 20 does not. */
  const PARSE = `
    import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
    import { readFileSync } from 'node:fs';
    const { context, value } = parseWorkflow({ name: 'ci.yml', content: readFileSync(0, 'utf8') }, new NoOperationTraceWriter());
    convertWorkflowTemplate(context, value).then(({ jobs = [] }) => console.log(JSON.stringify({
      errors: context.errors.getErrors().map(({ message }) => message),
      steps: jobs.flatMap(({ steps }) => steps.map((step) => String(step.uses ?? step.run))),
    })));`;
  const parsed = (content: string) =>
    JSON.parse(execFileSync(process.execPath, [bundle], { input: content, encoding: 'utf8' }));

  beforeAll(async () => {
    const stdin = { contents: PARSE, resolveDir: FORMATS };
    await build({ stdin, bundle: true, platform: 'node', format: 'cjs', outfile: bundle });
  });

  test('takes the one of the template', () => {
    const { errors, steps } = parsed(workflow);

    expect(errors).toEqual([]);
    expect(steps).toEqual(expect.arrayContaining(['npm ci', 'github/codeql-action/upload-sarif@v3']));
  });

  test('and not one with an undefined key', () => {
    expect(parsed(workflow.replace('runs-on', 'run-on')).errors).not.toEqual([]);
  });
});
