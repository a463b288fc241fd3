import type { Result } from '../virtqueue/result.ts';
import type { Attendance } from '../virtqueue/run.ts';
import { figure, rowsOf } from './rows.ts';

const HEAD = [
  'ring',
  'scenario',
  'copy',
  'batch',
  'C ns',
  'ours ns',
  'M chains/s',
  'ours/C',
  'wasm/C',
  'at once/C',
  'rust/C',
  'v86/C',
  'B/chain',
];
const LEFT = 3;

/** For a terminal. */
export function table(result: Result, attendance: readonly Attendance[]): string {
  const rows = rowsOf(result).map((row) => [
    row.ring,
    row.scenario,
    row.copy ? 'copy' : '',
    String(row.batch),
    figure(row.c?.nsPerChain, 1),
    figure(row.plain.nsPerChain, 1),
    figure(row.plain.nsPerChain === null ? null : 1000 / row.plain.nsPerChain, 1),
    figure(row.plain.ratioToC),
    figure(row.wasm?.ratioToC),
    figure(row.batches?.ratioToC),
    figure(row.rust?.ratioToC),
    figure(row.v86?.ratioToC),
    figure(row.plain.bytesAllocatedPerChain),
  ]);
  const widths = HEAD.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]!.length)));
  const lines = [HEAD, ...rows].map((row) =>
    row.map((cell, i) => (i < LEFT ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
  );
  const who = attendance.map(
    ({ peer, build, said, present }) => `  ${peer} (${build}): ${present ? said : `missing, ${said}`}`,
  );
  const { device, node, rounds, summary } = result;
  return [
    `virtqueue, device side; ${device}, node ${node}, median of ${rounds} rounds by CPU time`,
    ...who,
    '',
    ...lines,
    '',
    ...Object.entries(summary).map(([name, value]) => `${name.padEnd(24)}${figure(value)}`),
  ].join('\n');
}
