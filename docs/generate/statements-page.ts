import { CLAUSES } from '../../src/rules/index.ts';
import { GVNIC_STATEMENTS } from './gvnic-statements.ts';
import { code, page, table } from './markdown.ts';
import { NVME_STATEMENTS } from './nvme-statements.ts';
import { PARTLY, PARTS, type Seen, UNWATCHED } from './statements.ts';

const INTRODUCTION = `Written by \`npm run docs\` from \`docs/generate/statements.ts\` and \`src/rules\`; a test compares.

What virtio 1.4 asks of a driver over PCI, of a network device and of a SCSI host; and, at the end, what the public drivers of gVNIC do, and those of NVMe controllers. A statement that is watched is in
[clauses.md](clauses.md) under its name with \`virtio/\` before it. This page lists the others, with the reason. "Can be seen" says whether
an observer of every access and of all memory could see it broken. It is \`partly\` if only some breaches show, or only under a
stimulus, and \`no\` if it depends on the driver's internals.`;

export function isWatched(name: string): boolean {
  return Object.hasOwn(CLAUSES, `virtio/${name}`);
}

export function seenOf(name: string): Seen {
  return UNWATCHED[name]?.seen ?? (PARTLY.includes(name) ? 'partly' : 'yes');
}

/** The statements of a part, by their names without `virtio/`. */
export function statementsOf(part: string): readonly string[] {
  return PARTS[part]!.split(' ').flatMap((last) => {
    const [name, count] = last.split(/(?<=-D)(?=\d+$)/);
    return Array.from({ length: Number(count) }, (_, i) => `${name}${i + 1}`);
  });
}

export async function statementsPage(): Promise<string> {
  return page([
    '# Statements of the standard',
    INTRODUCTION,
    counts(),
    ...Object.keys(PARTS).flatMap(section),
    ...gvnicSection(),
    ...nvmeSection(),
  ]);
}

const HEAD = ['Statement', 'Section', 'Says', 'Can be seen', 'Why it is not watched'];

function section(part: string): string[] {
  const all = statementsOf(part);
  const named = (names: readonly string[]) => names.map(code).join(', ');
  const partly = all.filter((name) => PARTLY.includes(name));
  const rows = all.filter((name) => !isWatched(name)).map(cells);
  return [
    `## ${part}`,
    `From D1 to ${named(PARTS[part]!.split(' '))}.`,
    ...(partly.length === 0 ? [] : [`Watched and seen in part: ${named(partly)}.`]),
    table([HEAD, ...rows]),
  ];
}

function cells(name: string): string[] {
  const { section: where, text, seen, why } = UNWATCHED[name]!;
  return [code(name), where, text, seen, why];
}

/** All of them: there is no other text that says them. */
function gvnicSection(): string[] {
  const rows = GVNIC_STATEMENTS.map(({ text, strength, by, plays = [], why = '' }, i) => [
    String(i + 1),
    text,
    strength,
    [...by.map(code), ...plays].join(', '),
    why,
  ]);
  const watched = GVNIC_STATEMENTS.filter(({ by, plays = [] }) => by.length + plays.length > 0).length;
  return [
    '## gVNIC',
    `No specification is published. These are what its public drivers do, ${GVNIC_STATEMENTS.length} statements, of which ${watched} are watched, by rules or by scenarios.`,
    table([['Nr', 'A driver of a gVNIC', 'Strength', 'Watched by', 'Why not, or what is not'], ...rows]),
  ];
}

function nvmeSection(): string[] {
  const rows = NVME_STATEMENTS.map(({ text, by, plays, why }, i) => [
    String(i + 1),
    text,
    [...by.map(code), ...plays].join(', '),
    why,
  ]);
  const watched = NVME_STATEMENTS.filter(({ by, plays }) => by.length + plays.length > 0).length;
  return [
    '## NVMe',
    `What NVM Express 1.4 asks of a driver, and a device can see: ${NVME_STATEMENTS.length} statements, of which ${watched} are watched, by rules or by scenarios.`,
    table([['Nr', 'A driver of an NVMe controller', 'Watched by', 'Why not, or what is not'], ...rows]),
  ];
}

function counts(): string {
  const parts = Object.keys(PARTS);
  return table([
    ['Part', 'Can be seen: watched', 'Partly: watched', 'Cannot: watched'],
    ...parts.map((part) => [part, ...countsOf(statementsOf(part))]),
    ['All', ...countsOf(parts.flatMap(statementsOf))],
  ]);
}

function countsOf(names: readonly string[]): string[] {
  return (['yes', 'partly', 'no'] as const).map((which) => {
    const its = names.filter((name) => seenOf(name) === which);
    return `${its.filter(isWatched).length} of ${its.length}`;
  });
}
