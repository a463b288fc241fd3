import { hex, type Width } from '../../core/bits.ts';
import type { VirtioDevice } from '../device.ts';
import type { TransportInterrupts } from './interrupts.ts';
import type { ModernRules } from './modern-rules.ts';
import { VIRTIO_PCI_CAP } from './registers.ts';
import type { Structure } from './structure.ts';

/** ISR status: one byte, which reading clears. */
export class IsrStructure implements Structure {
  readonly name = 'ISR';
  readonly type = VIRTIO_PCI_CAP.ISR;
  readonly length = 1;
  private readonly device: VirtioDevice;
  private readonly interrupts: TransportInterrupts;

  constructor(device: VirtioDevice, interrupts: TransportInterrupts) {
    this.device = device;
    this.interrupts = interrupts;
  }

  read(): number {
    this.device.init.touched();
    return this.interrupts.readIsr();
  }

  write(): void {}

  describe(_offset: number, width: number, value: number | null, write: boolean): string {
    return `ISR${value === null ? '' : ` ${write ? '←' : '→'} ${hex(value, width * 2)}`}`;
  }
}

/** The device configuration, byte by byte: only the device type knows its fields. */
export class DeviceConfig implements Structure {
  readonly name = 'device';
  readonly type = VIRTIO_PCI_CAP.DEVICE;
  readonly length: number;
  private readonly device: VirtioDevice;
  private readonly rules: ModernRules;

  constructor(device: VirtioDevice, rules: ModernRules) {
    this.device = device;
    this.rules = rules;
    this.length = device.configBytes;
  }

  read(offset: number, width: Width): number {
    this.device.init.touched();
    let value = 0;
    for (let i = width - 1; i >= 0; i--)
      value = (value << 8) | (offset + i < this.length ? this.device.readConfig(offset + i) : 0xff);
    return value >>> 0;
  }

  write(offset: number, value: number, width: Width): void {
    this.device.init.touched();
    this.rules.written();
    this.rules.configWritten();
    for (let i = 0; i < width; i++)
      if (offset + i < this.length) this.device.writeConfig(offset + i, (value >>> (i * 8)) & 0xff);
  }

  describe(offset: number, width: number, value: number | null, write: boolean): string {
    const shown = value === null ? '' : ` ${write ? '←' : '→'} ${hex(value, width * 2)}`;
    return `config+${hex(offset, 2)}${shown}`;
  }
}
