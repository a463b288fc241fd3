import { CLAUSES, type ClauseId } from '../../src/rules/index.ts';
import { code, page, table } from './markdown.ts';
import { INITIALISATION } from './statements/initialisation.ts';
import { NET_CONTROL } from './statements/net-control.ts';
import { NET_DEVICE } from './statements/net-device.ts';
import { NET_FRAMES } from './statements/net-frames.ts';
import { PCI } from './statements/pci.ts';
import { RINGS } from './statements/rings.ts';
import { SCSI } from './statements/scsi.ts';
import type { Section, Statement } from './statements/statement.ts';
import { UNWATCHED } from './statements/unwatched.ts';

const INTRODUCTION = `Written by \`docs/generate.ts\` from the tables in \`docs/generate/statements\` and
\`src/rules\`; a test compares.

Everything that virtio 1.4 asks of a driver over PCI, of a network device and of a SCSI host, in our own words. "Can be seen" is
whether somebody who sees every access and all of memory could see it broken: \`yes\`, \`partly\` where only some breaches show or
where they show only under a stimulus, \`no\` where it is the driver's own affair. What is watched stands in [clauses.md](clauses.md)
under its name behind \`virtio/\`; of the rest this page says why it is not.`;

/** Parts of the standard, by their headings. */
export const PARTS: Readonly<Record<string, readonly Section[]>> = {
  'Status, features, configuration, initialisation': INITIALISATION,
  Virtqueues: RINGS,
  'Virtio over PCI': PCI,
  'Network device': NET_DEVICE,
  'Network device: frames': NET_FRAMES,
  'Network device: control queue': NET_CONTROL,
  'SCSI host': SCSI,
};

export function isWatched(name: string): boolean {
  return Object.hasOwn(CLAUSES, clauseOf(name));
}

export function clauseOf(name: string): ClauseId {
  return `virtio/${name}` as ClauseId;
}

export function statementsOf(sections: readonly Section[]): readonly Statement[] {
  return sections.flatMap(({ statements }) => statements);
}

export async function statementsPage(): Promise<string> {
  const parts = Object.entries(PARTS).flatMap(([heading, sections]) => [
    `## ${heading}`,
    table([HEAD, ...sections.flatMap(rowsOf)]),
  ]);
  return page(['# Statements of the standard', INTRODUCTION, counts(), ...parts]);
}

const HEAD = ['Statement', 'Strength', 'Section', 'Says', 'Can be seen', 'Watched'];

function rowsOf({ section, statements }: Section): string[][] {
  return statements.map(([name, strength, seen, text]) => [
    code(name),
    strength,
    section,
    text,
    seen,
    isWatched(name) ? 'yes' : `no: ${UNWATCHED[name]}`,
  ]);
}

function counts(): string {
  const rows = Object.entries(PARTS).map(([heading, sections]) => countsOf(heading, sections));
  return table([
    ['Part', 'Can be seen: watched', 'Partly: watched', 'Cannot: watched'],
    ...rows,
    countsOf('All', Object.values(PARTS).flat()),
  ]);
}

function countsOf(heading: string, sections: readonly Section[]): string[] {
  const all = statementsOf(sections);
  return [
    heading,
    ...(['yes', 'partly', 'no'] as const).map((which) => {
      const its = all.filter(([, , seen]) => seen === which);
      return `${its.filter(([name]) => isWatched(name)).length} of ${its.length}`;
    }),
  ];
}
