import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SUITE } from '../conformance/index.ts';
import { USES } from '../conformance/model/uses.ts';
import { newestSet } from '../rules/sets.ts';
import { guestrig, inFolderOf } from './rig.ts';
import { run } from './run.ts';

const FIRST = SUITE[0]!.name;
/** What a driver lacks which is a `run` alone: it may use any function, and has no use. The rest it is played on a legacy machine. */
const LACKS = { ...USES, serial: true, gvnic: true, nvme: true };
const LEGACY = SUITE.filter(
  ({ applies, needs }) => applies?.({}) !== false && !needs?.some((need) => need in LACKS),
);
const QUICK = ['--scenario', FIRST];

/** Prints without reading THRE; the byte is written in line 3. */
const PRINT = `function print(port, text) {
  port.out(0x3fb, 3, 1);
  for (const sign of text) port.out(0x3f8, sign.charCodeAt(0), 1);
}
`;
const FILES = {
  'uart.mjs': `${PRINT}export default { name: 'my-uart', drivers: [], run: (port) => print(port, 'hello') };\n`,
  'good.mjs': "export const model = { name: 'looks', drivers: [], run: (port) => void port.in(0x3fd, 1) };\n",
  'typed.ts':
    "export const model: object = { name: 'typed', drivers: [], run: (port: any) => void port.in(0x3fd, 1) };\n",
  'bare.mjs':
    "export const driver = { name: 'bare', matches: ({ vendor }) => vendor === 0x1af4, attach: (port) => port.in(0x3fd, 1) };\n",
  'throws.mjs':
    "export default { name: 'sick', drivers: [], run(port) {\n  port.in(0x3fd, 1);\n  throw new Error('is sick');\n} };\n",
  'spins.mjs':
    "export default { name: 'spins', drivers: [], run(port) {\n  for (;;) port.in(0x3fd, 1);\n} };\n",
  'none.mjs': 'export const sum = 3;\n',
  'number.mjs': 'export default 3;\n',
  'nothing.mjs': "export default { name: 'nothing' };\n",
  'half.mjs': "export default { name: 'half', matches: () => true, attach: 3 };\n",
  'torn.mjs': 'export default {\n  run(;\n',
  'mine.wasm': '\0asm',
  'lost.mjs': "import './gone.mjs';\n",
  'bang.mjs': "throw new Error('bang');\n",
  'known.json':
    '{ "known": [{ "clause": "uart/THR-FULL", "subject": "ttyS0", "reason": "is being mended" }] }',
  'other.json': '{ "known": [{ "clause": "uart/THR-FULL", "subject": "ttyS1", "reason": "never used" }] }',
  'mute.json': '{ "known": [{ "clause": "uart/THR-FULL" }] }',
  'list.json': '[]',
  'sick.json': `{ "known": [{ "stopped": "${FIRST}", "reason": "is to be cured" }] }`,
};

inFolderOf(FILES);

describe('invalid arguments are refused in one line', () => {
  test.each([
    [['conform'], "missing required argument 'file'"],
    [['conform', 'gone.mjs'], 'driver gone.mjs: no such file'],
    [['conform', '.'], 'driver .: is no file'],
    [
      ['conform', 'none.mjs'],
      'driver none.mjs: exports no driver: default, model or driver is to be a model ({ name, drivers, run }) or a driver ({ name, matches, attach })',
    ],
    [
      ['conform', 'number.mjs'],
      'driver number.mjs: exports no driver: default, model or driver is to be a model ({ name, drivers, run }) or a driver ({ name, matches, attach })',
    ],
    [
      ['conform', 'nothing.mjs'],
      'driver nothing.mjs: what it exports is not a model ({ name, drivers, run }) or a driver ({ name, matches, attach })',
    ],
    [['conform', 'bang.mjs'], 'driver bang.mjs: cannot be loaded: Error: bang'],
    [
      ['conform', 'good.mjs', '--seed', '5-1'],
      '--seed must be a seed, or a range of up to 10000 seeds (example 1-50); got "5-1"',
    ],
    [
      ['conform', 'good.mjs', '--shard', '3/2'],
      '--shard must be a part of the scenarios (example 1/2); got "3/2"',
    ],
    [['conform', 'good.mjs', ...QUICK, '--shard', '2/2'], '--scenario: none of these is in that part'],
    [['conform', 'good.mjs', '--jobs', '0'], '--jobs must be a whole number from 1 to 256; got "0"'],
    [
      ['conform', 'good.mjs', '--host-time', '1s'],
      '--host-time must be a whole number from 1 to 3600000; got "1s"',
    ],
    [['conform', 'good.mjs', '--seed', '-1'], '--seed must be a whole number from 0 to 4294967295; got "-1"'],
    [
      ['conform', 'good.mjs', '--scenario', 'holiday'],
      '--scenario must be a scenario (guestrig help conform lists them); got "holiday"',
    ],
    [
      ['conform', 'good.mjs', '--only', 'usb'],
      `options.only must be a clause of the rules ${newestSet()}, or the beginning of one; got "usb"`,
    ],
    [
      ['conform', 'good.mjs', '--require', 'uart/THR-FUL', '--strict'],
      'options.require must be a clause (guestrig clauses lists them); got "uart/THR-FUL"; did you mean uart/THR-FULL?',
    ],
    [
      ['conform', 'good.mjs', '--reporter', 'xml'],
      '--reporter must be one of text, json, junit, github, sarif, html; got "xml"',
    ],
    [['conform', 'good.mjs', '--baseline', 'gone.json'], 'baseline gone.json: no such file'],
    [
      ['conform', 'good.mjs', '--baseline', 'list.json'],
      'baseline list.json: baseline must be an object; got []',
    ],
    [
      ['conform', 'good.mjs', '--baseline', 'mute.json'],
      'baseline mute.json: known[0].reason is required: a reason in words',
    ],
    [['conform', 'good.mjs', '--out', 'nowhere/out'], 'out nowhere/out: no such directory'],
  ])('%j', async (argv, line) => {
    expect(await guestrig(...argv)).toMatchObject({ status: 2, err: `${line}\n` });
  });

  test.each([
    ['torn.mjs', 'driver torn.mjs: cannot be loaded: '],
    ['lost.mjs', 'driver lost.mjs: cannot be loaded'],
    ['half.mjs', 'driver half.mjs: model.drivers[0] m'],
  ])('%s', async (file, beginning) => {
    const { status, err } = await guestrig('conform', file);

    expect([status, err.slice(0, beginning.length)]).toEqual([2, beginning]);
    expect(err.match(/\n/g)).toHaveLength(1);
  });
});

test('help lists the scenarios, and ends with an example', async () => {
  const { status, out } = await guestrig('conform', '--help');

  expect(status).toBe(0);
  expect(SUITE.filter(({ name }) => !out.includes(`\n  ${name}\n`))).toEqual([]);
  expect(out).toMatch(/\nExample: guestrig conform nic\.ts [^\n]+\n$/);
});

describe("a user's driver", () => {
  test.each([
    ['good.mjs', 'looks'],
    ['typed.ts', 'typed'],
    ['bare.mjs', 'bare'],
  ])('%s is found by what it exports, and conforms', async (file, name) => {
    const { status, out } = await guestrig('conform', file, ...QUICK);

    expect(status).toBe(0);
    expect(out).toMatch(new RegExp(`^guestrig {2}${name} on gce-n1, 1 scenario, seed 1\n`));
    expect(out).toMatch(new RegExp(`\n${name} conforms\\.\n$`));
  });

  test('is played in every scenario, unless some are named', async () => {
    const { out } = await guestrig('conform', 'good.mjs', '--profile', 'qemu-pc', '--seed', '3-4');

    expect(out).toContain(`looks on qemu-pc, ${LEGACY.length} scenarios, seeds 3 to 4\n`);
  });

  test('that breaks a clause has the clause, the scenario and its line reported', async () => {
    const { status, out } = await guestrig('conform', 'uart.mjs', ...QUICK);

    expect(status).toBe(1);
    expect(out).toContain(
      "uart/THR-FULL  ttyS0\n  wrote 0x65 'e' to THR while 0x68 'h' was still waiting: 'h' is lost",
    );
    expect(out).toContain(
      `\n  in "${FIRST}", seed 1; 4 times in all\n  at uart.mjs:3:33\n  called at uart.mjs:5:`,
    );
    expect(out).toMatch(/\nmy-uart does not conform: 1 clause fails\.\n$/);
  });

  test('that throws has its error, its line and the number of times reported', async () => {
    const { status, out } = await guestrig('conform', 'throws.mjs', ...QUICK, '--seed', '1-3');

    expect(status).toBe(1);
    expect(out).toContain(
      `stopped  Error: is sick\n  in "${FIRST}", seed 1, and 2 more runs\n  at throws.mjs:3:9\n`,
    );
    expect(out).toMatch(/\nsick does not conform: 3 runs stopped\.\n$/);
  });

  test('that spins is reported, too', async () => {
    const { status, out } = await guestrig('conform', 'spins.mjs', ...QUICK);

    expect(status).toBe(1);
    expect(out).toContain('stopped  EndlessLoopError: ');
    expect(out).toContain('\n  at spins.mjs:2:');
  });
});

describe('options', () => {
  test('a waived clause fails nothing', async () => {
    const { status, out } = await guestrig('conform', 'uart.mjs', ...QUICK, '--waive', 'uart/THR-FULL=why');

    expect(status).toBe(0);
    expect(out).toContain('   1 waived\n');
  });

  test('a scenario that need not be finished fails nothing, and its reason is in each report', async () => {
    const waiving = ['conform', 'throws.mjs', ...QUICK, '--waive', `${FIRST}=is to be cured`];

    const { status, out } = await guestrig(...waiving, '--reporter', 'json');
    const xml = (await guestrig(...waiving, '--reporter', 'junit')).out;

    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      conforms: true,
      stopped: [],
      waived: [{ scenario: FIRST, reason: 'is to be cured' }],
    });
    expect(xml).toContain(`name="${FIRST}"><skipped message="waived: is to be cured"/>`);
  });

  test('a clause that is required and not reached fails', async () => {
    const { status, out } = await guestrig('conform', 'good.mjs', ...QUICK, '--require', 'virtio/RNG-OP-D1');

    expect(status).toBe(1);
    expect(out).toContain('virtio/RNG-OP-D1  nothing reached it, and it is required\n');
  });

  test('only named clauses are judged', async () => {
    const { status, out } = await guestrig('conform', 'uart.mjs', ...QUICK, '--only', 'pci/confadd-align');

    expect(status).toBe(0);
    expect(out).toContain('Rules for drivers   1 pass   0 fail   0 unreached\n');
  });

  test('a scenario may be named by a part of its name', async () => {
    const { out } = await guestrig('conform', 'good.mjs', '--scenario', 'Power fails', '--reporter', 'json');

    expect(JSON.parse(out).scenarios).toEqual(['a machine whose power fails']);
  });

  test('scenarios for other machines alone are misuse', async () => {
    const { status, err } = await guestrig(
      'conform',
      'good.mjs',
      '--scenario',
      'capabilities that are to be passed over',
    );

    expect([status, err]).toEqual([2, '--scenario: none of these is for a machine with such options\n']);
  });

  test('a terminal shows the progress, and then gets its line back', async () => {
    const shown: string[] = [];
    const progress = (text: string) => void shown.push(text);

    const io = { out: () => {}, err: () => {}, color: false, progress };
    await run(['conform', 'good.mjs', ...QUICK, '--seed', '8-9'], io);

    expect(shown).toEqual([`1 of 2  ${FIRST}, seed 8`, `2 of 2  ${FIRST}, seed 9`, '']);
  });
});

describe('a baseline', () => {
  test('makes known failures pass', async () => {
    const { status, out } = await guestrig('conform', 'uart.mjs', ...QUICK, '--baseline', 'known.json');

    expect(status).toBe(0);
    expect(out).toContain('   1 waived\n');
  });

  test('does not cover another subject', async () => {
    const { status, out } = await guestrig('conform', 'uart.mjs', ...QUICK, '--baseline', 'other.json');

    expect(status).toBe(1);
    expect(out).toContain('\nuart/THR-FULL of ttyS1 is known, and is no more: take it out of the baseline\n');
  });

  test('ignores entries that were not reached', async () => {
    const { status, out } = await guestrig('conform', 'good.mjs', ...QUICK, '--baseline', 'known.json');

    expect([status, out.includes('is no more')]).toEqual([0, false]);
  });

  test('covers scenarios that a driver does not finish, too', async () => {
    const sick = await guestrig('conform', 'throws.mjs', ...QUICK, '--baseline', 'sick.json');
    const cured = await guestrig('conform', 'good.mjs', ...QUICK, '--baseline', 'sick.json');

    expect([sick.status, cured.status]).toEqual([0, 0]);
    expect(cured.out).toContain(
      `\nthe stop in "${FIRST}" is known, and is no more: take it out of the baseline\n`,
    );
  });

  test('is written, and then covers all failures', async () => {
    const writing = await guestrig('conform', 'uart.mjs', ...QUICK, '--write-baseline', 'new.json');
    const knowing = await guestrig('conform', 'uart.mjs', ...QUICK, '--baseline', 'new.json');

    expect([writing.status, knowing.status]).toEqual([0, 0]);
    expect(writing.err).toBe('guestrig: wrote new.json, known failures: 1\n');
    expect(JSON.parse(readFileSync('new.json', 'utf8'))).toEqual({
      known: [{ clause: 'uart/THR-FULL', subject: 'ttyS0', reason: 'not looked into yet' }],
    });
  });

  test('is written with the known reasons', async () => {
    const files = ['--baseline', 'known.json', '--write-baseline', 'kept.json'];

    await guestrig('conform', 'uart.mjs', ...QUICK, ...files);

    expect(JSON.parse(readFileSync('kept.json', 'utf8'))).toEqual(JSON.parse(FILES['known.json']));
  });
});
