import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { apiPage } from './generate/api-page.ts';
import { clausesPage } from './generate/clauses-page.ts';
import { judgingPage } from './generate/judging-page.ts';
import { qemuDifferencesPage } from './generate/qemu-differences-page.ts';
import { registerPages, registersPage } from './generate/registers-page.ts';
import { scenariosPage } from './generate/scenarios-page.ts';
import { statementsPage } from './generate/statements-page.ts';
import { strictnessPage } from './generate/strictness-page.ts';

/** The pages that follow from the code, by the name of their file. */
export const GENERATED: Readonly<Record<string, () => Promise<string>>> = {
  'registers.md': registersPage,
  ...registerPages(),
  'clauses.md': clausesPage,
  'scenarios.md': scenariosPage,
  'statements.md': statementsPage,
  'judging.md': judgingPage,
  'strictness.md': strictnessPage,
  'api.md': apiPage,
  'qemu-differences.md': qemuDifferencesPage,
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const docs = fileURLToPath(new URL('.', import.meta.url));
  // A room that declares nothing any more has no page.
  rmSync(join(docs, 'registers'), { recursive: true, force: true });
  mkdirSync(join(docs, 'registers'));
  for (const [name, generate] of Object.entries(GENERATED)) writeFileSync(join(docs, name), await generate());
}
