import type { GuestPort } from '../../../core/guest-port.ts';
import {
  CDB_SIZE_DEFAULT,
  SCSI_CONTROL,
  SCSI_FEATURE,
  SCSI_QUEUE,
  SCSI_RESPONSE,
  SCSI_TMF,
  SENSE_SIZE_DEFAULT,
  virtio_scsi_config,
  virtio_scsi_ctrl_tmf_req,
} from '../../../virtio/scsi/registers.ts';
import { ExchangeQueue } from '../../virtio/exchange-queue.ts';
import { acceptable, TRANSPORT_FEATURES } from '../../virtio/features.ts';
import { VirtioDriver, type VirtioUse } from '../../virtio/virtio-driver.ts';
import { CommandRunner } from './command-runner.ts';
import { DiskAccess } from './disk-access.ts';
import { DriverScsiEventQueue } from './event-queue.ts';
import { lunField, RequestQueue, type UnitAddress } from './request-queue.ts';

const { HOTPLUG, CHANGE } = SCSI_FEATURE;
const CONFIG = virtio_scsi_config.offset;

/** The control queue, for task management: one function at a time, waiting for each. */
class DriverScsiControlQueue {
  private readonly device: VirtioDriver;
  private readonly queue: ExchangeQueue;
  private readonly request: number;
  private readonly response: number;

  constructor(device: VirtioDriver, index: number) {
    this.device = device;
    this.queue = new ExchangeQueue(device, index);
    this.request = device.port.allocate(virtio_scsi_ctrl_tmf_req.size, 8);
    this.response = device.port.allocate(1, 1);
  }

  /** Resets a unit: its commands in flight end, and it raises a unit attention. False if it refuses. */
  resetUnit(unit: UnitAddress): boolean {
    const { memory } = this.device.port;
    const request = virtio_scsi_ctrl_tmf_req.in(memory.endian ?? 'le');
    memory.write(
      this.request,
      request.encode({
        type: SCSI_CONTROL.TMF,
        subtype: SCSI_TMF.LOGICAL_UNIT_RESET,
        lun: lunField(unit),
        id: 0n,
      }),
    );
    this.queue.exchange(
      [{ address: this.request, length: virtio_scsi_ctrl_tmf_req.size }],
      [{ address: this.response, length: 1 }],
      'LOGICAL UNIT RESET is not answered',
    );
    const response = memory.load(this.response, 1);
    return response === SCSI_RESPONSE.OK || response === SCSI_RESPONSE.FUNCTION_SUCCEEDED;
  }

  release(): void {
    this.device.port.release(this.request);
    this.device.port.release(this.response);
  }
}

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
  // An address of a logical unit has a byte for the target, whatever a device says.
  const maxTarget = Math.min(transport.readConfig(CONFIG.max_target, 2), 0xff);
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
