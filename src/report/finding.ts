import type { AccessRecord } from '../core/access.ts';
import { hex, type Nanos } from '../core/bits.ts';
import type { Evidence, Finding } from '../core/finding.ts';
import type { Clause } from '../core/rule.ts';
import { visible } from '../core/visible.ts';
import { kindsOf, otherKinds } from './kinds.ts';
import { PLAIN, type Style } from './style.ts';

/** Microseconds with three digits behind the point: `12.300 µs`. */
export function micros(at: Nanos): string {
  return (at / 1000).toFixed(3);
}

/** Findings of one clause: the first of them in full, the others by their kinds. */
export function findingsText(findings: readonly Finding[], rule: Clause, style: Style): string {
  const [{ first, count }] = kindsOf(findings) as [{ first: Finding; count: number }];
  return [
    findingText({ ...first, count }, rule, style),
    ...otherKinds(findings).map((line) => `  ${line}`),
  ].join('\n');
}

/** A finding as a person reads it: what happened, the evidence, what to do, the source. */
export function findingText(finding: Finding, rule: Clause, style: Style = PLAIN): string {
  const { clause, subject, severity, said, count, evidence } = finding;
  const lines = [
    `${style.bad(clause)}  ${severity === 'note' ? `${style.bold('NOTE')}  ` : ''}${visible(subject)}`,
    `  ${visible(said)}`,
    ...(count === 1 ? [] : [style.dim(`  ${count} times; the first of them:`)]),
    '',
    ...evidenceLines(evidence).map(style.dim),
    '',
    `  ${rule.text}`,
    `  ${rule.advice}`,
    style.dim(`  ${rule.where}`),
  ];
  return lines.join('\n');
}

function evidenceLines({ accesses, skipped, facts }: Evidence): string[] {
  const times = accesses.map(({ at }) => micros(at));
  const width = Math.max(0, ...times.map(({ length }) => length));
  const room = Math.max(0, ...accesses.map((access) => accessPlace(access).length));
  const line = (label: string, i: number) =>
    `  ${label.padEnd(6)}  ${times[i]!.padStart(width)} µs  ${accessText(accesses[i]!, room)}`;
  const last = accesses.length - 1;
  const before = accesses.slice(0, -1).map((_, i) => line(i === 0 ? 'before' : '', i));
  const gap = skipped > 0 ? [`${' '.repeat(10 + width)}     … ${skipped} more`] : [];
  const at = last < 0 ? [] : [line('at', last)];
  return [
    ...before.slice(0, 1),
    ...gap,
    ...before.slice(1),
    ...at,
    ...facts.map((fact) => `          ${visible(fact)}`),
  ];
}

/** Of a read, and of a write. */
const VERBS = { port: ['in  ', 'out '], memory: ['read ', 'write'], ram: ['load ', 'store'] } as const;

/** @param room that the longest place beside it takes. */
export function accessText(access: AccessRecord, room = 0): string {
  const { write, width, value, text } = access;
  const shown = value === null ? '…' : hex(value, width * 2);
  return `${accessPlace(access).padEnd(room)} ${write ? '←' : '→'} ${shown.padEnd(8)}  ${visible(text)}`;
}

/** `out  03f8`, `store 00140000`. */
export function accessPlace({ space, write, address }: AccessRecord): string {
  return `${VERBS[space][write ? 1 : 0]} ${hex(address, space === 'port' ? 4 : 8)}`;
}
