import { brokenBy, firstMet, LACKS, type ProofKind, playVariants } from '../../src/conformance/proofs.ts';
import type { Rule, Words } from '../../src/core/rule.ts';
import { anchorOf, CLAUSE_PAGES, clausePage } from '../../src/report/clause-page.ts';
import { PROOFS } from '../../src/rules/all.proof.ts';
import { ALL_IDS, type ClauseId } from '../../src/rules/index.ts';
import { code, page, table } from './markdown.ts';
import { loadSource, readSource, sourceFiles, variablesOf } from './source.ts';
import { waysPart } from './ways.ts';

const INTRODUCTION = `Written by \`npm run docs\` from the tables in \`src/rules\`; a test compares.

The name of a clause is what findings carry and what \`waive\` takes. Names with \`D\` and a number follow the driver's normative
statements of the section under "Where"; \`IMP\` marks what its tables and layouts imply without a keyword, \`LEG\` what holds for the
legacy interface. A broken MUST or SHOULD fails a run; a broken NOTE does not.

"Asked when" is the moment at which the rule is checked. Three proofs show that a rule is watched. A script of events breaks it alone,
without a device, and a second script keeps it (✓). The reference drivers reach it and keep it in the named [scenario](scenarios.md), the
first in which they do. The named broken driver breaks it and no other. [The judge](../architecture.md#the-judge) describes this.`;

const MISSING = '–';

/** What stands behind a clause. */
type Proofs = (clause: ClauseId) => Readonly<Record<ProofKind, string>>;

interface Table {
  readonly path: string;
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
  const proofs = allProofs();
  const tables = (await tablesOfRules()).map((one) => ({
    ...one,
    rows: one.rows.filter(([id]) => clausePage(id) === name),
  }));
  return page([
    `# ${title}`,
    'Written by `npm run docs`. [How to read it](../clauses.md).',
    ...tables.filter(({ rows }) => rows.length > 0).flatMap((one) => section(one, proofs)),
  ]);
}

function section({ path, comment, rows }: Table, proofs: Proofs): string[] {
  return [
    `_${comment}_ (${code(`src/${path}`)})`,
    ...rows.flatMap(([id, row]) => entry(id, row, proofs(id))),
  ];
}

function entry(id: ClauseId, row: Words | Rule<never>, proofs: ReturnType<Proofs>): string[] {
  const asked = 'on' in row ? `; asked when: ${[row.on].flat().join(', ')}` : '';
  const { script, scenario, 'broken driver': broken } = proofs;
  return [
    `## ${id}`,
    `${row.text} ${row.advice}`,
    `Where: ${row.where}${asked}. Script: ${script}; scenario: ${scenario}; broken driver: ${broken}.`,
  ];
}

let played: Proofs | undefined;

/** Every scenario is played for them: once for all pages. */
function allProofs(): Proofs {
  if (played !== undefined) return played;
  const met = firstMet(playVariants());
  const broken = brokenBy();
  played = (clause) => ({
    script: clause in PROOFS ? '✓' : MISSING,
    scenario: met.get(clause) ?? MISSING,
    'broken driver': broken.get(clause)?.model.name ?? MISSING,
  });
  return played;
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
