import { styleText } from 'node:util';
import { visible } from '../../core/visible.ts';
import type { QemuComparison } from '../../hosts/qemu/diff/compare.ts';
import type { Differing, Right } from '../../hosts/qemu/differences/difference.ts';
import type { Io } from '../io.ts';

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

export function diffJson({
  profile,
  version,
  count,
  seed,
  asked,
  explained,
  unexplained,
}: DiffReport): object {
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
