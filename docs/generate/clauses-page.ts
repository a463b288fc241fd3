import { brokenBy, firstMet, LACKS, type ProofKind, playVariants } from '../../src/conformance/proofs.ts';
import type { Rule, Words } from '../../src/core/rule.ts';
import { PROOFS } from '../../src/rules/all.proof.ts';
import type { ClauseId } from '../../src/rules/index.ts';
import { code, page, table } from './markdown.ts';
import { loadSource, readSource, sourceFiles, variablesOf } from './source.ts';

const INTRODUCTION = `Written by \`npm run docs\` from the tables in \`src/rules\`; a test compares.

The name of a clause is what findings carry and what \`waive\` takes. Names with \`D\` and a number follow the driver's normative
statements of the section under "Where"; \`IMP\` marks what its tables and layouts imply without a keyword, \`LEG\` what holds for the
legacy interface. A broken MUST or SHOULD fails a run; a broken NOTE does not.

"Asked when" is the moment at which the rule is checked. Three proofs show that a rule is watched. A script of events breaks it alone,
without a device, and a second script keeps it (✓). The reference drivers reach it and keep it in the named scenario, the first in which
they do. The named broken driver breaks it and no other. [The judge](../architecture.md#the-judge) describes this. "In
the suite" is [the scenario](scenarios.md) of \`conform\` in which the reference drivers reach it first.`;

const HEAD = ['Clause', 'Rule', 'What to do', 'Where', 'Asked when', 'Script', 'Scenario', 'Broken driver'];
const MISSING = '–';

/** What stands behind a clause. */
type Proofs = (clause: ClauseId) => Readonly<Record<ProofKind, string>>;

interface Table {
  readonly room: string;
  readonly path: string;
  readonly comment: string;
  readonly rows: readonly (readonly [ClauseId, Words | Rule<never>])[];
}

export async function clausesPage(): Promise<string> {
  const tables = await tablesOfRules();
  const proofs = allProofs();
  const rooms = [...new Set(tables.map(({ room }) => room))];
  const sections = rooms.flatMap((room) => [
    `## ${room}`,
    ...tables.filter((one) => one.room === room).flatMap((one) => section(one, proofs)),
  ]);
  return page(['# Clauses', INTRODUCTION, ...sections, ...lacking()]);
}

function section({ path, comment, rows }: Table, proofs: Proofs): string[] {
  return [`### ${code(path)}`, comment, table([HEAD, ...rows.map(([id, row]) => cells(id, row, proofs))])];
}

function cells(id: ClauseId, row: Words | Rule<never>, proofs: Proofs): string[] {
  const { script, scenario, 'broken driver': broken } = proofs(id);
  const asked = 'on' in row ? [row.on].flat().join(', ') : '';
  return [code(id), row.text, row.advice, row.where, asked, script, scenario, broken];
}

function allProofs(): Proofs {
  const met = firstMet(playVariants());
  const broken = brokenBy();
  return (clause) => ({
    script: clause in PROOFS ? '✓' : MISSING,
    scenario: met.get(clause) ?? MISSING,
    'broken driver': broken.get(clause)?.model.name ?? MISSING,
  });
}

function lacking(): string[] {
  const rows = Object.entries(LACKS).map(([clause, { of, why }]) => [code(clause), of.join(', '), why]);
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
      room: path.startsWith('core/') ? 'Still judged by devices' : path.split('/')[1]!,
      path,
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
