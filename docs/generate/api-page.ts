import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Exported, exportsOf } from './exports.ts';
import { code, page, table } from './markdown.ts';

const INTRODUCTION = `Written by \`docs/generate.ts\` from what the package's entries export; a test compares. Run
\`npm run docs\` after a change of them, and say in the [changelog](../CHANGELOG.md) what becomes of a name that others use.

What is not here is nobody's to import. A class that is "class, type only" is made by the library. *Where* is a file of \`src\` in the repository.`;

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
