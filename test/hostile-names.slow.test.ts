import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guestrig } from '../src/cli/rig.ts';

/** A name that ends a line, begins a command, clears a screen and changes the text direction. */
const EVIL = '::error::a\n::error::b\n##[error]c\r# d\x1b[2J\x9b2J\u202ee';
const HEADER =
  '{"at":0,"kind":"machine","format":2,"profile":"gce-n1","options":{},"accessTime":1000,"sight":"accesses"}';
const LOST = { subject: EVIL, moves: 'frames', lost: EVIL };
const LOG = [
  HEADER,
  JSON.stringify({ at: 1, kind: 'told', of: 'lengths', what: LOST }),
  JSON.stringify({ at: 2, kind: EVIL }),
  JSON.stringify({ at: 2, kind: 'outside', of: EVIL, does: EVIL, with: [] }),
  JSON.stringify({
    at: 3,
    kind: 'access',
    space: 'port',
    write: false,
    address: 0x3fd,
    width: 1,
    value: 1,
    text: EVIL,
  }),
];
/** Breaks one clause, and stops. */
const DRIVER = `export default { name: ${JSON.stringify(EVIL)}, drivers: [], run(port) {
  port.out(0x3fb, 3, 1);
  for (let i = 0; i < 3; i++) port.out(0x3f8, 0x41, 1);
  throw new Error(${JSON.stringify(EVIL)});
} };`;
const KNOWN = {
  known: [
    { clause: 'uart/RBR-EMPTY', subject: EVIL, reason: EVIL },
    { stopped: EVIL, reason: EVIL },
  ],
};
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestrig-'));
  writeFileSync(join(folder, 'log'), LOG.join('\n'));
  writeFileSync(join(folder, 'driver.mjs'), DRIVER);
  writeFileSync(join(folder, 'known.json'), JSON.stringify(KNOWN));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Apart from our own line feeds no control characters, and no invisible ones. */
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
/** As GitHub's runner parses it: behind blanks, or in the older form anywhere. */
const COMMAND = /^\s*(::|#)|##\[/m;

const scenario = ['--scenario', 'a machine as its firmware leaves it'];

describe.each([
  ['judge-log', ['judge-log', 'log']],
  ['conform', ['conform', 'driver.mjs', ...scenario, '--baseline', 'known.json']],
])('a report of %s on a hostile name', (_command, argv) => {
  const reported = (reporter: string) => {
    const files = argv.map((one) => (/^(log|driver\.mjs|known\.json)$/.test(one) ? join(folder, one) : one));
    return guestrig(...files, '--reporter', reporter);
  };

  test('is escaped in text, and no command of a CI', async () => {
    const { out, status } = await reported('text');

    expect(status).toBe(1);
    expect(out).toContain(
      'error::a\\u{a}::error::b\\u{a}#\\u{23}[error]c\\u{d}# d\\u{1b}[2J\\u{9b}2J\\u{202e}e',
    );
    expect(out).not.toMatch(UNSEEN);
    expect(out).not.toMatch(COMMAND);
  });

  test('is complete in JSON, and harmless on a terminal', async () => {
    const { out } = await reported('json');

    expect(out).not.toMatch(UNSEEN);
    expect(JSON.stringify(JSON.parse(out))).toContain(JSON.stringify(EVIL).slice(1, -1));
  });

  test('is in valid XML', async () => {
    const { out } = await reported('junit');

    expect(out).not.toMatch(UNSEEN);
  });
});

test.each(['sarif', 'html'])('a report for other programs shows nothing of it: %s', async (reporter) => {
  const { out } = await guestrig('conform', join(folder, 'driver.mjs'), ...scenario, '--reporter', reporter);

  expect(out.replaceAll(/[\t\r]/g, '')).not.toMatch(UNSEEN);
});

test('annotations for GitHub are only our own', async () => {
  const { out } = await guestrig('conform', join(folder, 'driver.mjs'), ...scenario, '--reporter', 'github');
  const lines = out.trimEnd().split('\n');

  expect(out).not.toMatch(UNSEEN);
  expect(
    lines.filter((line) => /^\s*::/.test(line) && !/^::(error|notice|warning) (title|file)=/.test(line)),
  ).toEqual([]);
  expect(lines.at(-1)).toMatch(/^\\u\{3a\}:error::a\\u\{a\}.* does not conform: /);
});
