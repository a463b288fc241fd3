import type { Difference, Right } from '../../src/hosts/qemu/differences/difference.ts';
import { DIFFERENCES } from '../../src/hosts/qemu/differences/index.ts';
import { code, page, table } from './markdown.ts';

const INTRODUCTION = `Written by \`docs/generate.ts\` from \`src/hosts/qemu/differences\`; a test compares.

\`guestrig diff --against qemu\` asks our machine at power-on, \`gce-n1\` or \`--profile qemu-pc\`, and QEMU's machine that is nearest to it the same
questions: those that are written down and as many by a seed as \`--count\` says. They are about PCI configuration space, serial ports in
loopback, the PM timer and the registers around it, the registers of a virtio NIC and SCSI adapter by the legacy and the modern
interface, and SCSI commands. Each answer that differs stands here, with who is right and by which sheet, standard or clause; one that
does not is told as unexplained, and the command ends with status 1. A slow test asks some thousands with each run. 100,000 questions of each
of the seeds 1, 2 and 3 were asked of QEMU 10.0.13 by each of our two machines, and 12,000 of the
seeds 1 and 2 of QEMU 11.1.2: none was unexplained.

\`qemu-pc\` is to be QEMU's machine as far as it is modelled: its bridges show what QEMU's do, its virtio devices have QEMU's rings,
features and MSI-X. What is left are details of chips, of which ours keeps to the sheets, and of disks, which are Compute Engine's on both.

What a question is: all of a register is written, read and written back, or a dozen accesses are made from a known state. Not asked is
what hangs on time (the timer's value; it is asked whether it goes on), what cannot be undone (D_LCK, SLP_EN), where a base address leads, and what an empty receiver shows.`;

const RIGHT: Readonly<Record<Right, string>> = { ours: 'ours', qemu: 'QEMU', both: 'both' };
const HEAD = ['Difference', 'Of', 'Where', 'Right', 'What', 'Source'];

export async function qemuDifferencesPage(): Promise<string> {
  const all = Object.values(DIFFERENCES).flat();
  const count = (right: Right) => all.filter((difference) => difference.right === right).length;
  return page([
    '# Where QEMU answers otherwise',
    INTRODUCTION,
    `Of ${all.length} differences ours is right in ${count('ours')}, QEMU in ${count('qemu')}; in ${count('both')} what is written leaves it open, and both are.`,
    ...Object.entries(DIFFERENCES).flatMap(([part, rows]) => [
      `## ${part}`,
      table([HEAD, ...rows.map(cells)]),
    ]),
  ]);
}

function cells({ id, of, where, right, said, source }: Difference): string[] {
  return [code(id), of === undefined ? 'both' : code(of), where, RIGHT[right], said, source];
}
