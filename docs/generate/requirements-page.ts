import { readdirSync, readFileSync } from 'node:fs';
import { type AuditLine, audit, type Verdict } from '../../src/audit/index.ts';
import { defaultDisk, defaultFrames } from '../../src/cli/assets.ts';
import { probeMachine } from '../../src/conformance/index.ts';
import { buildMachine } from '../../src/machine/computer.ts';
import { planFor } from '../../src/machine/plan.ts';
import type { ProfileName } from '../../src/machine/profile.ts';
import { PROFILE_NAMES, PROFILES } from '../../src/machine/profiles.ts';
import { BROKEN_DRIVERS } from '../../src/rules/all.mutants.ts';
import type { ClauseId } from '../../src/rules/index.ts';
import { code, page, table } from './markdown.ts';

const INTRODUCTION = `Written by \`npm run docs\`: each outcome is that of a probe, or of an audit, which ran for it; a test compares.

Compute Engine's document [Requirements to build custom images](https://cloud.google.com/compute/docs/images/building-custom-os) lists
hardware that a guest must support, options that its kernel must have, and settings that it should. Here is each of its lines, in our
words, with the command that checks it and what that said. [The audit](audit.md) and [fidelity](fidelity.md) have the details.`;

/** The document's lines on hardware, the clauses that a probe checks for them, and where that is. */
const HARDWARE: readonly (readonly [line: string, clauses: readonly ClauseId[]])[] = [
  ['ACPI bridge PIIX4, revision 03', ['gce/PIIX4-ACPI']],
  ['ISA bridge PIIX4, revision 03', ['gce/PIIX4-ISA']],
  ['virtio-net, 1af4:1000, subsystem 1', ['gce/NET']],
  ['its checksum offload', ['gce/NET-CSUM']],
  ['its TSO of IPv4', ['gce/NET-TSO4']],
  ['its GRO of IPv4', ['gce/NET-GRO4']],
  ['virtio-scsi, 1af4:1004, subsystem 8', ['gce/SCSI']],
  ['SPC-4 and SBC-3', ['gce/SCSI-SPC4', 'gce/SCSI-SBC3']],
  ['one request queue', ['gce/SCSI-QUEUES']],
  ['disks with 512 bytes a logical and 4 KiB a physical sector', ['gce/SCSI-BLOCKS']],
  ['disks and no other units', ['gce/SCSI-BLOCK-ONLY']],
  ['the feature bit of hotplug and events', ['gce/SCSI-HOTPLUG']],
  ['four 16550A, on IRQ 4, 3, 6 and 7', ['gce/SERIAL']],
];
/** The document asks for it on Tau T2A and from the third generation on; its clauses are a driver's. */
const GVNIC = 'gVNIC, on Tau T2A and from the third generation on';

export async function requirementsPage(): Promise<string> {
  return page([
    '# The document, line by line',
    INTRODUCTION,
    '## Hardware',
    `Checked by \`guestrig probe --machine NAME\`, of a driver of yours by \`guestrig conform\`. A dash is a part that this machine does not
have, or that has nothing to exercise it: [machines](machines.md) says which has what. In the last column is a driver that gets the line wrong, by which the
check was tried.`,
    table([['Line', ...PROFILE_NAMES.map(code), 'Found to fail'], ...hardwareRows()]),
    ...(await kernelSections()),
  ]);
}

/** Of a clause on a machine: its outcome, with the reason unless it passed. */
type Outcomes = ReadonlyMap<string, { readonly outcome: string; readonly said: string }>;

function hardwareRows(): string[][] {
  const outcomes = PROFILE_NAMES.map(outcomesOn);
  const rows = HARDWARE.map(([line, clauses]) => [
    line,
    ...outcomes.map((on) => [...new Set(clauses.map((clause) => cell(on, clause)))].join('; ')),
    clauses.map((clause) => brokenBy((id) => id === clause)).join('; '),
  ]);
  const gvnic = [
    GVNIC,
    ...outcomes.map((on) => cell(on, 'gvnic')),
    brokenBy((id) => id.startsWith('gvnic/')),
  ];
  return [...rows.slice(0, 3), gvnic, ...rows.slice(3)];
}

function cell(outcomes: Outcomes, name: string): string {
  const { outcome, said } = outcomes.get(name)!;
  if (outcome === 'unreached') return '–';
  return outcome === 'pass' ? 'pass' : `${outcome}: ${said}`;
}

function outcomesOn(name: ProfileName): Outcomes {
  const options = { nics: [{ backend: 'loopback' as const }], disks: [{ medium: defaultDisk() }] };
  const machine = buildMachine(planFor(PROFILES[name], options));
  try {
    const { requirements, verdicts } = probeMachine(machine, {
      text: 'guestrig probe\r\n',
      frames: defaultFrames(),
    });
    const own = verdicts.filter(({ clause }) => clause.startsWith('gvnic/'));
    const reached = own.filter(({ outcome }) => outcome !== 'unreached');
    const wrong = reached.filter(({ outcome }) => outcome === 'fail');
    const gvnic =
      reached.length === 0
        ? { outcome: 'unreached', said: 'the machine has none' }
        : {
            outcome: wrong.length === 0 ? 'pass' : 'fail',
            said: wrong.map(({ clause }) => clause).join(', '),
          };
    return new Map([['gvnic', gvnic], ...requirements.map((line) => [line.clause, line] as const)]);
  } finally {
    machine.close();
  }
}

function brokenBy(wanted: (clause: ClauseId) => boolean): string {
  const found = BROKEN_DRIVERS.filter(({ clause }) => wanted(clause));
  if (found.length === 0) throw new Error('no driver breaks a line of the document');
  const { name } = found[0]!.model;
  return found.length === 1 ? name : `${name}, and ${found.length - 1} more`;
}

const CONFIGS = 'test/audit/configs';
const SHORT: Readonly<Record<Verdict['kind'], string>> = {
  satisfied: 'yes',
  successor: 'by its successor',
  'not applicable': 'not applicable',
  missing: '**missing**',
  contradicts: '**contradicts**',
  'module in initramfs': 'module',
  'module not in initramfs': 'module',
};
const GROUPS = [
  ['required options', 'Options that the kernel must have'],
  ['recommended options', 'Options that are recommended'],
  ['sysctls', 'Settings that are recommended'],
] as const;

/** `5.10-debian11-cloud.config` as `5.10 debian11-cloud`. */
function headOf(file: string): string {
  return file.replace('.config', '').replace('-', ' ');
}

async function kernelSections(): Promise<string[]> {
  // A kernel that no distribution has is there to fail.
  const kept = readdirSync(CONFIGS).filter((name) => !name.includes('synthetic'));
  const files = kept.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const audits = await Promise.all(
    files.map((path) => audit({ config: { path, bytes: readFileSync(`${CONFIGS}/${path}`) }, sysctl: [] })),
  );
  return GROUPS.flatMap(([group, title]) => {
    const [first = []] = audits.map(({ lines }) => lines.filter((line) => line.group === group));
    const cellOf = ({ lines }: { lines: readonly AuditLine[] }, name: string) =>
      SHORT[lines.find((line) => line.name === name)!.verdict.kind];
    return [
      `## ${title}`,
      SAID[group],
      table([
        ['Line', 'Wanted', ...files.map(headOf)],
        ...first.map(({ name, wanted }) => [code(name), wanted, ...audits.map((each) => cellOf(each, name))]),
      ]),
    ];
  });
}

const SAID: Readonly<Record<(typeof GROUPS)[number][0], string>> = {
  'required options':
    'Checked by `guestrig audit --config FILE`, and of an image by `guestrig image FILE`. A module serves if the initramfs has it (`--initrd`). Whether the kernel uses what it has is seen by `guestrig boot`. The kernels are those of distributions, as their configurations say.',
  'recommended options': 'Checked by the same commands.',
  sysctls:
    'Checked by `guestrig audit --config FILE --sysctl ROOT`, and of an image by `guestrig image FILE`. Here nothing is set: `yes` is a default of the kernel that is right.',
};
