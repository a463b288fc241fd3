import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './programs.ts';
import { NODES } from './versions.ts';

const LIST = 'wanted.json';

/**
 * Packages of the registry, by names of ours: `{ 'ts-5.7': 'typescript@~5.7.0' }`. They are kept in `folder`, and fetched again when
 * the list changes. Two test files may ask for the same at once: the folder is there when it is whole.
 *
 * @returns the folder of each, by its name.
 */
export async function packagesOf(folder: string, wanted: Readonly<Record<string, string>>): Promise<void> {
  const asked = JSON.stringify(wanted);
  if (isThere(folder, asked)) return;
  mkdirSync(dirname(folder), { recursive: true });
  const work = mkdtempSync(`${folder}-`);
  writeFileSync(join(work, 'package.json'), '{ "private": true }');
  const aliases = Object.entries(wanted).map(([name, what]) => `${name}@npm:${what}`);
  await run(work, 'npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', '--no-save', ...aliases);
  writeFileSync(join(work, LIST), asked);
  if (isThere(folder, asked)) return rmSync(work, { recursive: true });
  rmSync(folder, { recursive: true, force: true });
  renameSync(work, folder);
}

function isThere(folder: string, asked: string): boolean {
  const list = join(folder, LIST);
  return existsSync(list) && readFileSync(list, 'utf8') === asked;
}

/** Fetches each Node once. @param root of the repository. */
export async function nodesOf(root: string): Promise<void> {
  const wanted = NODES.map((major) => [`node${major}`, `node-${process.platform}-${process.arch}@${major}`]);
  await packagesOf(folderIn(root), Object.fromEntries(wanted));
}

export function nodeOf(root: string, major: string): string {
  return join(folderIn(root), 'node_modules', `node${major}`, 'bin', 'node');
}

function folderIn(root: string): string {
  return join(root, '.cache', 'nodes');
}
