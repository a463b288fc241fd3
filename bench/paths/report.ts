import { page, table } from '../../docs/generate/markdown.ts';
import { CAUSES, PATH_CELLS } from './cells.ts';
import type { PathsResult } from './run.ts';

/** The rows of the result, beginning with the header. */
export function pathRows({ cells }: PathsResult): string[][] {
  const rows = cells.map(({ name, ours, c, quotient }) => {
    const { bytes, must } = PATH_CELLS.find((cell) => cell.name === name)!;
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

export function pathsMarkdown(result: PathsResult): string {
  const { device, node, rounds, load } = result;
  return page([
    '# Whole paths through a device',
    `Written by \`npm run bench -- paths\` on ${device}, node ${node}: medians of ${rounds} rounds by process CPU time, our code and lean C (gcc -O3) taking turns. The load of the machine before was ${load.toFixed(1)}.`,
    table(pathRows(result)),
    PATH_CELLS.map(({ name, about }) => `- **${name}**: ${about}`).join('\n'),
    '## What takes the time where it is missed',
    'Nanoseconds are those of the one thing alone, and shares those of a profile; all on a busy machine.',
    CAUSES.map((cause) => `- ${cause}`).join('\n'),
    'A line of qtest against QEMU is in [qtest.md](qtest.md).',
  ]);
}
