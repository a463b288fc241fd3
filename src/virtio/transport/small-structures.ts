import { hex, type Width } from '../../core/bits.ts';
import type { TransportInterrupts } from './interrupts.ts';
import { readDeviceConfig, writeDeviceConfig } from './layout.ts';
import type { ModernRules } from './modern-rules.ts';
import type { FunctionParts } from './parts.ts';
import { VIRTIO_PCI_CAP } from './registers.ts';
import type { DriverSession } from './session.ts';
import type { Structure } from './structure.ts';

/** ISR status: one byte, which reading clears. */
export class IsrStructure implements Structure {
  readonly name = 'ISR';
  readonly type = VIRTIO_PCI_CAP.ISR;
  readonly length = 1;
  private readonly session: DriverSession;
  private readonly interrupts: TransportInterrupts;

  constructor({ session, interrupts }: FunctionParts) {
    this.session = session;
    this.interrupts = interrupts;
  }

  read(): number {
    this.session.touched('modern');
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
  private readonly session: DriverSession;
  private readonly rules: ModernRules;

  constructor(session: DriverSession, rules: ModernRules) {
    this.session = session;
    this.rules = rules;
    this.length = session.device.configBytes;
  }

  read(offset: number, width: Width): number {
    this.session.touched('modern');
    return readDeviceConfig(this.session.device, offset, width);
  }

  write(offset: number, value: number, width: Width): void {
    this.session.touched('modern');
    this.rules.written();
    if (!this.rules.configWritten()) return;
    writeDeviceConfig(this.session.device, offset, value, width);
  }

  describe(offset: number, width: number, value: number | null, write: boolean): string {
    const shown = value === null ? '' : ` ${write ? '←' : '→'} ${hex(value, width * 2)}`;
    return `config+${hex(offset, 2)}${shown}`;
  }
}
