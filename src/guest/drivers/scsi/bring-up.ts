import type { GuestPort } from '../../../core/guest-port.ts';
import {
  CDB_SIZE_DEFAULT,
  SCSI_FEATURE,
  SCSI_QUEUE,
  SENSE_SIZE_DEFAULT,
  virtio_scsi_config,
} from '../../../virtio/scsi/registers.ts';
import { acceptable, TRANSPORT_FEATURES } from '../../virtio/features.ts';
import { VirtioDriver, type VirtioUse } from '../../virtio/virtio-driver.ts';
import { CommandRunner } from './command-runner.ts';
import { DriverScsiControlQueue } from './control-queue.ts';
import { DiskAccess } from './disk-access.ts';
import { DriverScsiEventQueue } from './event-queue.ts';
import { RequestQueue } from './request-queue.ts';

const { HOTPLUG, CHANGE } = SCSI_FEATURE;
const CONFIG = virtio_scsi_config.offset;

/** An adapter after bring-up: its configuration, and its queues. */
export interface Adapter {
  readonly device: VirtioDriver;
  readonly maxTarget: number;
  readonly maxLun: number;
  readonly control: DriverScsiControlQueue;
  readonly eventQueue: DriverScsiEventQueue;
  readonly requests: RequestQueue;
  readonly runner: CommandRunner;
  readonly disks: DiskAccess;
}

/** From reset to DRIVER_OK, with event buffers if the adapter sends events. */
export function bringUp(port: GuestPort, bdf: number, use: VirtioUse): Adapter {
  const device = new VirtioDriver(port, bdf, 'virtio-scsi', use);
  device.negotiate((offered) => acceptable(offered, [HOTPLUG, CHANGE, ...TRANSPORT_FEATURES]));
  const { transport, features } = device;
  const maxTarget = transport.readConfig(CONFIG.max_target, 2);
  const maxLun = transport.readConfig(CONFIG.max_lun, 4);
  const control = new DriverScsiControlQueue(device, SCSI_QUEUE.control);
  const eventSize = transport.readConfig(CONFIG.event_info_size, 4);
  const eventQueue = new DriverScsiEventQueue(device, SCSI_QUEUE.event, eventSize);
  const requests = new RequestQueue(device, SCSI_QUEUE.request, transport.readConfig(CONFIG.seg_max, 4));
  const runner = new CommandRunner(device, requests);
  const disks = new DiskAccess(runner, {
    segments: requests.pagesMax,
    sectors: transport.readConfig(CONFIG.max_sectors, 4),
    depth: transport.readConfig(CONFIG.cmd_per_lun, 4),
  });
  // The only two fields a driver may write; an earlier driver may have changed them.
  transport.writeConfig(CONFIG.sense_size, SENSE_SIZE_DEFAULT, 4);
  transport.writeConfig(CONFIG.cdb_size, CDB_SIZE_DEFAULT, 4);
  device.ready();
  if (features.has(HOTPLUG) || features.has(CHANGE)) eventQueue.stock();
  return { device, maxTarget, maxLun, control, eventQueue, requests, runner, disks };
}

/** Resets the adapter, and frees its rings and buffers. */
export function takeDown({ device, control, eventQueue, requests }: Adapter): void {
  device.close();
  control.release();
  eventQueue.release();
  requests.release();
}
