import type { Command } from 'commander';
import { compare } from '../../hosts/qemu/diff/compare.ts';
import { findQemu, HAS_PIIX4 } from '../../hosts/qemu/find-qemu.ts';
import type { ProfileName } from '../../machine/profile.ts';
import { fitWidth } from '../fit-width.ts';
import type { Io } from '../io.ts';
import { profile, questions, seed, single } from '../option-values.ts';
import { jsonText } from '../reporter.ts';
import { diffJson, renderDiff } from './diff-report.ts';
import { binaryOf, qemuOption } from './on-qemu.ts';

const COUNT = 1000;

interface DiffArguments {
  readonly against: string;
  readonly profile?: ProfileName;
  readonly count?: number;
  readonly seed?: number;
  readonly json?: true;
}

/** Declares `guestrig diff`. */
export function diffCommand(program: Command, io: Io, done: (passed: boolean) => void): void {
  program
    .command('diff')
    .description('ask our machine and QEMU the same questions, and say of each difference which is right')
    .addOption(single('--against <host>', 'qemu or qemu:FILE', qemuOption).makeOptionMandatory())
    .addOption(single('--profile <name>', 'our machine: gce-n1 or qemu-pc (default: gce-n1)', profile))
    .addOption(single('--count <n>', `questions by the seed (default: ${COUNT})`, questions))
    .addOption(single('--seed <n>', 'they come from it (default: 1)', seed))
    .option('--json', 'report for programs')
    .addHelpText('after', '\nExample: guestrig diff --against qemu --count 100000 --seed 7')
    .action((args) => done(diff(args, io)));
}

/** `guestrig diff`. @returns whether every difference is explained. */
function diff(args: DiffArguments, io: Io): boolean {
  const { profile = 'gce-n1', count = COUNT, seed = 1 } = args;
  const qemu = findQemu(binaryOf(args.against), HAS_PIIX4);
  try {
    const comparison = compare(qemu, {
      profile,
      count,
      seed,
      progress: (area) => io.progress?.(`${area} …`),
    });
    io.progress?.('');
    const report = { profile, version: qemu.version, count, seed, ...comparison };
    io.out(args.json ? jsonText(diffJson(report)) : fitWidth(renderDiff(report, io), io.width));
    return comparison.unexplained.length === 0;
  } finally {
    io.progress?.('');
  }
}
