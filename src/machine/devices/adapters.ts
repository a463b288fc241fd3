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
import { reservationsOf } from '../../scsi/reservations/reservations.ts';
import { reservedBy } from '../../scsi/reservations/shared-disk.ts';
import { VirtioScsi, type VirtioScsiOptions } from '../../virtio/scsi/device.ts';
import type { VirtioFunction } from '../../virtio/transport/function.ts';
import type { FirmwareKind } from '../firmware-option.ts';
import { checked, object } from '../option-kinds.ts';
import { ShieldedMedium } from '../shielded.ts';
import type { WatchOf } from '../watches.ts';
import { driveDisks } from './bios-disks.ts';
import type { Site } from './descriptor.ts';
import {
  adapterOf,
  type Disk,
  type DiskOptions,
  type DiskSchema,
  disk,
  openMedia,
  type Place,
  placeDisks,
  SHOWN,
} from './disks.ts';
import { placeOf, take } from './take.ts';
import { plugVirtio } from './virtio.ts';

export interface ScsiFacade {
  /** Those behind SCSI host adapters. */
  readonly disks: readonly Disk[];
  /** Queues of the SCSI host adapter: control, event, and those for requests; 0 without one. */
  readonly scsiQueues: number;
  /** Plugs a disk in, where disks are SCSI; a guest that negotiated HOTPLUG is notified. */
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
  /** Whether the machine has adapters. */
  readonly isThere: boolean;
  readonly disks: readonly DiskOptions[];
}

const SLOT = 3;
const ADDED = object({ disks: v.array<DiskSchema, string>(disk, 'a list of disks') });
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

/** The host adapters, and the disks behind them. */
export class Adapters {
  readonly disks: Disk[] = [];
  private readonly devices: readonly VirtioScsi[];
  private readonly limits: VirtioScsiOptions;
  private readonly site: Site;

  constructor(site: Site, { class: pciClass, adapter, isThere, disks }: ScsiSettings) {
    this.site = site;
    this.limits = adapter;
    const count = isThere ? 1 + Math.max(0, ...disks.map(adapterOf)) : 0;
    this.devices = Array.from({ length: count }, (_, i) => this.made(i, pciClass));
    this.plug(disks, (enter) => enter());
    site.events.tie('command', () => this.tellCommands());
  }

  private made(index: number, pciClass: number): VirtioScsi {
    const { site } = this;
    const device = new VirtioScsi(`scsi${index}`, site.board, this.limits);
    const fn: VirtioFunction = plugVirtio(site, device, {
      class: pciClass,
      ...(index === 0 && { slot: SLOT }),
      watch: scsiWatch,
      powerCut: () => {
        for (const { adapter, medium } of this.disks)
          if (adapter === index) this.userCalls.shield(() => medium.powerCut?.());
      },
      boot: (port, kind) => {
        // A firmware boots from the first.
        if (index === 0) this.bootFrom(port, kind, fn.bars[0]?.mapped ?? null);
        else device.hearAttentions();
      },
    });
    return device;
  }

  get facade(): ScsiFacade {
    return {
      disks: this.disks,
      scsiQueues: this.devices[0]?.queues.length ?? 0,
      addDisk: (one) => {
        this.site.checkOpen('addDisk');
        if (this.devices.length === 0)
          throw new MisuseError('addDisk', one, '', 'there is no SCSI here: nvme[0].addNamespace adds disks');
        const { disks } = checked(ADDED, { disks: [one] });
        const [added] = this.plug(disks, (enter) => this.userCalls.act('addDisk', enter));
        return added!;
      },
      removeDisk: (one) => {
        this.site.checkOpen('removeDisk');
        take(one, this.disks, 'disk');
        this.userCalls.act('removeDisk', () => this.deviceOf(one).removeDisk(one.target, one.lun));
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
    const stays =
      kind === 'bios' &&
      isLegacy &&
      driveDisks(
        port,
        bar0,
        this.disks.filter(({ adapter }) => adapter === 0),
      );
    if (!stays) this.devices[0]!.hearAttentions();
  }

  private tellCommands(): void {
    for (const [adapter, device] of this.devices.entries())
      device.onCommand = ({ target, lun, command }, response, since) => {
        const { cdb, status } = command;
        this.site.events.emit('command', { adapter, target, lun, cdb, since, response, status });
      };
  }

  private get userCalls(): UserCalls {
    return this.site.board.clock.userCalls;
  }

  private resize(one: Disk, bytes: number): void {
    const { medium, ...place } = this.disks[placeOf(one, this.disks, 'disk')]!;
    if (!isDiskSize(bytes)) throw new MisuseError('resizeDisk', bytes, DISK_SIZE);
    if (medium.resize === undefined)
      throw new MisuseError('resizeDisk', one, 'a disk whose medium can be resized');
    this.userCalls.act('resizeDisk', () => {
      this.userCalls.shield(() => medium.resize!(bytes));
      this.deviceOf(place).capacityChanged(place.target, place.lun);
    });
  }

  private refuse(one: Disk, refusal: Refusal, times: number): void {
    const place = this.disks[placeOf(one, this.disks, 'disk')]!;
    if (!REFUSALS.includes(refusal))
      throw new MisuseError('refuseCommands.refusal', refusal, `one of ${REFUSALS.join(', ')}`);
    checkWhole('refuseCommands.times', times, 1, REFUSED_MOST);
    const unit = () => this.deviceOf(place).unitOf(place.target, place.lun);
    if ((unit()?.refusing ?? 0) + times > REFUSED_MOST)
      throw new MisuseError('refuseCommands.times', times, `at most ${REFUSED_MOST} with those pending`);
    this.userCalls.act('refuseCommands', () => unit()?.refuses(refusal, times));
  }

  private deviceOf({ adapter }: Place): VirtioScsi {
    return this.devices[adapter]!;
  }

  /** They are listed at once, and answer when `run` has called its argument. */
  private plug(disks: readonly DiskOptions[], run: (enter: () => void) => void): Disk[] {
    const places = placeDisks(disks, { ...this.limits, adapters: this.devices.length }, this.disks);
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
      kind = 'persistent-disk',
      name = `${kind}-${this.disks.filter((one) => kind === one.kind).length}`,
      designator = 'vendor',
      bytes,
      multiWriter,
      commands = 'gce',
      throttle,
      queueDepth,
    }: DiskOptions,
  ): [one: Disk, enter: () => void] {
    const one = { ...place, kind, medium };
    const path = `disks[${this.disks.length}].medium`;
    // Our own media throw nothing, and most disks use one.
    const behind = bytes !== undefined ? medium : new ShieldedMedium(path, medium, this.userCalls);
    const part = multiWriter ? { part: reservedBy(reservationsOf(medium)) } : {};
    const shown = { ...SHOWN[kind], deviceName: name, designator, commands, throttle, queueDepth, ...part };
    return [one, () => this.deviceOf(place).addDisk(place.target, place.lun, behind, shown)];
  }
}
