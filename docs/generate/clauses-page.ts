import type { Clause } from '../../src/core/rule.ts';
import { code, page, table } from './markdown.ts';
import { loadSource, readSource, sourceFiles, variablesOf } from './source.ts';

const INTRODUCTION = `Written by [generate.ts](generate.ts) from the catalogue in [src/core/clauses](../src/core/clauses); a test
compares. Change the catalogue, then run \`npm run docs\`.

The name of a clause is what findings carry and what \`waive\` takes. Names with \`D\` and a number follow the driver's normative
statements of the section under "Where"; \`IMP\` marks what its tables and layouts imply without a keyword, \`LEG\` what holds for the
legacy interface. A broken MUST or SHOULD fails a run; a broken NOTE does not.`;

export async function clausesPage(): Promise<string> {
  const files = sourceFiles().filter(
    (path) => /^(core\/clauses|rules)\//.test(path) && path !== 'rules/index.ts',
  );
  const blocks = await Promise.all(files.map(sections));
  return page(['# Clauses', INTRODUCTION, ...blocks.flat()]);
}

async function sections(path: string): Promise<string[]> {
  const loaded = await loadSource(path);
  return variablesOf(readSource(path))
    .filter(({ name }) => isCatalogue(loaded[name]))
    .flatMap(({ name, comment }) => [
      `## ${name}`,
      comment,
      catalogueTable(loaded[name] as Record<string, Clause>),
    ]);
}

function catalogueTable(catalogue: Readonly<Record<string, Clause>>): string {
  return table([
    ['Clause', 'Strength', 'Rule', 'What to do', 'Where'],
    ...Object.entries(catalogue).map(([id, { strength, text, advice, where }]) => [
      code(id),
      strength,
      text,
      advice ?? '',
      where,
    ]),
  ]);
}

function isCatalogue(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).every((key) => key.includes('/'));
}
