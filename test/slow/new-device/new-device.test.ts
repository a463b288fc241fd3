import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';

/** What CONTRIBUTING.md says of adding a device, done: a virtio-blk, its rule, its driver, its place in the probe. */
const NEW = join(import.meta.dirname, 'src');
const COPIED = ['src', 'docs', 'tools', 'assets', 'package.json', 'tsconfig.json'];
/** Serves it, and ends. */
const SERVES = `
import { gceN1 } from './src/index.ts';
import { VfioUserHost } from './src/hosts/vfio-user/index.ts';
const host = await VfioUserHost.listen(gceN1({ block: true, firmware: false }), { device: 'block', socket: 'block.sock' });
host.close();
console.log(await host.ended);
`;
const READ_5_0 = 'outl 0xcf8 0x80002800\ninl 0xcfc\n';

const copy = mkdtempSync(join(tmpdir(), 'guestrig-'));
afterAll(() => rmSync(copy, { recursive: true }));

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { cwd: copy, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function guestrig(args: readonly string[], input = ''): string {
  const { stdout, stderr } = spawnSync('npx', ['tsx', 'src/cli/main.ts', ...args], {
    cwd: copy,
    encoding: 'utf8',
    input,
  });
  return stdout + stderr;
}

for (const path of COPIED) cpSync(path, join(copy, path), { recursive: true });
symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
cpSync(NEW, join(copy, 'src'), { recursive: true });
run('npx', 'tsx', 'tools/lists.ts');
writeFileSync(
  join(copy, 'tsconfig.src.json'),
  JSON.stringify({ extends: './tsconfig.json', include: ['src'], exclude: ['**/*.test.ts'] }),
);
writeFileSync(join(copy, 'serves.mts'), SERVES);
writeFileSync(join(copy, 'block.json'), JSON.stringify({ block: true }));

test('a new device is ten files, and changes none but the lists that are written from the folders', () => {
  const added = filesIn(NEW);
  const changed = filesIn('src').filter(
    (path) => !readFileSync(join('src', path)).equals(readFileSync(join(copy, 'src', path))),
  );

  expect(added).toHaveLength(10);
  expect(changed.filter((path) => !/\/all\.\w+\.ts$/.test(path))).toEqual([]);
});

test('its types are right', () => {
  const checked = spawnSync(
    'node',
    ['node_modules/typescript-7/bin/tsc', '-p', 'tsconfig.src.json', '--noEmit'],
    {
      cwd: copy,
      encoding: 'utf8',
    },
  );

  expect(checked.stdout).toBe('');
});

test.each([
  [
    'the probe uses it',
    ['probe', '--options', 'block.json'],
    '',
    /block +2048 sectors +keeps what is written/,
  ],
  [
    'its broken driver breaks its rule',
    ['clauses', 'virtio/BLK-OP-D1'],
    '',
    /What is said of the broken driver .*\n\nvirtio\/BLK-OP-D1 {2}block0/,
  ],
  [
    'a qtest client adds it by the name that QEMU has for it',
    ['qtest', '-qtest', 'stdio', '-nodefaults', '-device', 'virtio-blk-pci,addr=5.0'],
    READ_5_0,
    /OK 0x10011af4/,
  ],
])('%s', (_title, args, input, said) => {
  expect(guestrig(args, input)).toMatch(said);
});

test('it is served to QEMU', () => {
  expect(run('npx', 'tsx', 'serves.mts')).toBe('closed\n');
});
