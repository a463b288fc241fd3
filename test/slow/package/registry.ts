import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './programs.ts';

/**
 * Packages of the registry, by names of ours: `{ 'ts-5.7': 'typescript@~5.7.0' }`. They are kept in `folder`, and fetched again when
 * the list changes.
 *
 * @returns the folder of each, by its name.
 */
export async function packagesOf(folder: string, wanted: Readonly<Record<string, string>>): Promise<void> {
  const list = join(folder, 'wanted.json');
  const asked = JSON.stringify(wanted);
  if (existsSync(list) && readFileSync(list, 'utf8') === asked) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const aliases = Object.entries(wanted).map(([name, what]) => `${name}@npm:${what}`);
  await run(folder, 'npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', '--no-save', ...aliases);
  writeFileSync(list, asked);
}
