import { hex, type Width } from '../../../core/bits.ts';
import type { TransportInterrupts } from '../interrupts.ts';
import { accessWidths, LAYOUT_CLAUSE, readDeviceConfig, writeDeviceConfig } from '../layout.ts';
import type { FunctionParts } from '../parts.ts';
import type { DriverSession } from '../session.ts';
import { VIRTIO_PCI_CAP } from './registers.ts';
import type { ModernRules } from './rules.ts';
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

  read(_offset: number, width: Width): number {
    this.session.touched('modern');
    const { board, subject } = this.session.device;
    board.journal.met('virtio/PCI-LAYOUT-D1');
    if (width !== 1)
      board.journal.report('virtio/PCI-LAYOUT-D1', subject, `ISR (1 bytes) was accessed with ${width}`);
    return this.interrupts.readIsr();
  }

  write(): void {}

  describe(_offset: number, width: number, value: number | null, write: boolean): string {
    return `ISR${value === null ? '' : ` ${write ? '←' : '→'} ${hex(value, width * 2)}`}`;
  }
}

/** The device configuration. Any width is answered; one that is not the field's is a finding. */
export class DeviceConfig implements Structure {
  readonly name = 'device';
  readonly type = VIRTIO_PCI_CAP.DEVICE;
  readonly length: number;
  private readonly session: DriverSession;
  private readonly rules: ModernRules;
  /** Null where the device type says nothing of its fields. */
  private readonly widths: Uint8Array | null;

  constructor(session: DriverSession, rules: ModernRules) {
    this.session = session;
    this.rules = rules;
    this.length = session.device.configBytes;
    const { configFields } = session.device;
    this.widths = configFields === null ? null : accessWidths(configFields);
  }

  read(offset: number, width: Width): number {
    this.session.touched('modern');
    this.checkWidth(offset, width);
    return readDeviceConfig(this.session.device, offset, width);
  }

  write(offset: number, value: number, width: Width): void {
    this.session.touched('modern');
    this.checkWidth(offset, width);
    this.rules.written();
    if (!this.rules.configWritten()) return;
    writeDeviceConfig(this.session.device, offset, value, width);
  }

  describe(offset: number, width: number, value: number | null, write: boolean): string {
    const shown = value === null ? '' : ` ${write ? '←' : '→'} ${hex(value, width * 2)}`;
    return `config+${hex(offset, 2)}${shown}`;
  }

  private checkWidth(offset: number, width: Width): void {
    if (this.widths === null) return;
    const is = this.widths[offset]!;
    const { board, subject } = this.session.device;
    const clause = LAYOUT_CLAUSE[is === 0 ? 1 : (is as Width)];
    board.journal.met(clause);
    if (is === width) return;
    const where = `config+${hex(offset, 2)}${is === 0 ? ', inside a field,' : ` (${is} bytes)`}`;
    board.journal.report(clause, subject, `${where} was accessed with ${width}`);
  }
}
