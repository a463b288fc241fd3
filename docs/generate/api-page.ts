import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Exported, exportsOf } from './exports.ts';
import { code, page, table } from './markdown.ts';

const INTRODUCTION = `Written by \`npm run docs\` from what the package's entries export; a test compares. Changes of a name are in the
[changelog](../../CHANGELOG.md).

Anything not listed is internal. The library makes the instances of a class marked "class, type only". *Where* is a file of \`src\` in
the repository. The options of a machine have [their own page](../options.md).`;

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
}

/** The public face: every name of every entry. */
export async function apiPage(): Promise<string> {
  const manifest = JSON.parse(
    readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8'),
  );
  return page(['# Public names', INTRODUCTION, ...entriesOf(manifest).flatMap(section)]);
}

/** Each entry's import specifier, and the source it is built from. */
function entriesOf({ name, exports }: Manifest): [specifier: string, path: string][] {
  return Object.entries(exports).flatMap(([entry, target]) =>
    typeof target === 'string'
      ? []
      : [[entry.replace('.', name), target.default.replace('./dist/', '').replace(/\.js$/, '.ts')]],
  );
}

function section([specifier, path]: readonly [string, string]): string[] {
  const rows = exportsOf(path)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((one) => [code(one.name), kindOf(one), one.summary, code(one.path)]);
  return [`## ${specifier}`, table([['Name', 'Kind', 'What it is', 'Where'], ...rows])];
}

function kindOf({ kind, typeOnly }: Exported): string {
  return typeOnly && kind !== 'interface' && kind !== 'type' ? `${kind}, type only` : kind;
}
