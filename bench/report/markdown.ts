import { page, table } from '../../docs/generate/markdown.ts';
import { SCENARIOS } from '../virtqueue/cells.ts';
import type { Result } from '../virtqueue/result.ts';
import type { Attendance } from '../virtqueue/run.ts';
import { againstV86, GOALS, V86_LEAST, verdict } from './goals.ts';
import { figure, type Row, rowsOf } from './rows.ts';

/** The note written by `--markdown`. `plot` is the plot's path relative to it. */
export function markdown(result: Result, attendance: readonly Attendance[], plot: string | null): string {
  const { device, node, rounds } = result;
  const rows = rowsOf(result);
  return page([
    '# Virtqueue, device side',
    `Written by \`npm run bench\` on ${device}, node ${node}: medians of ${rounds} rounds by process CPU time, peers taking turns.\nWhat is measured and how to read it: [README](README.md).`,
    attendance.map(whoCame).join('\n'),
    plot === null ? '' : `![Time a chain takes, in times of lean C](${plot})`,
    '## Goals',
    goals(result, rows),
    '## Scenarios',
    SCENARIOS.map(({ name, about }) => `- **${name}**: ${about}`).join('\n'),
    ...['split', 'packed'].flatMap((ring) => [false, true].flatMap((copy) => section(rows, ring, copy))),
  ]);
}

function whoCame({ peer, build, said, present }: Attendance): string {
  return `- ${peer}, ${build}: ${present ? said : `missing (${said})`}`;
}

function goals({ summary }: Result, rows: readonly Row[]): string {
  const v86 = againstV86(rows);
  const { fasterThanRustCells: faster, rustCells } = summary;
  const lines = GOALS.map((goal) => {
    const value = summary[goal.figure];
    const mark = goal.better === 'less' ? '≤' : '≥';
    return [goal.about, figure(value), `${mark} ${goal.must}`, `${mark} ${goal.aim}`, verdict(goal, value)];
  });
  const rust = rustCells === null ? 'not measured' : faster === rustCells ? 'holds' : 'missed';
  return table([
    ['geometric mean', 'measured', 'must hold', 'aim', 'so'],
    ...lines,
    [
      'cells without copy faster than rust-vmm',
      `${faster ?? '–'} of ${rustCells ?? '–'}`,
      'all',
      'all',
      rust,
    ],
    [
      `cells ${V86_LEAST} times faster than v86 (least: ${v86?.nearest ?? '–'})`,
      `${v86?.cells ?? '–'} of ${v86?.of ?? '–'}`,
      'all',
      'all',
      v86 === null ? 'not measured' : v86.cells === v86.of ? 'holds' : 'missed',
    ],
  ]);
}

function section(rows: readonly Row[], ring: string, copy: boolean): string[] {
  const some = rows.filter((row) => row.ring === ring && row.copy === copy);
  if (some.length === 0) return [];
  const others = [
    ...(copy ? ['with wasm copy / C'] : []),
    ...(ring === 'split' ? ['at once / C', 'rust-vmm / C', 'v86 / C'] : []),
  ];
  const head = ['scenario', 'batch', 'C, ns', 'guestrig, ns', 'guestrig / C', ...others, 'bytes allocated'];
  return [
    `## ${ring === 'split' ? 'Split' : 'Packed'} ring, ${copy ? 'with' : 'without'} copy`,
    table([head, ...some.map((row) => line(row))]),
  ];
}

function line({ scenario, ring, copy, batch, c, plain, wasm, batches, rust, v86 }: Row): string[] {
  return [
    scenario,
    String(batch),
    figure(c?.nsPerChain, 1),
    figure(plain.nsPerChain, 1),
    figure(plain.ratioToC),
    ...(copy ? [figure(wasm?.ratioToC)] : []),
    ...(ring === 'split'
      ? [figure(batches?.ratioToC), figure(rust?.ratioToC), figure(v86?.ratioToC, 1)]
      : []),
    figure(plain.bytesAllocatedPerChain, 1),
  ];
}
