import { PLAYS } from '../../test/slow/villain/plays.ts';
import { code, page, table } from './markdown.ts';
import { type Breach, numberOf } from './villain/breach.ts';
import { type Group, testsIn } from './villain/group.ts';
import { GROUPS } from './villain/groups.ts';

const INTRODUCTION = `Written by \`docs/generate.ts\` from the tables in \`docs/generate/villain\`; a test compares.

[virtio-villain](https://github.com/weltling/virtio-villain) is a driver that breaks one rule a test, and watches what the device makes of
it. guestrig is the other way round: it is the device, and tells the driver. Here stands for each of its tests that concern what a
machine here has, by the names that they have there, what is done in it and the clause by which a driver that does it hears of it; or
why there is none. Names of files from 101 on of the network card and the SCSI adapter could not be listed: those tests stand by
their numbers alone.

What is played is a script of accesses, written for the purpose, that does the same by hand to a machine of ours; a slow test expects
the clause. It also has machines, lenient and strict, bear all of them: none throws, none hangs, none writes to a byte that is not RAM.
What virtio-villain does to a block device is played on the SCSI adapter, which is the disk here.

That a test breaks nothing was mostly told by its name and by what stands at its head. What the harness around the tests does on the
side, as to set up a queue late or to leave out a feature, is not counted.`;

const NO_BREACH =
  'Nothing is broken in these: a good driver may do what they do, and they look at the device, or at what the host does.';
const HEAD = ['Test', 'What the driver does', 'Clause', 'Played', 'Why none, or what else'];
const COUNTED = ['Tests', 'Breaches', 'Named', 'Played', 'Silent', 'No breach', 'Not here', 'Not seen'];

/** How many tests of some folders are what. */
interface Count {
  readonly tests: number;
  readonly breaches: number;
  readonly named: number;
  readonly played: number;
  readonly silent: number;
  readonly kept: number;
  readonly lacking: number;
  readonly unseen: number;
}

export async function villainPage(): Promise<string> {
  const all = GROUPS.map(countOf).reduce(sum);
  return page([
    "# virtio-villain's tests of what machines here have",
    INTRODUCTION,
    `Of ${all.tests} tests ${all.breaches} are a driver's breach that can be expressed here. ${all.named} of them have a clause that names them, and ${all.played} are played; ${all.silent} are silent, each with its reason. In ${all.kept} nothing is broken, ${all.lacking} ask for what no machine here has, and ${all.unseen} could not be looked at.`,
    table([
      ['Folder', ...COUNTED],
      ...GROUPS.map((group) => [group.title, ...numbers(countOf(group))]),
      ['Together', ...numbers(all)],
    ]),
    ...GROUPS.flatMap(section),
  ]);
}

function section(group: Group): string[] {
  const { title, rows, kept, lacking, unseen } = group;
  const listed = (why: string, which = '') =>
    which === '' ? '' : `${why} ${testsIn(group, which).map(code).join(', ')}.`;
  return [
    `## ${title}`,
    table([HEAD, ...rows.map(cells)]),
    listed(NO_BREACH, kept),
    lacking === undefined ? '' : listed(`These ask for ${lacking.why}.`, lacking.numbers),
    listed('These could not be looked at.', unseen),
  ];
}

function countOf(group: Group): Count {
  const { rows } = group;
  const [kept, lacking, unseen] = [group.kept, group.lacking?.numbers, group.unseen].map(
    (which) => testsIn(group, which).length,
  ) as [number, number, number];
  const named = rows.filter(({ clause }) => clause !== null).length;
  const silent = rows.filter((row) => row.silent).length;
  return {
    tests: rows.length + kept + lacking + unseen,
    breaches: named + silent,
    named,
    played: rows.filter(isPlayed).length,
    silent,
    kept: rows.length - named - silent + kept,
    lacking,
    unseen,
  };
}

function sum(one: Count, other: Count): Count {
  const names = Object.keys(one) as (keyof Count)[];
  return Object.fromEntries(names.map((name) => [name, one[name] + other[name]])) as unknown as Count;
}

function numbers(count: Count): string[] {
  return Object.values(count).map(String);
}

function isPlayed(row: Breach): boolean {
  return Object.hasOwn(PLAYS, numberOf(row));
}

function cells(row: Breach): string[] {
  const { test, what, clause, why } = row;
  return [code(test), what, clause === null ? '–' : code(clause), isPlayed(row) ? 'yes' : '', why];
}
