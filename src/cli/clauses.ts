import { brokenBy, judgeBroken, LACKS } from '../conformance/proofs.ts';
import { MisuseError } from '../core/misuse.ts';
import { severityOf } from '../core/rule.ts';
import { findingText } from '../report/finding.ts';
import { columns, type Style, styleFor } from '../report/style.ts';
import { ALL_IDS, CLAUSES, type ClauseId } from '../rules/index.ts';
import { retiredText, sinceOf } from '../rules/sets.ts';
import { fitWidth } from './fit-width.ts';
import type { Io } from './io.ts';

/** `guestrig clauses`: all of them in a line each, those of a family, or one explained. */
export function clauses(asked: string | undefined, io: Io): void {
  const style = styleFor(io.color);
  const id = ALL_IDS.find((clause) => clause.toLowerCase() === asked?.toLowerCase());
  const text = id === undefined ? list(familyOf(asked), style) : explanation(id, style);
  io.out(fitWidth(text, io.width));
}

/** `virtio`, or `virtio/NET`: the clauses with that beginning. */
function familyOf(asked = ''): readonly ClauseId[] {
  const family = ALL_IDS.filter((id) => id.toLowerCase().startsWith(asked.toLowerCase()));
  if (family.length > 0) return family;
  const retired = retiredText(asked);
  if (retired !== null) throw new MisuseError('clauses', asked, '', retired);
  throw new MisuseError('clauses', asked, 'a clause (guestrig clauses lists them)', ALL_IDS);
}

function list(ids: readonly ClauseId[], style: Style): string {
  const rows = columns(ids.map((id) => [id, CLAUSES[id].text]));
  return [style.bold(`${ids.length} clauses; guestrig clauses ID explains one`), '', ...rows, ''].join('\n');
}

function explanation(id: ClauseId, style: Style): string {
  const { strength, text, advice, where } = CLAUSES[id];
  const breach = severityOf(strength) === 'note' ? 'a breach fails no run' : 'a breach fails the run';
  return [
    `${style.bold(id)}  ${breach}`,
    '',
    `  ${text}`,
    ...(advice === undefined ? [] : [`  ${advice}`]),
    style.dim(`  ${where}`),
    style.dim(`  Since the rules ${sinceOf(id)}`),
    '',
    ...example(id, style),
    '',
  ].join('\n');
}

/** The output for a driver that breaks it: one with that mistake is run here. */
function example(id: ClauseId, style: Style): string[] {
  const broken = brokenBy().get(id);
  if (broken === undefined) return [`No broken driver shows it: ${LACKS[id]?.why}.`];
  const finding = judgeBroken(broken).verdicts.find(({ clause }) => clause === id)!.findings[0]!;
  return [
    `What is said of the broken driver "${broken.model.name}" (BROKEN_DRIVERS of guestrig/conformance):`,
    '',
    findingText(finding, CLAUSES[id], style),
  ];
}
