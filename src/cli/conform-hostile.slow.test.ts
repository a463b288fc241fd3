import { expect, test } from 'vitest';
import { SUITE } from '../conformance/index.ts';
import { guestrig, inFolderOf } from './rig.ts';

inFolderOf({
  'trusting.mjs':
    "export default { name: 'trusting', drivers: [], run(port) {\n  while ((port.in(0x3fd, 1) & 0x20) === 0);\n} };\n",
  'looks.mjs': "export default { name: 'looks', drivers: [], run: (port) => void port.in(0x3fd, 1) };\n",
  'wrong.mjs': `export default { name: 'wrong', drivers: [], run(port) {
  port.in(0x3fd, 1);
  for (const sign of [0x61, 0x62]) port.out(0x3f8, sign, 1);
} };
`,
  'soon.json': '{ "patience": 5000 }',
});

const QUICK = ['--scenario', SUITE[0]!.name];
const HOSTILE = [...QUICK, '--scenario', 'a UART that never has room', '--hostile', '--options', 'soon.json'];

test('a driver that conforms and falls for a lie ends with a status of its own', async () => {
  const { status, out } = await guestrig('conform', 'trusting.mjs', ...HOSTILE);

  expect(status).toBe(3);
  expect(out).toContain('hard/UART-THRE  the driver\n');
  expect(out).toMatch(/\ntrusting conforms, and falls for 1 of 1 lie\.\n$/);
});

test('a driver that bears the lie ends with 0', async () => {
  const { status, out } = await guestrig('conform', 'looks.mjs', ...HOSTILE);

  expect(status).toBe(0);
  expect(out).toMatch(/\nlooks conforms, and bears 1 lie\.\n$/);
});

test('that a lie is borne does not hide that a driver does not conform', async () => {
  const { status, out } = await guestrig('conform', 'wrong.mjs', ...HOSTILE, '--reporter', 'json');

  expect(status).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ conforms: false, hard: true });
});

test('lies may be known: what is written down fails nothing', async () => {
  const writing = await guestrig('conform', 'trusting.mjs', ...HOSTILE, '--write-baseline', 'lies.json');
  const knowing = await guestrig('conform', 'trusting.mjs', ...HOSTILE, '--baseline', 'lies.json');

  expect([writing.status, knowing.status]).toEqual([0, 0]);
});

test('without the option there are no clauses on lies', async () => {
  const { status, err } = await guestrig('conform', 'looks.mjs', ...QUICK, '--only', 'hard/uart');

  expect([status, err]).toMatchObject([
    2,
    expect.stringMatching(/^options\.only must be a clause [^;]+; got "hard\/uart"/),
  ]);
});

test('and no lies among the scenarios', async () => {
  const { status, err } = await guestrig(
    'conform',
    'looks.mjs',
    '--scenario',
    'a used id that they never lent',
  );

  expect([status, err]).toEqual([2, '--scenario: goes with --hostile: these are lies of devices\n']);
});
