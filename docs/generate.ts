import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { apiPage } from './generate/api-page.ts';
import { CLAUSE_PAGE_OF, clausesIndex } from './generate/clauses-page.ts';
import { machinesPage } from './generate/machines-page.ts';
import { optionsPage } from './generate/options-page.ts';
import { qemuDifferencesPage } from './generate/qemu-differences-page.ts';
import { readmePage } from './generate/readme-page.ts';
import { registersPage } from './generate/registers-page.ts';
import { requirementsPage } from './generate/requirements-page.ts';
import { rulesPage } from './generate/rules-page.ts';
import { scenariosPage } from './generate/scenarios-page.ts';
import { statementsPage } from './generate/statements-page.ts';

type Pages = Readonly<Record<string, () => Promise<string>>>;

/** For these, machines are probed or every scenario is played. */
export const PLAYED: Pages = { ...CLAUSE_PAGE_OF, 'requirements.md': requirementsPage };

/** The pages that follow from the code, in whole or in part, by the name of their file. */
export const GENERATED: Pages = {
  ...PLAYED,
  'machines.md': machinesPage,
  'options.md': optionsPage,
  'reference/clauses.md': clausesIndex,
  'reference/scenarios.md': scenariosPage,
  'reference/statements.md': statementsPage,
  'reference/api.md': apiPage,
  'reference/qemu-differences.md': qemuDifferencesPage,
  'rules.md': rulesPage,
  '../README.md': readmePage,
};

/** Those that are neither committed nor in the package: the declarations in the source are as easy to read. */
export const BUILT: Pages = { 'reference/registers.md': registersPage };

/** Writes all pages, or those whose names have one of the words. */
async function write(words: readonly string[]): Promise<void> {
  const docs = fileURLToPath(new URL('.', import.meta.url));
  mkdirSync(join(docs, 'reference/clauses'), { recursive: true });
  for (const [name, generate] of Object.entries({ ...GENERATED, ...BUILT }))
    if (words.length === 0 || words.some((word) => name.includes(word)))
      writeFileSync(join(docs, name), await generate());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await write(process.argv.slice(2));
