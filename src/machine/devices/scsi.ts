import * as v from 'valibot';
import { checkWhole } from '../../core/checks.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { MisuseError } from '../../core/misuse.ts';
import type { UserCalls } from '../../core/user-calls.ts';
import type { Medium } from '../../media/medium.ts';
import { DISK_SIZE, isDiskSize } from '../../media/memory.ts';
import { judgeScsi } from '../../rules/virtio/scsi/scsi.ts';
import { REFUSALS, type Refusal } from '../../scsi/refusal.ts';
import { UNIT_LIMITS } from '../../scsi/registers.ts';
import { Reservations } from '../../scsi/reservations/reservations.ts';
import { reservedBy } from '../../scsi/reservations/shared-disk.ts';
import { VirtioScsi, type VirtioScsiOptions } from '../../virtio/scsi/device.ts';
import { virtio_scsi_event } from '../../virtio/scsi/registers.ts';
import type { VirtioFunction } from '../../virtio/transport/function.ts';
import { completion } from '../completion-options.ts';
import type { FirmwareKind } from '../firmware-option.ts';
import type { MachinePlan } from '../machine-plan.ts';
import { checked, listOf, object, ringSize, whole } from '../option-kinds.ts';
import type { ProfileName } from '../profile.ts';
import { ShieldedMedium } from '../shielded.ts';
import type { WatchOf } from '../watches.ts';
import { driveDisks } from './bios-disks.ts';
import type { DeviceDescriptor, Given, Site } from './descriptor.ts';
import {
  DISKS_DEFAULT,
  type Disk,
  type DiskOptions,
  type DiskSchema,
  disk,
  loggedDisk,
  openMedia,
  type Place,
  placeDisks,
} from './disks.ts';
import { placeOf, take } from './take.ts';
import { completingBy, plugVirtio } from './virtio.ts';

export interface ScsiFacade {
  readonly disks: readonly Disk[];
  /** Queues of the SCSI host adapter: control, event, and those for requests. */
  readonly scsiQueues: number;
  /** Plugs a disk in; a guest that negotiated HOTPLUG is notified. */
  addDisk(options: DiskOptions): Disk;
  /** Pulls a disk out and closes its medium. */
  removeDisk(disk: Disk): void;
  /**
   * Changes a disk's size, in bytes, if its medium can: the next command meets 6/2A/09, and a guest that negotiated
   * CHANGE is notified.
   */
  resizeDisk(disk: Disk, bytes: number): void;
  /**
   * The next `times` commands to a disk fail, once its unit attentions are reported: it answers `busy`, `task set full`,
   * `reservation conflict`, or by sense `medium error` (3/11/00), `unit attention` (6/2A/01) or `aborted command` (B/00/00). INQUIRY, REPORT LUNS and
   * REQUEST SENSE are answered as usual. For tests of drivers that ignore the status.
   */
  refuseCommands(disk: Disk, refusal: Refusal, times?: number): void;
}

export interface ScsiSettings {
  readonly class: number;
  readonly adapter: VirtioScsiOptions;
  readonly disks: readonly DiskOptions[];
}

const options = {
  /** The disks. Default: one empty disk of 64 MiB. */
  disks: v.optional(v.array<DiskSchema, string>(disk, 'a list of disks')),
  /** The SCSI host adapter, behind which the disks are. */
  scsi: v.optional(
    object({
      /** Entries of each ring, a power of two. Default 8192 on gceN1, 1024 on qemuPc. */
      ringSize: v.optional(ringSize),
      /** Virtual nanoseconds from kick to completion. Default 0: within the kick. */
      latency: v.optional(whole(0, 10_000_000_000)),
      /**
       * Size of an event in bytes, as the configuration has it, 16 or more: a later standard may define more. Default
       * 16.
       */
      eventInfoSize: v.optional(whole(virtio_scsi_event.size, 0xffff)),
      /** How its completions reach the driver. Default: the machine's. */
      completion: v.optional(completion),
    }),
  ),
};

/** What differs between machines: its PCI class, 24 bits, its rings and limits. */
const SHOWN: Record<
  ProfileName,
  { class: number } & Omit<VirtioScsiOptions, 'ringFeatures' | 'latency' | 'manners'>
> = {
  'gce-n1': {
    class: 0x00_0000,
    ringSize: 8192,
    seg_max: 64,
    max_sectors: 0xffff,
    cmd_per_lun: 64,
    event_info_size: virtio_scsi_event.size,
    max_target: 253,
    max_lun: 1,
  },
  'qemu-pc': {
    class: 0x01_0000,
    ringSize: 1024,
    seg_max: 254,
    max_sectors: 0xffff,
    cmd_per_lun: 128,
    event_info_size: virtio_scsi_event.size,
    max_target: 255,
    max_lun: 16_383,
  },
};
const SLOT = 3;
/** More than a machine of Compute Engine can have. */
const LOGGED_DISKS = 256;
/** Commands that fail one after another. */
const REFUSED_MOST = 10_000;

export const scsiWatch: WatchOf<VirtioScsi> = (facts, { limits, endian, targets }, journal) =>
  judgeScsi(
    facts,
    { ...limits, endian },
    {
      limits: UNIT_LIMITS,
      blocksOf: (target, lun) => targets.get(target)?.units.get(lun)?.medium.blocks ?? -1,
      takesFua: (target, lun) => targets.get(target)?.units.get(lun)?.modes.hasAll === true,
    },
    journal,
  );

export const SCSI: DeviceDescriptor<typeof options, ScsiSettings, ScsiFacade> = {
  options,
  logged: {
    disks: v.optional(listOf(loggedDisk, LOGGED_DISKS, 'a list of disks')),
    scsi: options.scsi,
  },
  virtio: { name: 'scsi', driver: 'virtio-scsi', options: {} },
  plan,
  plug: (site, settings) => new Adapter(site, settings).facade,
};

function plan(
  { disks = DISKS_DEFAULT, scsi = {} }: Given<typeof options>,
  { profile, virtio }: MachinePlan,
): ScsiSettings {
  const { class: pciClass, ...shown } = SHOWN[profile.name];
  const { ringSize = shown.ringSize, latency = 0, eventInfoSize = shown.event_info_size } = scsi;
  const adapter = {
    ...shown,
    ringSize,
    latency,
    event_info_size: eventInfoSize,
    ...completingBy(virtio, scsi.completion),
  };
  return { class: pciClass, adapter, disks };
}

/** The host adapter, and the disks behind it. */
class Adapter {
  readonly disks: Disk[] = [];
  private readonly device: VirtioScsi;
  private readonly limits: VirtioScsiOptions;
  private readonly site: Site;

  constructor(site: Site, { class: pciClass, adapter, disks }: ScsiSettings) {
    this.site = site;
    this.device = new VirtioScsi('scsi0', site.board, adapter);
    this.limits = adapter;
    const fn: VirtioFunction = plugVirtio(site, this.device, {
      class: pciClass,
      slot: SLOT,
      watch: scsiWatch,
      powerCut: () => this.loseUnflushed(),
      boot: (port, kind) => this.bootFrom(port, kind, fn.bars[0]?.mapped ?? null),
    });
    this.plug(disks, (enter) => enter());
    site.events.tie('command', () => this.tellCommands());
  }

  get facade(): ScsiFacade {
    return {
      disks: this.disks,
      scsiQueues: this.device.queues.length,
      addDisk: (one) => {
        this.site.checkOpen('addDisk');
        const { disks } = checked(object(options), { disks: [one] });
        const [added] = this.plug(disks!, (enter) => this.userCalls.act('addDisk', enter));
        return added!;
      },
      removeDisk: (one) => {
        this.site.checkOpen('removeDisk');
        take(one, this.disks, 'disk');
        this.userCalls.act('removeDisk', () => this.device.removeDisk(one.target, one.lun));
      },
      resizeDisk: (one, bytes) => {
        this.site.checkOpen('resizeDisk');
        this.resize(one, bytes);
      },
      refuseCommands: (one, refusal, times = 1) => {
        this.site.checkOpen('refuseCommands');
        this.refuse(one, refusal, times);
      },
    };
  }

  /**
   * A BIOS's driver knows the legacy interface, and stays. Another firmware's resets the adapter when it is done; in
   * both cases the disks have reported the power-on.
   *
   * @param bar0 where the first base address is mapped.
   */
  private bootFrom(port: GuestPort, kind: FirmwareKind, bar0: number | null): void {
    const isLegacy = this.site.plan.virtio.manners.shows !== 'modern' && bar0 !== null;
    const stays = kind === 'bios' && isLegacy && driveDisks(port, bar0, this.disks);
    if (!stays) this.device.hearAttentions();
  }

  private loseUnflushed(): void {
    for (const { medium } of this.disks) this.userCalls.shield(() => medium.powerCut?.());
  }

  private tellCommands(): void {
    this.device.onCommand = ({ target, lun, command }, response, since) => {
      const { cdb, status } = command;
      this.site.events.emit('command', { target, lun, cdb, since, response, status });
    };
  }

  private get userCalls(): UserCalls {
    return this.site.board.clock.userCalls;
  }

  private resize(one: Disk, bytes: number): void {
    const { target, lun, medium } = this.disks[placeOf(one, this.disks, 'disk')]!;
    if (!isDiskSize(bytes)) throw new MisuseError('resizeDisk', bytes, DISK_SIZE);
    if (medium.resize === undefined)
      throw new MisuseError('resizeDisk', one, 'a disk whose medium can be resized');
    this.userCalls.act('resizeDisk', () => {
      this.userCalls.shield(() => medium.resize!(bytes));
      this.device.capacityChanged(target, lun);
    });
  }

  private refuse(one: Disk, refusal: Refusal, times: number): void {
    const { target, lun } = this.disks[placeOf(one, this.disks, 'disk')]!;
    if (!REFUSALS.includes(refusal))
      throw new MisuseError('refuseCommands.refusal', refusal, `one of ${REFUSALS.join(', ')}`);
    checkWhole('refuseCommands.times', times, 1, REFUSED_MOST);
    const unit = () => this.device.targets.get(target)?.units.get(lun);
    if ((unit()?.refusing ?? 0) + times > REFUSED_MOST)
      throw new MisuseError('refuseCommands.times', times, `at most ${REFUSED_MOST} with those pending`);
    this.userCalls.act('refuseCommands', () => unit()?.refuses(refusal, times));
  }

  /** They are listed at once, and answer when `run` has called its argument. */
  private plug(disks: readonly DiskOptions[], run: (enter: () => void) => void): Disk[] {
    const places = placeDisks(disks, this.limits, this.disks);
    return openMedia(disks).map((medium, i) => {
      const [one, enter] = this.planOne(places[i]!, medium, disks[i]!);
      this.disks.push(one);
      run(enter);
      return one;
    });
  }

  private planOne(
    place: Place,
    medium: Medium,
    {
      name = `persistent-disk-${this.disks.length}`,
      designator = 'vendor',
      bytes,
      multiWriter,
      commands = 'gce',
      throttle,
    }: DiskOptions,
  ): [one: Disk, enter: () => void] {
    const own = bytes !== undefined;
    const one = { ...place, medium };
    const path = `disks[${this.disks.length}].medium`;
    // Our own media throw nothing, and most disks use one.
    const behind = own ? medium : new ShieldedMedium(path, medium, this.userCalls);
    const part = multiWriter ? { part: reservedBy(reservationsOf(medium)) } : {};
    const slow = throttle === undefined ? {} : { throttle };
    const shown = { deviceName: name, designator, commands, ...slow, ...part };
    return [one, () => this.device.addDisk(place.target, place.lun, behind, shown)];
  }
}

/** They are the disk's, and a disk of several machines is one medium. */
const known = new WeakMap<Medium, Reservations>();

function reservationsOf(medium: Medium): Reservations {
  const there = known.get(medium);
  if (there !== undefined) return there;
  const made = new Reservations();
  known.set(medium, made);
  return made;
}
