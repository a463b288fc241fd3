import { styleText } from 'node:util';
import type { Command } from 'commander';
import { visible } from '../../core/visible.ts';
import { type Compared, compare, type QemuComparison } from '../../hosts/qemu/diff/compare.ts';
import type { Differing, Right } from '../../hosts/qemu/differences/difference.ts';
import { findQemu, HAS_PIIX4 } from '../../hosts/qemu/qemu-process.ts';
import { fitWidth } from '../fit-width.ts';
import type { Io } from '../io.ts';
import { profile, questions, seed, single } from '../option-values.ts';
import { jsonText } from '../reporter.ts';
import { binaryOf, qemuOption } from './on-qemu.ts';

const COUNT = 1000;

/** The result of a comparison, with its versions. */
interface DiffReport extends QemuComparison {
  readonly profile: string;
  readonly version: string;
  readonly count: number;
  readonly seed: number;
}

const RIGHT: Readonly<Record<Right, string>> = {
  ours: 'ours is right',
  qemu: 'QEMU is right',
  both: 'both are right',
};
/** How many unexplained differences are shown. */
const SHOWN = 20;

export function renderDiff(report: DiffReport, { color }: Pick<Io, 'color'>): string {
  const { profile, version, count, seed, asked, explained, unexplained } = report;
  const bold = (text: string) => (color ? styleText('bold', text, { validateStream: false }) : text);
  const shown = unexplained.slice(0, SHOWN);
  return [
    `${bold('guestrig diff')}  ${profile} and QEMU ${visible(version)}, ${number(count)} questions, seed ${seed}`,
    '',
    ...[...asked].map(([area, questions]) => `${area.padEnd(14)} ${number(questions).padStart(7)} questions`),
    '',
    ...explained.flatMap(({ difference: { id, right, said, source }, first, times }) => [
      `${bold(id)}  ${RIGHT[right]}  ${timesText(times)}`,
      `  ${visible(answerText(first))}`,
      `  ${said}.`,
      `  ${source}`,
      '',
    ]),
    ...shown.flatMap(({ first, times }) => [
      `${bold('UNEXPLAINED')}  ${timesText(times)}`,
      `  ${visible(answerText(first))}`,
      `  ${visible(first.about)}`,
      '',
    ]),
    unexplained.length === 0
      ? `${differences(explained.length)}, none unexplained`
      : `${differences(explained.length)} explained, and in ${places(unexplained.length)} none`,
    '',
  ].join('\n');
}

function diffJson({ profile, version, count, seed, asked, explained, unexplained }: DiffReport): object {
  return {
    schema: 1,
    profile,
    qemu: version,
    count,
    seed,
    asked: Object.fromEntries(asked),
    explained: explained.map(({ difference: { id, right, said, source }, first, times }) => ({
      id,
      right,
      said,
      source,
      times,
      first,
    })),
    unexplained,
  };
}

function answerText({ place, ours, qemu }: Differing): string {
  return `${place}: ${ours || 'nothing'}, QEMU ${qemu || 'nothing'}`;
}

function timesText(times: number): string {
  return times === 1 ? 'once' : `${number(times)} times`;
}

const differences = (count: number): string => `${number(count)} difference${count === 1 ? '' : 's'}`;
const places = (count: number): string => `${number(count)} place${count === 1 ? '' : 's'}`;

function number(of: number): string {
  return of.toLocaleString('en');
}

interface DiffArguments {
  readonly against: string;
  readonly profile?: Compared;
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
