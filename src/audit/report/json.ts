import type { Audit } from '../audit.ts';
import { fails, placeOf, verdictNote, verdictText } from '../verdict.ts';

/** The audit for machines. `schema` grows when a field changes its meaning. */
export function auditJson({ config, lines, failed }: Audit) {
  return {
    schema: 1,
    config: config.file,
    version: config.version.text,
    architecture: config.architecture,
    failed,
    lines: lines.map(({ group, name, wanted, why, source, verdict }) => ({
      group,
      name,
      wanted,
      verdict: verdict.kind,
      text: verdictText(verdict),
      note: verdictNote(verdict),
      fails: fails(verdict),
      at: placeOf(verdict),
      why,
      source,
    })),
  };
}
