import { allOnes, type Width } from '../../../core/bits.ts';
import type { Register } from '../../../core/register.ts';
import { type AccessValue, registerBlock } from '../../../core/register-block.ts';
import type { VirtioDevice } from '../../device.ts';
import { CONFIG_MSIX_VECTOR, FEATURE, QUEUE_MSIX_VECTOR } from '../../registers.ts';
import type { TransportInterrupts } from '../interrupts.ts';
import type { FunctionParts } from '../layout.ts';
import type { DriverSession } from '../session.ts';
import { firstNotifyOff } from './notify.ts';
import { QueueSetup } from './queue-setup.ts';
import * as reg from './registers.ts';
import type { Structure } from './small-structures.ts';

const COMMON = registerBlock(reg.COMMON);
const { FEATURES_OK } = reg.device_status.mask;
/**
 * The common configuration (virtio 1.4, Common configuration structure layout).
 *
 * An access that does not match a register's width is answered by the register that begins there, cut or extended with
 * zeros; if none begins there, a read is 0 and a write is lost.
 */
export class CommonConfig implements Structure {
  readonly name = 'common';
  readonly type = reg.VIRTIO_PCI_CAP.COMMON;
  readonly length: number;
  readonly queues: readonly QueueSetup[];
  private readonly device: VirtioDevice;
  private readonly session: DriverSession;
  private readonly interrupts: TransportInterrupts;
  private readonly reset: () => void;
  private deviceWord = 0;
  private driverWord = 0;

  constructor({ session, interrupts, reset }: FunctionParts) {
    const { device } = session;
    this.device = device;
    this.session = session;
    this.interrupts = interrupts;
    this.reset = reset;
    this.queues = device.queues.map((_, index) => new QueueSetup(device, index));
    this.length = lengthFor(device.offers.possible);
  }

  read(offset: number, width: Width): number {
    const register = this.registerAt(offset);
    this.device.events?.read('modern', register, offset, width);
    return register === null ? 0 : this.readRegister(register);
  }

  write(offset: number, value: number, width: Width): void {
    const register = this.registerAt(offset);
    const stored = (value & allOnes(register?.width ?? width)) >>> 0;
    this.device.events?.written('modern', register, offset, width, stored);
    if (register !== null) this.writeRegister(register, stored);
  }

  describe(access: AccessValue & { offset: number }): string {
    return COMMON.describe(access, '', 'common');
  }

  forget(): void {
    this.deviceWord = this.driverWord = 0;
    for (const queue of this.queues) queue.reset();
  }

  private registerAt(offset: number): Register | null {
    return offset < this.length ? COMMON.at(offset) : null;
  }

  /** The selected queue, or null if the device has none. */
  private get queue(): QueueSetup | null {
    const { selected } = this.session;
    return (this.device.queueAt(selected)?.maximum ?? 0) > 0 ? this.queues[selected]! : null;
  }

  private readRegister(register: Register): number {
    const { device, queue } = this;
    const { selected } = this.session;
    switch (register) {
      case reg.device_feature_select:
        return this.deviceWord;
      case reg.device_feature:
        return device.offers.modern.words[this.deviceWord] ?? 0;
      case reg.driver_feature_select:
        return this.driverWord;
      case reg.driver_feature:
        return device.accepted.words[this.driverWord] ?? 0;
      case reg.config_msix_vector:
        return this.interrupts.vectors.read(CONFIG_MSIX_VECTOR, selected);
      case reg.num_queues:
        return device.numQueues;
      case reg.device_status:
        device.events?.statusRead(device.status);
        return device.status;
      case reg.config_generation:
        return device.generation;
      case reg.queue_select:
        return selected;
      case reg.queue_size:
        return device.queueAt(selected)?.size ?? 0;
      case reg.queue_msix_vector:
        return this.interrupts.vectors.read(QUEUE_MSIX_VECTOR, selected);
      case reg.queue_enable:
        return queue?.enabled ? 1 : 0;
      case reg.queue_notify_off:
        return queue === null ? 0 : firstNotifyOff(device) + selected;
      case reg.queue_notif_config_data:
        return queue === null ? 0 : reg.notifConfigData(selected);
      case reg.queue_reset:
        return 0;
      case reg.admin_queue_index:
        return device.adminQueue ?? 0;
      case reg.admin_queue_num:
        return device.adminQueue === null ? 0 : 1;
      default:
        return queue?.readAddress(register) ?? 0;
    }
  }

  private writeRegister(register: Register, value: number): void {
    switch (register) {
      case reg.device_feature_select:
        this.deviceWord = value;
        break;
      case reg.driver_feature_select:
        this.driverWord = value;
        break;
      case reg.driver_feature:
        this.acceptFeatures(value);
        break;
      case reg.config_msix_vector:
        this.interrupts.vectors.write(CONFIG_MSIX_VECTOR, this.session.selected, value);
        break;
      case reg.device_status:
        this.writeStatus(value);
        break;
      case reg.queue_select:
        this.session.selected = value;
        break;
      default:
        if (register.writable !== 0) this.writeQueueRegister(register, value);
    }
  }

  private acceptFeatures(value: number): void {
    if ((this.device.status & FEATURES_OK) !== 0) return;
    this.session.negotiate('modern');
    this.device.acceptFeatures(this.driverWord, value);
  }

  private writeStatus(value: number): void {
    if (value === 0) this.reset();
    else this.device.setStatus(value);
  }

  private writeQueueRegister(register: Register, value: number): void {
    const { queue } = this;
    const { selected } = this.session;
    if (queue === null) return;
    switch (register) {
      case reg.queue_size:
        queue.writeSize(value);
        break;
      case reg.queue_msix_vector:
        this.interrupts.vectors.write(QUEUE_MSIX_VECTOR, selected, value);
        break;
      case reg.queue_enable:
        queue.writeEnable(value);
        break;
      case reg.queue_reset:
        if (queue.writeReset(value)) this.interrupts.forgetQueue(selected);
        break;
      default:
        queue.writeAddress(register, value);
    }
  }
}

/** Length up to the last register of the offered features. */
function lengthFor(offered: readonly number[]): number {
  if (offered.includes(FEATURE.ADMIN_VQ)) return reg.COMMON_LENGTH.admin;
  const further = [FEATURE.NOTIF_CONFIG_DATA, FEATURE.RING_RESET].some((bit) => offered.includes(bit));
  return further ? reg.COMMON_LENGTH.full : reg.COMMON_LENGTH.basic;
}
