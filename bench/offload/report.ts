import { page, table } from '../../docs/generate/markdown.ts';
import { OFFLOAD_CELLS } from './cells.ts';
import type { OffloadResult } from './run.ts';

/** The rows of the result, their head first. */
export function offloadRows({ cells }: OffloadResult): string[][] {
  const rows = cells.map(({ name, ours, c, quotient }) => {
    const { bytes, must } = OFFLOAD_CELLS.find((cell) => cell.name === name)!;
    return [
      name,
      c.toFixed(0),
      ours.toFixed(0),
      (bytes / ours).toFixed(2),
      quotient.toFixed(2),
      must === null ? '–' : `≤ ${must}`,
      must === null ? '–' : quotient <= must ? 'holds' : 'missed',
    ];
  });
  return [['', 'C, ns', 'ours, ns', 'ours, GB/s', 'ours/C', 'must hold', 'so'], ...rows];
}

export function offloadMarkdown(result: OffloadResult): string {
  const { device, node, rounds, load } = result;
  return page([
    '# Offloads of a network card',
    `Written by \`npm run bench -- offload\` on ${device}, node ${node}: medians of ${rounds} rounds by process CPU time, our code and lean C (gcc -O3) taking turns. The load of the machine before was ${load.toFixed(1)}.`,
    table(offloadRows(result)),
    OFFLOAD_CELLS.map(({ name, about }) => `- **${name}**: ${about}`).join('\n'),
  ]);
}
