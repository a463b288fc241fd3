import { CLAUSE_IDS } from '../src/rules/index.ts';
import { OP_NAMES } from './run/op.ts';
import { type Found, scoreText, type Totals } from './run/totals.ts';

/** The result of a run, in Markdown that is readable in a terminal, too. */
export function report(totals: Totals, seconds: number): string {
  return [
    `seed ${totals.seed}, ${whole(totals.ops)} operations in ${whole(totals.episodes)} episodes, ${seconds.toFixed(0)} s, ${(totals.ops / seconds / 1e6).toFixed(2)} million a second`,
    '',
    ...table(
      ['operation', 'times'],
      OP_NAMES.map((name, code) => [name, whole(totals.counts[code]!)]),
    ),
    '',
    ...table(['worst by kind', 'ms of CPU', 'see it again'], worst(totals)),
    '',
    `${totals.over50} operations took over 50 ms, ${totals.held.length} never ended`,
    `${totals.met.size} of ${CLAUSE_IDS.length} clauses were met, ${totals.broken.size} broken`,
    `at most ${(totals.heap / (1 << 20)).toFixed(0)} MiB stayed in use between episodes`,
    '',
    ...found('held', totals.held),
    ...found('failed', [...totals.failures.values()]),
  ].join('\n');
}

function worst({ slowest }: Totals): string[][] {
  return [...slowest.values()]
    .sort((a, b) => b.ms - a.ms)
    .map((slow) => [slow.what, slow.ms.toFixed(1), scoreText(slow)]);
}

function found(word: string, all: readonly Found[]): string[] {
  return all.map((one) => `${word}: ${one.what}\n  npm run fuzz -- --replay ${scoreText(one)}`);
}

function whole(count: number): string {
  return count.toLocaleString('en');
}

/** A Markdown table, padded so that a terminal shows columns. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((cell, i) => Math.max(3, cell.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}
