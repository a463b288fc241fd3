import { page, table } from '../../docs/generate/markdown.ts';
import { JUDGE_CELLS, VARIANTS } from './cells.ts';
import type { JudgeFigures, JudgeResult } from './run.ts';

/** The rows of the result, beginning with the header. */
export function judgeRows({ cells }: JudgeResult): string[][] {
  return [
    ['', ...VARIANTS.map((variant) => `${variant}, ns`), 'ratio', 'must hold', 'aim', 'so'],
    ...cells.map(row),
  ];
}

function row({ name, ns, ratio, goal }: JudgeFigures): string[] {
  const cell = JUDGE_CELLS.find((each) => each.name === name)!;
  const { watched, than, must, aim } = cell;
  return [
    name,
    ...VARIANTS.map((variant) => ns[variant].toFixed(0)),
    `${watched} / ${than} ${ratio.toFixed(2)}`,
    must === null ? '–' : `≤ ${must}`,
    `≤ ${aim}`,
    goal,
  ];
}

export function judgeMarkdown(result: JudgeResult): string {
  const { device, node, rounds } = result;
  return page([
    '# What judging costs',
    `Written by \`npm run bench -- judge\` on ${device}, node ${node}: medians of ${rounds} rounds by process CPU time, each variant in a process of its own, taking turns.`,
    'off: `judge: false`, every hook null. on: `judge: { stores: false }`. stores: `judge: true`, which sees what drivers store to memory and load from it, too. compared: the same where nobody tells of stores, as with a CPU: what devices have is compared between pop and push.',
    table(judgeRows(result)),
    JUDGE_CELLS.map(({ name, about }) => `- **${name}**: ${about}`).join('\n'),
  ]);
}
