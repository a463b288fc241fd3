import type { DiskOptions } from '../../machine/devices/disks.ts';
import type { NicOptions } from '../../machine/devices/net.ts';
import type { MachineOptions } from '../../machine/options.ts';
import type { ClauseId } from '../../rules/index.ts';
import { type DeviceKind, VIRTIO_KINDS } from '../model/kinds.ts';
import type { OtherMachine } from '../model/other-machine.ts';
import { USES, type UseName } from '../model/uses.ts';
import type { Fixture } from './fixture.ts';

/** Kinds of devices, one of which a model drives. */
const GROUPS = {
  virtio: VIRTIO_KINDS,
  'balloon or rng': ['balloon', 'rng'],
  card: ['net', 'gvnic'],
  'virtio or gvnic': [...VIRTIO_KINDS, 'gvnic'],
} as const;

/**
 * A use of the model; devices of that kind, which it drives; or `drivers`, because our own guest, which uses every part, does
 * not finish on such a machine.
 */
type Need = UseName | DeviceKind | keyof typeof GROUPS | 'drivers';

/** A situation that any driver can be run in unchanged. */
export interface SuiteScenario {
  /** Ends the sentence "the driver meets …". */
  readonly name: string;
  /** The mistakes that a driver may make here and cannot make elsewhere. */
  readonly why: string;
  /**
   * Clauses that are reached here, and not on a machine where nothing happens; a test checks that with the reference
   * drivers.
   */
  readonly provokes?: readonly ClauseId[];
  /** Further clauses, or their beginnings, that some drivers come by here and not in the first scenario. */
  readonly meets?: readonly string[];
  /** Whether it applies to a machine with these options. Left out, to every one. */
  readonly applies?: (base: MachineOptions) => boolean;
  /** It has no random choice that matters: of several seeds, it is played with the first alone. */
  readonly once?: true;
  /** A driver has so many times the virtual time that it has elsewhere, because it waits for what does not come. */
  readonly times?: number;
  /** What it needs of the model beyond `run`. One for other devices than the model drives does not concern it. */
  readonly needs?: readonly Need[];
  /** This machine's options beyond the judged one's. */
  readonly options?: (base: MachineOptions) => MachineOptions;
  /** The actions. Left out, the driver is started and used. */
  readonly act?: (fixture: Fixture) => void;
  /** The same on a machine that is not ours. Left out, it cannot be played there. */
  readonly elsewhere?: (fixture: Fixture<OtherMachine>) => void;
}

/** Options merged with others, one level deep. */
export function withOptions(more: MachineOptions): (base: MachineOptions) => MachineOptions {
  return (base) => ({ ...base, ...more });
}

/** The first card, whatever it is, sends back what it gets. */
export function withLoopback(base: MachineOptions): MachineOptions {
  const [nic] = base.nics ?? [];
  return { ...base, nics: [{ ...pickCard(nic), backend: 'loopback' }] };
}

/** What a card is. */
function pickCard(nic: NicOptions = {}): NicOptions {
  return nic.type === 'gvnic' ? nic : {};
}

/** The default of `act`. */
export function startAndUse({ start, use }: Fixture<unknown>): void {
  start();
  use();
}

const SMALL_DISK = 1 << 20;

/** Where the first disk is. */
export function placeOfDisk({ disks: [disk] = [] }: MachineOptions): Pick<DiskOptions, 'target' | 'lun'> {
  return { ...pick(disk, 'target'), ...pick(disk, 'lun') };
}

/** The first card has nothing at its other end, the first disk is small and lies in memory, and both answer at once. */
export function plain(base: MachineOptions): MachineOptions {
  const { nics: [nic] = [], disks: _, completion: __, ...rest } = base;
  return {
    ...rest,
    nics: [{ ...nic, backend: 'none' }],
    disks: [{ bytes: SMALL_DISK, ...placeOfDisk(base) }],
  };
}

function pick<T extends object, K extends keyof T>(from: T | undefined, key: K): Partial<Pick<T, K>> {
  return from?.[key] === undefined ? {} : ({ [key]: from[key] } as Pick<T, K>);
}

/** Whether a scenario is for a clause: drivers come by it there, and not where nothing happens. */
export function isFor({ provokes = [], meets = [] }: SuiteScenario, clause: ClauseId): boolean {
  return provokes.includes(clause) || meets.some((beginning) => clause.startsWith(beginning));
}

/** The kinds of devices that a need is about: one of them is enough. Undefined for any devices. */
export function kindsFor(need: Need): readonly DeviceKind[] | undefined {
  if (need === 'drivers') return [...VIRTIO_KINDS, 'gvnic', 'nvme'];
  if (isUse(need)) return kindsOfUse(need);
  return Object.hasOwn(GROUPS, need) ? GROUPS[need as keyof typeof GROUPS] : [need as DeviceKind];
}

/** Of a network card, and of a disk, there are two kinds. */
function kindsOfUse(use: UseName): readonly DeviceKind[] | undefined {
  const kind = USES[use].of;
  if (kind === 'net') return ['net', 'gvnic'];
  return kind === 'scsi' ? ['scsi', 'nvme'] : kind && [kind];
}

export function isUse(need: Need): need is UseName {
  return Object.hasOwn(USES, need);
}
