import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SUITE } from '../conformance/index.ts';
import { guestrig, inFolderOf } from './rig.ts';

const [FIRST, SECOND] = SUITE.filter(
  ({ applies, needs }) => (applies?.({}) ?? true) && needs === undefined,
).map(({ name }) => name) as [string, string];
const ONE = ['--scenario', FIRST];
const TWO = [...ONE, '--scenario', SECOND, '--seed', '3-4'];
const PRINT = "port.out(0x3fb, 3, 1); for (const sign of 'hello') port.out(0x3f8, sign.charCodeAt(0), 1);";
const model = (name: string, run: string) =>
  `export default { name: '${name}', drivers: [], run(port) { ${run} } };\n`;

inFolderOf({
  'prints.mjs': model('prints', PRINT),
  'looks.mjs': model('looks', 'port.in(0x3fd, 1);'),
});

describe('guestrig conform --trace', () => {
  test.each(['json', 'vcd', 'pcapng', 'jsonl'])(
    'writes down the one run that there is, as .%s',
    async (end) => {
      const { status, err } = await guestrig('conform', 'looks.mjs', ...ONE, '--trace', `one.${end}`);

      expect([status, err]).toEqual([0, `guestrig: wrote one.${end}\n`]);
      expect(readFileSync(`one.${end}`).length).toBeGreaterThan(20);
    },
  );

  test('writes a log from which judge-log reaches the same verdict', async () => {
    const played = await guestrig(
      'conform',
      'prints.mjs',
      ...ONE,
      '--trace',
      'run.jsonl',
      '--reporter',
      'json',
    );
    const judged = await guestrig('judge-log', 'run.jsonl', '--reporter', 'json');
    const broken = (out: string) =>
      JSON.parse(out)
        .verdicts.filter(({ outcome }: { outcome: string }) => outcome === 'fail')
        .map(({ clause, met }: { clause: string; met: number }) => [clause, met]);

    expect([played.status, judged.status]).toEqual([1, 1]);
    expect(broken(judged.out)).toEqual(broken(played.out));
  });

  test('writes down the first run that failed of each scenario, by name and seed', async () => {
    await guestrig('conform', 'prints.mjs', ...TWO, '--trace', 'all.jsonl');

    const files = readdirSync('.').filter((name) => name.startsWith('all'));

    expect(files).toHaveLength(2);
    expect(files).toEqual(files.filter((name) => /^all-[a-z0-9-]+-seed-3\.jsonl$/i.test(name)));
  });

  test.each([
    ['nothing failed', []],
    ['what failed is not asked about', ['--only', 'pci/BUS-MASTER']],
    ['what failed may fail', ['--waive', 'uart/THR-FULL=a console']],
  ])('writes nothing where %s', async (_why, more) => {
    const driver = more.length === 0 ? 'looks.mjs' : 'prints.mjs';

    const { err } = await guestrig('conform', driver, ...TWO, ...more, '--trace', 'none.json');

    expect([err, existsSync('none.json')]).toEqual([
      'guestrig: no run failed, so none was written down\n',
      false,
    ]);
  });

  test.each([
    ['none/run.json', 'trace none/run.json: no such directory\n'],
    ['run.txt', '--trace must be a path that ends in .json, .jsonl, .vcd or .pcapng; got "run.txt"\n'],
  ])('gives the reason in one line, before the runs, why %s cannot be written', async (path, said) => {
    expect(await guestrig('conform', 'looks.mjs', '--trace', path)).toEqual({
      status: 2,
      out: '',
      err: said,
    });
  });
});
