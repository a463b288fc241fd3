import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './programs.ts';

/**
 * Packs the package as a fresh clone of the work tree does, with uncommitted changes, and nothing else: no node_modules, no dist, no
 * history, which a checkout in CI may lack. It does so once for each state of the work tree, and leaves in `.cache/packed` the clone, and
 * in `said.json` what npm said.
 */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const FOLDER = join(ROOT, '.cache', 'packed');
const CLONE = join(FOLDER, 'clone');
const SAID = join(FOLDER, 'said.json');
const AUTHOR = ['-c', 'user.name=guestrig', '-c', 'user.email=guestrig@localhost'];

const namesOf = async (...which: string[]) =>
  (await run(ROOT, 'git', 'ls-files', '-z', ...which)).split('\0').filter((name) => name !== '');

const deleted = new Set(await namesOf('--deleted'));
const listed = await namesOf('--cached', '--others', '--exclude-standard');
const names = listed.filter((name) => !deleted.has(name));
const hash = createHash('sha256');
for (const name of names) hash.update(`${name}\0`).update(readFileSync(join(ROOT, name)));
const of = hash.digest('hex');

if (!existsSync(SAID) || JSON.parse(readFileSync(SAID, 'utf8')).of !== of) {
  rmSync(FOLDER, { recursive: true, force: true });
  for (const name of names) cpSync(join(ROOT, name), join(CLONE, name));
  await run(CLONE, 'git', 'init', '--quiet');
  await run(CLONE, 'git', 'add', '--all');
  await run(CLONE, 'git', ...AUTHOR, 'commit', '--quiet', '--message', 'all');
  const [said] = JSON.parse(await run(CLONE, 'npm', 'pack', '--json'));
  writeFileSync(SAID, JSON.stringify({ of, ...said }));
}
