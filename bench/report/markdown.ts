import { SCENARIOS } from '../virtqueue/cells.ts';
import type { Result } from '../virtqueue/result.ts';
import type { Attendance } from '../virtqueue/run.ts';
import { GOALS, verdict } from './goals.ts';
import { figure, type Row, rowsOf } from './rows.ts';

/** The note that `--markdown` writes. `plot` is the plot's path from there. */
export function markdown(result: Result, attendance: readonly Attendance[], plot: string | null): string {
  const { device, node, rounds } = result;
  const rows = rowsOf(result);
  return [
    '# Virtqueue, device side',
    '',
    `Written by \`npm run bench\` on ${device}, node ${node}: medians of ${rounds} rounds by process CPU time, peers taking turns.`,
    'What is measured and how to read it: [README](README.md).',
    '',
    ...attendance.map(whoCame),
    '',
    ...(plot === null ? [] : [`![Time a chain takes, in times of lean C](${plot})`, '']),
    '## Goals',
    '',
    ...goals(result),
    '',
    '## Scenarios',
    '',
    ...SCENARIOS.map(({ name, about }) => `- **${name}**: ${about}`),
    ...['split', 'packed'].flatMap((ring) => [false, true].flatMap((copy) => section(rows, ring, copy))),
    '',
  ].join('\n');
}

function whoCame({ peer, build, said, present }: Attendance): string {
  return `- ${peer}, ${build}: ${present ? said : `missing (${said})`}`;
}

function goals({ summary }: Result): string[] {
  const { fasterThanRustCells: faster, rustCells } = summary;
  const lines = GOALS.map((goal) => {
    const value = summary[goal.figure];
    const mark = goal.better === 'less' ? '≤' : '≥';
    return `| ${goal.about} | ${figure(value)} | ${mark} ${goal.must} | ${mark} ${goal.aim} | ${verdict(goal, value)} |`;
  });
  const rust = rustCells === null ? 'not measured' : faster === rustCells ? 'holds' : 'missed';
  return [
    '| geometric mean | measured | must hold | aim | |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
    `| cells without copy that are faster than rust-vmm | ${faster ?? '–'} of ${rustCells ?? '–'} | all | all | ${rust} |`,
  ];
}

function section(rows: readonly Row[], ring: string, copy: boolean): string[] {
  const some = rows.filter((row) => row.ring === ring && row.copy === copy);
  if (some.length === 0) return [];
  return [
    '',
    `## ${ring === 'split' ? 'Split' : 'Packed'} ring, ${copy ? 'with' : 'without'} copy`,
    '',
    '| scenario | batch | C, ns | guestrig, ns | guestrig / C | with wasm copy / C | rust-vmm / C | v86 / C | bytes allocated |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...some.map(line),
  ];
}

function line({ scenario, batch, c, plain, wasm, rust, v86 }: Row): string {
  const cells = [
    scenario,
    batch,
    figure(c?.nsPerChain, 1),
    figure(plain.nsPerChain, 1),
    figure(plain.ratioToC),
    figure(wasm?.ratioToC),
    figure(rust?.ratioToC),
    figure(v86?.ratioToC, 1),
    figure(plain.bytesAllocatedPerChain, 1),
  ];
  return `| ${cells.join(' | ')} |`;
}
