import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { clausesPage } from './generate/clauses-page.ts';
import { registersPage } from './generate/registers-page.ts';
import { strictnessPage } from './generate/strictness-page.ts';

/** The pages that follow from the declarations, by the name of their file. */
export const GENERATED: Readonly<Record<string, () => Promise<string>>> = {
  'registers.md': registersPage,
  'clauses.md': clausesPage,
  'strictness.md': strictnessPage,
};

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [name, generate] of Object.entries(GENERATED))
    writeFileSync(fileURLToPath(new URL(name, import.meta.url)), await generate());
