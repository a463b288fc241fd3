import { match } from 'ts-pattern';
import type { Audit, AuditLine } from '../audit.ts';
import { placeText } from '../place.ts';
import type { Group } from '../rules/rule.ts';
import { fails, placeOf, verdictNote } from '../verdict.ts';

const TITLES: Readonly<Record<Group, string>> = {
  'required options': 'Options that the Compute Engine document requires',
  'recommended options': 'Options that the document recommends',
  sysctls: 'Sysctls of the document',
  ours: 'Ours: what the hardware and a boot need in fact',
};

/** A group of lines under its title, in the order of the table. */
interface Section {
  readonly title: string;
  readonly tally: string;
  readonly lines: readonly AuditLine[];
}

export function sections({ lines }: Audit): Section[] {
  return (Object.keys(TITLES) as Group[])
    .map((group) => ({ title: TITLES[group], lines: lines.filter((line) => line.group === group) }))
    .filter((section) => section.lines.length > 0)
    .map((section) => ({ ...section, tally: tally(section.lines) }));
}

/** `16 hold 2 fail 3 modules 1 not applicable`, without kinds that do not occur. */
function tally(lines: readonly AuditLine[]): string {
  const counts = { hold: 0, fail: 0, modules: 0, 'not applicable': 0 };
  for (const { verdict } of lines) counts[kindOf(verdict.kind)]++;
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${count} ${word}`)
    .join('   ');
}

function kindOf(kind: AuditLine['verdict']['kind']): 'hold' | 'fail' | 'modules' | 'not applicable' {
  return match(kind)
    .with('satisfied', 'successor', () => 'hold' as const)
    .with('missing', 'contradicts', () => 'fail' as const)
    .with('module in initramfs', 'module not in initramfs', () => 'modules' as const)
    .with('not applicable', () => 'not applicable' as const)
    .exhaustive();
}

/** The basis of the verdict: `config:12`, and its note. */
export function groundsOf({ verdict }: AuditLine): string {
  const place = placeOf(verdict);
  const parts = [...(place === null ? [] : [placeText(place)]), verdictNote(verdict)];
  return parts.filter((part) => part !== '').join(', ');
}

/** `Linux 6.12.118, x86_64`. */
export function kernelText({ config }: Audit): string {
  return `Linux ${config.version.text}, ${config.architecture}`;
}

export function failing(audit: Audit): AuditLine[] {
  return audit.lines.filter(({ verdict }) => fails(verdict));
}
