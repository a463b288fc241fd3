import { writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { bootMarkdown, bootRows } from './boot/report.ts';
import { measureBoots } from './boot/run.ts';
import { readLimits, writeLimits } from './check/limits.ts';
import { checkReport, checkRows } from './check/report.ts';
import { measureChecked } from './check/run.ts';
import { hostileRows, measureHostile } from './hostile/run.ts';
import { judgeMarkdown, judgeRows } from './judge/report.ts';
import { measureJudge } from './judge/run.ts';
import { pathRows, pathsMarkdown } from './paths/report.ts';
import { measurePaths } from './paths/run.ts';
import { qtestMarkdown, qtestRows } from './qtest/report.ts';
import { measureQtest } from './qtest/run.ts';
import { markdown } from './report/markdown.ts';
import { svg } from './report/svg.ts';
import { table } from './report/table.ts';
import { startMarkdown, startRows } from './start/report.ts';
import { measureStart } from './start/run.ts';
import { suiteMarkdown, suiteRows } from './suite/report.ts';
import { measureSuite } from './suite/run.ts';
import { cellName } from './virtqueue/cells.ts';
import { measureVirtqueues } from './virtqueue/run.ts';

const USAGE = `npm run bench -- [virtqueue | judge | hostile | start | suite | qtest | paths | boot | check] [--json] [--rounds N] [--only TEXT] [--markdown FILE] [--svg FILE]

Measures the queues and their peers side by side, or what judging costs, by process CPU time; or how long the worst
single accesses take that a guest can make; or how long a program takes to load the built package and to make a machine; or
how long a driver takes through the suite of conformance; or how many lines of qtest are answered, beside QEMU; or
what whole paths through a device cost, beside lean C; or how long Debian takes to a login, once each way; or
whether a short set of ratios is within the limits of bench/limits.json, which takes a minute or two.
  --json           print the figures as JSON
  --rounds N       the median of N rounds counts (15)
  --only TEXT      only cells whose name has TEXT in it, such as 'split b, batch 32'
  --markdown FILE  write the note
  --svg FILE       write the plot, of the queues
  --lower          of check: write the limits down to what was reached, where that is less
  --counts FILE    of check: write what passed and failed, as vitest's JSON reporter does`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '15' },
    only: { type: 'string', default: '' },
    markdown: { type: 'string' },
    svg: { type: 'string' },
    lower: { type: 'boolean', default: false },
    counts: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const [what = 'virtqueue', ...more] = positionals;
const rounds = Number(values.rounds);

const { only, markdown: note, svg: plot } = values;
const isAsked = (name: string) => name.includes(only);

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  virtqueue: benchVirtqueues,
  judge: async () => show(await measureJudge(rounds, isAsked), judgeRows, judgeMarkdown),
  hostile: async () => show(measureHostile(isAsked), hostileRows),
  start: async () => show(measureStart(rounds, isAsked), startRows, startMarkdown),
  suite: async () => show(measureSuite(rounds, isAsked), suiteRows, suiteMarkdown),
  qtest: async () => show(measureQtest(rounds, isAsked), qtestRows, qtestMarkdown),
  paths: async () => show(await measurePaths(rounds, isAsked), pathRows, pathsMarkdown),
  boot: async () => show(await measureBoots(isAsked), bootRows, bootMarkdown),
  check: benchCheck,
};

const bench = BENCHES[what];
if (values.help || bench === undefined || more.length > 0 || !(rounds >= 1)) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 2);
}
await bench();

async function benchVirtqueues(): Promise<void> {
  const { result, attendance } = await measureVirtqueues(rounds, (cell) => cellName(cell).includes(only));
  if (plot) writeFileSync(plot, svg(result));
  if (note) {
    const path = plot ? relative(dirname(note), plot) : null;
    writeFileSync(note, markdown(result, attendance, path));
  }
  console.log(values.json ? JSON.stringify(result, null, 2) : table(result, attendance));
}

async function benchCheck(): Promise<void> {
  const limits = readLimits();
  const result = await measureChecked(rounds, limits, isAsked);
  if (values.lower) writeLimits(result.ratios);
  console.log(values.json ? JSON.stringify(result.checked) : checkRows(result));
  if (values.counts) writeFileSync(values.counts, JSON.stringify(checkReport(result)));
  if (!values.lower && result.checked.some(({ passes }) => !passes)) process.exitCode = 1;
}

function show<Result>(
  result: Result,
  rows: (result: Result) => string[][],
  pageOf?: (result: Result) => string,
): void {
  if (note && pageOf) writeFileSync(note, pageOf(result));
  console.log(values.json ? JSON.stringify(result, null, 2) : columns(rows(result)));
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((cells) => cells[i]!.length)));
  const line = (cells: readonly string[]) => cells.map((cell, i) => cell.padEnd(widths[i]!)).join('  ');
  return rows.map((cells) => line(cells).trimEnd()).join('\n');
}
