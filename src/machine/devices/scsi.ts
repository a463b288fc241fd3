import * as v from 'valibot';
import type { VirtioScsiOptions } from '../../virtio/scsi/device.ts';
import { SCSI_FEATURE, virtio_scsi_event } from '../../virtio/scsi/registers.ts';
import { completion, latency } from '../completion-options.ts';
import type { MachinePlan } from '../machine-plan.ts';
import { listOf, object, ringSize, whole } from '../option-kinds.ts';
import type { Maker } from '../profile.ts';
import { Adapters, type ScsiFacade, type ScsiSettings } from './adapters.ts';
import type { DeviceDescriptor, Given } from './descriptor.ts';
import { DISKS_DEFAULT, type DiskSchema, disk, loggedDisk } from './disks.ts';
import { completingBy } from './virtio.ts';

const options = {
  /**
   * The disks. Default: one empty disk of 64 MiB. On a machine whose disks are NVMe each is a namespace of the controller
   * nvme_card-pd, the lowest, and a local SSD a controller of its own; there they have no options of SCSI.
   */
  disks: v.optional(v.array<DiskSchema, string>(disk, 'a list of disks')),
  /** The SCSI host adapter, behind which the disks are; of several adapters each. */
  scsi: v.optional(
    object({
      /** Entries of each ring, a power of two. Default 8192 on gceN1, 1024 on qemuPc. */
      ringSize: v.optional(ringSize),
      /**
       * Virtual nanoseconds from kick to completion, 0 to 10^10: always as many, or by chance between the two values of a pair.
       * With a pair disks carry commands out in another order, as far as their task attributes allow. Default 0: within the
       * kick.
       */
      latency: v.optional(latency),
      /**
       * Size of an event in bytes, as the configuration has it, 16 or more: a later standard may define more. Default
       * 16.
       */
      eventInfoSize: v.optional(whole(virtio_scsi_event.size, 0xffff)),
      /** Features to offer beside HOTPLUG and CHANGE: data both ways, and headers with protection information. Default none. */
      features: v.optional(
        listOf(v.picklist(['INOUT', 'T10_PI'], 'INOUT or T10_PI'), 2, 'a list of INOUT and T10_PI'),
      ),
      /** The highest LUN of a target, 0 to 16383. Default 1 on gceN1, 16383 on qemuPc. */
      maxLun: v.optional(whole(0, 16_383)),
      /** How its completions reach the driver. Default: the machine's. */
      completion: v.optional(completion),
    }),
  ),
};

/** What differs between machines: its PCI class, 24 bits, its rings and limits. */
const SHOWN: Record<
  Maker,
  { class: number } & Omit<VirtioScsiOptions, 'ringFeatures' | 'latency' | 'manners'>
> = {
  gce: {
    class: 0x00_0000,
    ringSize: 8192,
    seg_max: 64,
    max_sectors: 0xffff,
    cmd_per_lun: 64,
    event_info_size: virtio_scsi_event.size,
    max_target: 253,
    max_lun: 1,
  },
  qemu: {
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
/** More than a machine of Compute Engine can have. */
const LOGGED_DISKS = 256;

export const SCSI: DeviceDescriptor<typeof options, ScsiSettings, ScsiFacade> = {
  options,
  logged: {
    disks: v.optional(listOf(loggedDisk, LOGGED_DISKS, 'a list of disks')),
    scsi: options.scsi,
  },
  virtio: { name: 'scsi', driver: 'virtio-scsi', options: {} },
  plan,
  plug: (site, settings) => new Adapters(site, settings).facade,
};

function plan(
  { disks = DISKS_DEFAULT, scsi = {} }: Given<typeof options>,
  { profile, virtio }: MachinePlan,
): ScsiSettings {
  const { class: pciClass, ...shown } = SHOWN[profile.maker];
  const isThere = profile.disks === 'scsi';
  const { ringSize = shown.ringSize, latency: takes = 0, maxLun = shown.max_lun } = scsi;
  const { eventInfoSize = shown.event_info_size, features = [] } = scsi;
  const adapter = {
    ...shown,
    ringSize,
    latency: takes,
    max_lun: maxLun,
    event_info_size: eventInfoSize,
    features: features.map((name) => SCSI_FEATURE[name]),
    ...completingBy(virtio, scsi.completion),
  };
  return { class: pciClass, adapter, isThere, disks: isThere ? disks : [] };
}
