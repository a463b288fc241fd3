import { hex, type Width } from '../../../core/bits.ts';
import { type AccessValue, valueText } from '../../../core/register-block.ts';
import type { VirtioDevice } from '../../device.ts';
import type { TransportInterrupts } from '../interrupts.ts';
import { accessWidths, type FunctionParts, readDeviceConfig, writeDeviceConfig } from '../layout.ts';
import type { DriverSession } from '../session.ts';
import { device_status, isr_status, VIRTIO_PCI_CAP } from './registers.ts';

const { FEATURES_OK } = device_status.mask;

/** ISR status: one byte, which reading clears. */
export class IsrStructure implements Structure {
  readonly name = 'ISR';
  readonly type = VIRTIO_PCI_CAP.ISR;
  readonly length = 1;
  private readonly device: VirtioDevice;
  private readonly interrupts: TransportInterrupts;

  constructor({ session, interrupts }: FunctionParts) {
    this.device = session.device;
    this.interrupts = interrupts;
  }

  read(offset: number, width: Width): number {
    this.device.events?.read('modern', isr_status, offset, width);
    return this.interrupts.readIsr();
  }

  write(): void {}

  describe(access: AccessValue): string {
    return `ISR${valueText(access)}`;
  }
}

/** The device configuration. Any access width is answered. */
export class DeviceConfig implements Structure {
  readonly name = 'device';
  readonly type = VIRTIO_PCI_CAP.DEVICE;
  readonly length: number;
  private readonly device: VirtioDevice;
  /** Null if the device type does not define fields. */
  private readonly widths: Int8Array | null;

  constructor({ device }: DriverSession) {
    this.device = device;
    this.length = device.configBytes + device.manners.configTail;
    this.widths = device.configFields === null ? null : accessWidths(device.configFields);
  }

  read(offset: number, width: Width): number {
    this.device.events?.configAccessed('modern', offset, width, this.fieldAt(offset), false);
    return readDeviceConfig(this.device, offset, width);
  }

  write(offset: number, value: number, width: Width): void {
    const { device } = this;
    device.events?.configAccessed('modern', offset, width, this.fieldAt(offset), true);
    const agreed = (device.status & FEATURES_OK) !== 0;
    if (agreed || device.goesAlong('config before FEATURES_OK'))
      writeDeviceConfig(device, offset, value, width);
  }

  describe(access: AccessValue & { offset: number }): string {
    return `config+${hex(access.offset, 2)}${valueText(access)}`;
  }

  private fieldAt(offset: number): number {
    return this.widths?.[offset] ?? 0;
  }
}

/** A structure of the modern interface, as described by a virtio capability. Offsets count from its start. */
export interface Structure {
  readonly name: string;
  /** cfg_type. */
  readonly type: number;
  readonly length: number;
  read(offset: number, width: Width): number;
  write(offset: number, value: number, width: Width): void;
  describe(access: AccessValue & { readonly offset: number }): string;
}
