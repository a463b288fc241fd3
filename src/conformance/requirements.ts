import { hex } from '../core/bits.ts';
import type { FoundFunction } from '../core/driver.ts';
import type { Machine } from '../machine/machine.ts';
import type { ClauseId } from '../rules/index.ts';
import type { Gathered } from './gather.ts';
import { mediumHash } from './medium-hash.ts';
import type { Outcome } from './verdict.ts';

export type Requirement = ClauseId & `gce/${string}`;

/** What became of one line of the Compute Engine document: an outcome, and the numbers behind it. */
export interface Answer {
  readonly outcome: Outcome;
  readonly said: string;
}

/** The chipset and storage lines hold any machine; what a machine lacks is `unreached`, what differs fails. */
export const REQUIREMENTS: {
  readonly [Line in Requirement]: (seen: Gathered, machine: Machine) => Answer;
} = {
  'gce/HOST-BRIDGE': ({ functions }, machine) => identity(functions, machine, 0x1237, 2),
  'gce/PIIX4-ISA': ({ functions }, machine) => identity(functions, machine, 0x7110, 3),
  'gce/PIIX4-ACPI': ({ functions }, machine) => identity(functions, machine, 0x7113, 3),
  'gce/NET': ({ functions }) => virtio(functions, 0x1000, 1),
  'gce/NET-TRAFFIC': ({ nics }) =>
    first(nics, ({ facts, framesEqual }) => [
      framesEqual && facts.framesSent > 0,
      `${count(facts.framesSent, 'frame')} out, ${facts.received.length.toLocaleString('en')} back${framesEqual ? ', equal' : ''}`,
    ]),
  'gce/NET-CSUM': ({ nics }) =>
    first(
      nics,
      ({ offload }) =>
        offload && [offload.summed, `a sum left open was ${offload.summed ? 'completed' : 'not completed'}`],
    ),
  'gce/NET-TSO4': ({ nics }) =>
    first(
      nics,
      ({ offload }) =>
        offload && [offload.cutRight, `${offload.payload} bytes were cut into ${offload.cut} frames`],
    ),
  'gce/NET-GRO4': ({ nics }) =>
    first(
      nics,
      ({ offload }) =>
        offload && [
          offload.receivedRight && offload.received.joined > 0,
          `${offload.cut} frames came as ${offload.received.frames}, ${offload.received.joined} of them joined`,
        ],
    ),
  'gce/NET-TSO6': () => NOT_MODELLED,
  'gce/NET-GRO6': () => NOT_MODELLED,
  'gce/SCSI': ({ functions }) => virtio(functions, 0x1004, 8),
  'gce/SCSI-QUEUES': ({ disks }, machine) =>
    first(disks, () => [
      machine.scsiQueues === 3,
      `control, event and ${machine.scsiQueues - 2} request queue`,
    ]),
  'gce/SCSI-SPC4': ({ disks }) =>
    all(disks, ({ version, vendor, product }) => [version === 6, `${vendor} ${product}, version ${version}`]),
  'gce/SCSI-SBC3': ({ disks }) =>
    all(disks, ({ standards }) => [
      standards.some((standard) => SBC3.includes(standard)),
      `version descriptors ${standards.map((standard) => hex(standard, 4)).join(' ')}`,
    ]),
  'gce/SCSI-BLOCK-ONLY': ({ disks, otherUnits }) =>
    first(disks, () => [otherUnits === 0, `${disks.length} of ${disks.length + otherUnits} units are disks`]),
  'gce/SCSI-BLOCKS': ({ disks }) =>
    all(disks, ({ logicalBlock, physicalBlock }) => [
      logicalBlock === 512 && physicalBlock === 4096,
      `${logicalBlock}/${physicalBlock} bytes`,
    ]),
  'gce/SCSI-READ': ({ disks }, machine) =>
    all(disks, ({ target, lun, blocks, sha256 }) => {
      const disk = machine.disks.find((known) => known.target === target && known.lun === lun);
      const equal = disk !== undefined && sha256 === mediumHash(disk.medium);
      return [equal, `${blocks} blocks, SHA-256 ${equal ? 'equal' : 'differs'}`];
    }),
  'gce/SCSI-HOTPLUG': ({ disks, hotplug }) =>
    first(disks, () => [hotplug, `HOTPLUG was ${hotplug ? '' : 'not '}negotiated`]),
  'gce/SERIAL': ({ serial }, machine) => {
    const right = machine.serial.filter(({ port, irq, text }) => {
      const seen = serial.find((found) => found.port === port);
      return seen?.type === '16550A' && seen.irq === irq && seen.loopback && text.endsWith(seen.sent);
    });
    const irqs = machine.serial.map(({ irq }) => irq).join(', ');
    if (right.length === machine.serial.length && irqs !== SERIAL_IRQS)
      return { outcome: 'waived', said: `IRQ ${irqs}, as this ${machine.profile.name} has them` };
    return answer(
      right.length === machine.serial.length,
      `${right.length} of ${machine.serial.length} are 16550A on their IRQ`,
    );
  },
};

/** SBC-3 in its versions, as SPC numbers them. */
const SBC3: readonly number[] = [0x04c0, 0x04c3, 0x04c5, 0x04c8];
/** Of COM1 to COM4, by the document. */
const SERIAL_IRQS = '4, 3, 6, 7';
const NOT_MODELLED: Answer = { outcome: 'unreached', said: 'not modelled yet' };

function answer(kept: boolean, said: string): Answer {
  return { outcome: kept ? 'pass' : 'fail', said };
}

/** A machine that is no Compute Engine may show another revision; the guest is right to find it. */
function identity(
  functions: readonly FoundFunction[],
  machine: Machine,
  device: number,
  revision: number,
): Answer {
  const seen = functions.find(({ id }) => id.vendor === 0x8086 && id.device === device);
  if (seen === undefined) return { outcome: 'fail', said: 'not found' };
  const said = `revision ${hex(seen.id.revision, 2)}`;
  if (seen.id.revision === revision) return { outcome: 'pass', said };
  const shown = machine.idOf(seen.bdf)?.revision === seen.id.revision;
  return shown
    ? { outcome: 'waived', said: `${said}, as ${machine.profile.name} shows it` }
    : { outcome: 'fail', said };
}

function virtio(functions: readonly FoundFunction[], device: number, type: number): Answer {
  const seen = functions.find(({ id }) => id.vendor === 0x1af4 && id.device === device);
  if (seen === undefined) return { outcome: 'unreached', said: 'the machine has none' };
  return answer(seen.id.subsystem === type, `1af4:${device.toString(16)}, type ${seen.id.subsystem}`);
}

type Held = readonly [kept: boolean, said: string] | null;

/** The first of a kind of part speaks for the kind. */
function first<T>(parts: readonly T[], hold: (part: T) => Held): Answer {
  const held = parts.length === 0 ? null : hold(parts[0]!);
  return held === null ? { outcome: 'unreached', said: 'nothing exercised it' } : answer(...held);
}

/** Every part must hold; the first that does not speaks. */
function all<T>(parts: readonly T[], hold: (part: T) => readonly [boolean, string]): Answer {
  const held = parts.map(hold);
  return first([held.find(([kept]) => !kept) ?? held[0]], (one) => one ?? null);
}

function count(n: number, what: string): string {
  return `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;
}
