import { brokenBy, LACKS } from '../../src/conformance/proofs.ts';
import type { Rule, Words } from '../../src/core/rule.ts';
import { anchorOf, CLAUSE_PAGES, clausePage } from '../../src/report/clause-page.ts';
import { ALL_IDS, type ClauseId } from '../../src/rules/index.ts';
import { code, page, table } from './markdown.ts';
import { loadSource, readSource, sourceFiles, variablesOf } from './source.ts';
import { waysPart } from './ways.ts';

const INTRODUCTION = `Written by \`npm run docs\` from the tables in \`src/rules\`; a test compares.

The name of a clause is what findings carry and what \`waive\` takes. Names with \`D\` and a number follow the driver's normative
statements of the section under "Where"; \`IMP\` marks what its tables and layouts imply without a keyword, \`LEG\` what holds for the
legacy interface. A broken MUST or SHOULD fails a run; a broken NOTE does not.

Each rule is watched: a script of events breaks it alone, the reference drivers reach it and keep it, and the named broken driver
breaks it and no other.`;

const MISSING = '–';

interface Table {
  readonly comment: string;
  readonly rows: readonly (readonly [ClauseId, Words | Rule<never>])[];
}

/** The index: the pages, what each way in reaches, and what lacks a proof. */
export async function clausesIndex(): Promise<string> {
  const rows = CLAUSE_PAGES.map(([name, title]) => {
    const count = ALL_IDS.filter((id) => clausePage(id) === name).length;
    return [`[${title}](clauses/${name}.md)`, `${count}`, beginningsOf(name)];
  });
  return page([
    '# Clauses',
    INTRODUCTION,
    table([['Page', 'Clauses', 'Names begin with'], ...rows]),
    waysPart(),
    ...lacking(),
  ]);
}

function beginningsOf(name: string): string {
  const its = ALL_IDS.filter((id) => clausePage(id) === name).map((id) => /^(virtio\/)?\w+/.exec(id)![0]);
  return [...new Set(its)].map(code).join(', ');
}

/** Each page, by its name: each clause has a heading there. */
export const CLAUSE_PAGE_OF = Object.fromEntries(
  CLAUSE_PAGES.map(([name, title]) => [`reference/clauses/${name}.md`, () => clausesOf(name, title)]),
);

async function clausesOf(name: string, title: string): Promise<string> {
  const tables = (await tablesOfRules()).map((one) => ({
    ...one,
    rows: one.rows.filter(([id]) => clausePage(id) === name),
  }));
  return page([
    `# ${title}`,
    'Written by `npm run docs`. [How to read it](../clauses.md).',
    ...tables.filter(({ rows }) => rows.length > 0).flatMap(section),
  ]);
}

function section({ comment, rows }: Table): string[] {
  return [`_${comment}_`, ...rows.flatMap(([id, row]) => entry(id, row))];
}

const BROKEN = brokenBy();

function entry(id: ClauseId, row: Words | Rule<never>): string[] {
  const broken = BROKEN.get(id)?.model.name ?? MISSING;
  return [`## ${id}`, `${row.text} ${row.advice}`, `Where: ${row.where}. Broken driver: ${broken}.`];
}

function lacking(): string[] {
  const rows = Object.entries(LACKS).map(([clause, { of, why }]) => [
    `[${code(clause)}](clauses/${clausePage(clause)}.md#${anchorOf(clause)})`,
    of.join(', '),
    why,
  ]);
  if (rows.length === 0) return [];
  return ['## Clauses that lack a proof', table([['Clause', 'Lacks', 'Why'], ...rows])];
}

/** Each row once, where it is declared; a table that only puts others together has none of its own. */
async function tablesOfRules(): Promise<Table[]> {
  const files = sourceFiles().filter(
    (path) => path.startsWith('rules/') && !/\/(index|all\.rules)\.ts$/.test(path),
  );
  const tables = (await Promise.all(files.map(tablesOf))).flat();
  const seen = new Set<string>();
  const own = tables.map((one) => ({
    ...one,
    rows: one.rows.filter(([id]) => !seen.has(id) && seen.add(id)),
  }));
  return own.filter(({ rows }) => rows.length > 0);
}

async function tablesOf(path: string): Promise<Table[]> {
  const loaded = await loadSource(path);
  return variablesOf(readSource(path))
    .filter(({ name }) => isCatalogue(loaded[name]))
    .map(({ name, comment }) => ({
      comment,
      rows: Object.entries(loaded[name] as Record<ClauseId, Words>) as [ClauseId, Words][],
    }));
}

function isCatalogue(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const entries = Object.entries(value);
  return (
    entries.length > 0 && entries.every(([id, row]) => id.includes('/') && typeof row?.text === 'string')
  );
}
