import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Exported, exportsOf } from './exports.ts';
import { code, page, table } from './markdown.ts';
import { STABLE } from './stable.ts';

const INTRODUCTION = `Written by \`npm run docs\` from what the package's entries export; a test compares. Changes of a name are in the
[changelog](../../CHANGELOG.md). A minor version keeps the names that are marked *stable*, and may change the others, which are
experimental: [versions.md](../versions.md#names).

Anything not listed is internal. The library makes the instances of a class marked "class, type only". *Where* is a file of \`src\` in
the repository. The options of a machine have [their own page](../options.md).`;

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
}

/** The public face: every name of every entry. */
export async function apiPage(): Promise<string> {
  return page(['# Public names', INTRODUCTION, ...entries().flatMap(section)]);
}

/** Each entry's import specifier, and the source it is built from. */
export function entries(): [specifier: string, path: string][] {
  const manifest = readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8');
  const { name, exports }: Manifest = JSON.parse(manifest);
  return Object.entries(exports).flatMap(([entry, target]) =>
    typeof target === 'string'
      ? []
      : [[entry.replace('.', name), target.default.replace('./dist/', '').replace(/\.js$/, '.ts')]],
  );
}

function section([specifier, path]: readonly [string, string]): string[] {
  const stable = STABLE[specifier] ?? [];
  const rows = [...exportsOf(path)]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((one) => {
      const kind = stable.includes(one.name) ? `${kindOf(one)}, *stable*` : kindOf(one);
      return [code(one.name), kind, one.summary, code(one.path)];
    });
  const whole = specifier in STABLE ? '' : 'All of it is experimental.';
  return [`## ${specifier}`, whole, table([['Name', 'Kind', 'What it is', 'Where'], ...rows])];
}

function kindOf({ kind, typeOnly }: Exported): string {
  return typeOnly && kind !== 'interface' && kind !== 'type' ? `${kind}, type only` : kind;
}
