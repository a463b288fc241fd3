import type { AccessRecord } from '../../core/access.ts';
import { hex, type Nanos } from '../../core/bits.ts';
import { checkObject } from '../../core/checks.ts';
import { MisuseError } from '../../core/misuse.ts';
import { CLAUSES, type Finding } from '../../rules/index.ts';
import { type Style, styleFor } from './style.ts';

/** Microseconds with three digits behind the point: `12.300 µs`. */
function micros(at: Nanos): string {
  return (at / 1000).toFixed(3);
}

/** A finding as a person reads it: what happened, the evidence, what to do, where it is written. */
export function renderFinding(finding: Finding, style: Style = styleFor(false)): string {
  checkObject('finding', finding);
  const rule = CLAUSES[finding.clause];
  if (rule === undefined || finding.evidence === undefined)
    throw new MisuseError('finding', finding, 'a finding of a machine');
  const { accesses, skipped, facts } = finding.evidence;
  const times = accesses.map(({ at }) => micros(at));
  const width = Math.max(0, ...times.map(({ length }) => length));
  const lines = [
    `${style.bad(finding.clause)}  ${style.bold(rule.strength)}  ${finding.subject}`,
    `  ${finding.said}`,
    '',
    ...accesses.flatMap((access, i) => {
      const label = i === 0 ? '  at      ' : i === 1 ? '  before  ' : '          ';
      const line = style.dim(`${label}${times[i]!.padStart(width)} µs  ${accessText(access)}`);
      const gap = style.dim(`          ${' '.repeat(width)}     … ${skipped} more`);
      return skipped > 0 && i === accesses.length - 1 ? [gap, line] : [line];
    }),
    ...facts.map((fact) => style.dim(`          ${fact}`)),
    '',
    `  ${rule.text}.`,
    ...(rule.advice === undefined ? [] : [`  ${rule.advice}`]),
    style.dim(`  ${rule.where}`),
  ];
  return lines.join('\n');
}

/** Of a read, and of a write. */
const VERBS = { port: ['in  ', 'out '], memory: ['read ', 'write'], ram: ['load ', 'store'] } as const;

export function accessText({ space, write, address, width, value, text }: AccessRecord): string {
  const verb = VERBS[space][write ? 1 : 0];
  const where = hex(address, space === 'port' ? 4 : 8);
  const shown = value === null ? '…' : hex(value, width * 2);
  return `${verb} ${where} ${write ? '←' : '→'} ${shown.padEnd(8)}  ${text}`;
}
