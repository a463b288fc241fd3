import type { Difference, Right } from '../../src/hosts/qemu/differences/difference.ts';
import { DIFFERENCES } from '../../src/hosts/qemu/differences/index.ts';
import { code, page, table } from './markdown.ts';

const INTRODUCTION = `Written by \`npm run docs\` from \`src/hosts/qemu/differences\`; a test compares.

\`guestrig diff --against qemu\` asks our machine at power-on (\`gce-n1\` or \`--profile qemu-pc\`) and the nearest machine of QEMU the same
questions: a fixed list, and \`--count\` more chosen by a seed. They cover PCI configuration space, serial ports in loopback, the PM timer
and the registers around it, the registers of a virtio NIC and SCSI adapter by the legacy and the modern interface, and SCSI commands.
Each answer that differs is listed here, with the side that is right and the sheet, standard or clause that says so. A difference that is
not listed is reported as unexplained, and the command ends with status 1. A slow test asks some thousands in each run. Each of our two
machines was compared with QEMU 10.0.13 by 100,000 questions of each of the seeds 1, 2 and 3, and with QEMU 11.1.2 by 12,000 of each of the
seeds 1 and 2: none was unexplained.

\`qemu-pc\` is QEMU's machine as far as it is modelled: its bridges show what QEMU's do, and its virtio devices have QEMU's rings,
features and MSI-X. The remaining differences are details of chips, where ours keeps to the sheets, and of disks, which are Compute
Engine's on both.

A question writes all of a register, reads it and writes it back, or makes a dozen accesses from a known state. Not asked is anything that
depends on time (such as the timer's value; whether it runs is asked), that cannot be undone (D_LCK, SLP_EN), where a base address leads,
and what an empty receiver shows.`;

const RIGHT: Readonly<Record<Right, string>> = { ours: 'ours', qemu: 'QEMU', both: 'both' };
const HEAD = ['Difference', 'Of', 'Where', 'Right', 'What', 'Source'];

export async function qemuDifferencesPage(): Promise<string> {
  const all = Object.values(DIFFERENCES).flat();
  const count = (right: Right) => all.filter((difference) => difference.right === right).length;
  return page([
    '# Differences from QEMU',
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
