import { page, table } from '../../docs/generate/markdown.ts';
import { START_CELLS, type StartCell } from './cells.ts';
import type { StartFigures, StartResult } from './run.ts';

/** The rows of the result, beginning with the header. */
export function startRows({ cells }: StartResult): string[][] {
  return [['', 'ms', 'baseline, ms', 'over it, ms', 'must hold', 'aim', 'so'], ...cells.map(row)];
}

function row(figures: StartFigures): string[] {
  const { name, ms, baseline, over } = figures;
  const cell = START_CELLS.find((each) => each.name === name)!;
  const of = cell.goal === 'over' ? ' over' : '';
  return [
    name,
    ...[ms, baseline, over].map((each) => each.toFixed(1)),
    cell.must === null ? '–' : `≤ ${cell.must}${of}`,
    `≤ ${cell.aim}${of}`,
    goalOf(cell, figures),
  ];
}

/** Without a required limit, a figure beyond the aim is only reported. */
export function goalOf({ goal, must, aim }: StartCell, { ms, over }: StartFigures): string {
  const figure = goal === 'over' ? over : ms;
  if (figure <= aim) return 'aim reached';
  return must !== null && figure <= must ? 'holds' : 'missed';
}

export function startMarkdown(result: StartResult): string {
  const { device, node, rounds, load } = result;
  return page([
    '# How a program starts',
    `Written by \`npm run bench -- start\` on ${device}, node ${node}: medians of ${rounds} rounds, each program in a process of its own, taking turns. The load of the machine before was ${load.toFixed(1)}: with more than its processors wanted, figures are too high.`,
    'The package is the one that `npm run build` builds, imported by its name. The baseline is the same program without it; what is over it is the median of the differences of each round.',
    table(startRows(result)),
    START_CELLS.map(({ name, about }) => `- **${name}**: ${about}`).join('\n'),
  ]);
}
