import { page, table } from '../../docs/generate/markdown.ts';
import { QTEST_CELLS } from './cells.ts';
import type { QtestResult } from './run.ts';

/** The rows of the result, beginning with the header. The goal is at least as many lines as QEMU answers. */
export function qtestRows({ cells }: QtestResult): string[][] {
  const rows = cells.map(({ name, ours, qemu, quotient }) => [
    name,
    ours.toFixed(0),
    qemu.toFixed(0),
    quotient.toFixed(2),
    quotient >= 1 ? 'holds' : 'missed',
  ]);
  return [['', 'lines/s', 'QEMU', 'ours/QEMU', '≥ 1'], ...rows];
}

export function qtestMarkdown(result: QtestResult): string {
  const { device, node, rounds } = result;
  return page([
    '# Lines of the qtest wire',
    `Written by \`npm run bench -- qtest\` on ${device}, node ${node}: medians of ${rounds} rounds, in each of which our machine and Debian's QEMU take turns, over FIFOs.`,
    table(qtestRows(result)),
    QTEST_CELLS.map(({ name, about }) => `- **${name}**: ${about}`).join('\n'),
  ]);
}
