import {
  SCSI_CONTROL,
  SCSI_RESPONSE,
  SCSI_TMF,
  virtio_scsi_ctrl_tmf_req,
} from '../../../virtio/scsi/registers.ts';
import { ExchangeQueue } from '../../virtio/exchange-queue.ts';
import type { VirtioDriver } from '../../virtio/virtio-driver.ts';
import { lunField, type UnitAddress } from './lun.ts';

/** The control queue, for task management: one function at a time, waiting for each. */
export class DriverScsiControlQueue {
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
