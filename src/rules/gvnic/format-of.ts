import type { GvnicEvents } from '../../gvnic/events.ts';
import {
  adminq_command,
  COMMAND_STATUS,
  configure_device_resources,
  OPCODE,
  SLOT_BYTES,
} from '../../gvnic/registers/admin.ts';
import { QUEUE_FORMAT } from '../../gvnic/registers/descriptor.ts';

const FORMAT_AT = adminq_command.offset.payload + configure_device_resources.offset.queue_format;

/** Follows the format of rings that a driver chose. */
export class FormatOf implements Partial<GvnicEvents> {
  format = 0;
  /** The command under way. */
  protected readonly slot = new Uint8Array(SLOT_BYTES);

  get isDqo(): boolean {
    return this.format >= QUEUE_FORMAT.DQO_RDA;
  }

  commanded(slot: Uint8Array): void {
    this.slot.set(slot);
  }

  answered(opcode: number, status: number): void {
    if (opcode === OPCODE.CONFIGURE_DEVICE_RESOURCES && status === COMMAND_STATUS.PASSED)
      this.format = this.slot[FORMAT_AT]! || QUEUE_FORMAT.GQI_QPL;
  }
}
