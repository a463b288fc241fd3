import { page, table } from '../../docs/generate/markdown.ts';
import { SUITE_CELLS } from './cells.ts';
import type { SuiteResult } from './run.ts';

/** The rows of the result, beginning with the header. */
export function suiteRows({ cells }: SuiteResult): string[][] {
  const rows = cells.map(({ name, seconds, runs }) => {
    const { must } = SUITE_CELLS.find((cell) => cell.name === name)!;
    const goal = must === null ? ['–', '–'] : [`≤ ${must}`, seconds <= must ? 'holds' : 'missed'];
    return [name, `${runs}`, seconds.toFixed(1), ...goal];
  });
  return [['', 'runs', 's', 'must hold', 'so'], ...rows];
}

export function suiteMarkdown(result: SuiteResult): string {
  const { device, node, rounds, load } = result;
  return page([
    '# How long the suite takes',
    `Written by \`npm run bench -- suite\` on ${device}, node ${node}: medians of ${rounds} rounds by the clock, of \`guestrig conform driver.mjs\` as \`npm run build\` builds it. The load of the machine before was ${load.toFixed(1)}: with more than its processors wanted, figures are too high.`,
    'The driver is the reference one for the network, which does all that scenarios ask of such a driver; in the last row it is one that computes for ever.',
    table(suiteRows(result)),
    SUITE_CELLS.map(({ name, about }) => `- **${name}**: ${about}`).join('\n'),
  ]);
}
