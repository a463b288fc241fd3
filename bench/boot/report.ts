import { page, table } from '../../docs/generate/markdown.ts';
import { BOOT_CELLS } from './cells.ts';
import type { BootResult } from './run.ts';

/** The rows of the result, beginning with the header. */
export function bootRows({ cells }: BootResult): string[][] {
  const rows = cells.flatMap(({ name, marks }) =>
    marks.map((mark) => [
      name,
      mark.name,
      mark.virtual.toFixed(1),
      mark.instructions.toFixed(2),
      mark.cpu.toFixed(1),
    ]),
  );
  return [['', 'until', "s of the guest's time", '10⁹ instructions', 's of processor'], ...rows];
}

export function bootMarkdown(result: BootResult): string {
  const { device, node, load } = result;
  return page([
    '# How long a boot takes',
    `Written by \`npm run bench -- boot\` on ${device}, node ${node}, one boot each. The load of the machine before was ${load.toFixed(1)}: with more than its processors wanted, processor time is too high, since what shares a core and its caches slows both. The guest's time and instructions are the same on every machine.`,
    "The guest is Debian 12's disk of `test/guests/debian/disk.sh`, with 256 MiB of RAM, on Compute Engine's network, its console at 115200 baud.",
    table(bootRows(result)),
    BOOT_CELLS.map(({ name, about }) => `- **${name}**: ${about}`).join('\n'),
  ]);
}
