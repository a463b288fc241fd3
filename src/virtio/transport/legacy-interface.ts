import type { Described, Region } from '../../core/access.ts';
import { allOnes, hex, type Width } from '../../core/bits.ts';
import type { Register } from '../../core/register.ts';
import { registerBlock, valueText } from '../../core/register-block.ts';
import type { UserCalls } from '../../core/user-calls.ts';
import type { VirtioDevice } from '../device.ts';
import * as reg from '../registers.ts';
import type { TransportInterrupts } from './interrupts.ts';
import type { FunctionParts } from './layout.ts';
import { readDeviceConfig, writeDeviceConfig } from './layout.ts';
import type { DriverSession } from './session.ts';

const { FEATURES_OK } = reg.DEVICE_STATUS.mask;
const HEADER = registerBlock(reg.LEGACY_HEADER);

/**
 * The interface before version 1: a header of registers in I/O space behind BAR0, the device configuration behind it
 * (virtio 1.4, Legacy Interfaces: A Note on PCI Device Layout).
 *
 * BAR0 is the next power of two that holds header, vectors and configuration. An access that does not match a
 * register's width is answered as by QEMU: by the register that begins there, cut or extended with zeros, and by all
 * ones between registers.
 */
export class LegacyInterface implements Region {
  readonly name: string;
  readonly size: number;
  private readonly device: VirtioDevice;
  private readonly session: DriverSession;
  private readonly interrupts: TransportInterrupts;
  private readonly reset: () => void;
  private readonly userCalls: UserCalls;

  constructor({ fn, session, interrupts, reset }: FunctionParts) {
    this.name = fn.name;
    this.device = session.device;
    this.session = session;
    this.interrupts = interrupts;
    this.reset = reset;
    this.userCalls = fn.board.clock.userCalls;
    const { configBytes, manners } = this.device;
    const used = reg.LEGACY_CONFIG.withMsix + configBytes + manners.configTail;
    this.size = 2 ** Math.ceil(Math.log2(used));
    fn.addBar(0, 'io', this);
  }

  context(): number {
    return this.interrupts.usesMsix ? 1 : 0;
  }

  read(offset: number, width: Width): number {
    if (offset >= this.configBase) {
      this.device.events?.configAccessed('legacy', offset - this.configBase, width, 0, false);
      return readDeviceConfig(this.device, offset - this.configBase, width);
    }
    const register = HEADER.at(offset);
    this.device.events?.read('legacy', register, offset, width);
    return register === null ? allOnes(width) : this.readRegister(register);
  }

  /** While a device runs a callback, it is in the middle of its work: writes wait. */
  write(offset: number, value: number, width: Width): void {
    if (this.userCalls.isCalling) {
      this.userCalls.later(() => this.write(offset, value, width));
      return;
    }
    if (offset >= this.configBase) {
      this.device.events?.configAccessed('legacy', offset - this.configBase, width, 0, true);
      writeDeviceConfig(this.device, offset - this.configBase, value, width);
      return;
    }
    const register = HEADER.at(offset);
    const stored = (value & allOnes(register?.width ?? width)) >>> 0;
    if (register === reg.QUEUE_NOTIFY)
      this.device.events?.notifyWritten('legacy', stored, offset, width, stored);
    else this.device.events?.written('legacy', register, offset, width, stored);
    if (register !== null) this.writeRegister(register, stored);
  }

  describe(access: Described): string {
    const { offset, context } = access;
    const base = context === 1 ? reg.LEGACY_CONFIG.withMsix : reg.LEGACY_CONFIG.withoutMsix;
    if (offset >= base) return `${this.name} config+${hex(offset - base, 2)}${valueText(access)}`;
    return HEADER.describe(access, this.name);
  }

  private get configBase(): number {
    return this.interrupts.usesMsix ? reg.LEGACY_CONFIG.withMsix : reg.LEGACY_CONFIG.withoutMsix;
  }

  private readRegister(register: Register): number {
    const { device, session } = this;
    const queue = device.queueAt(session.selected);
    switch (register) {
      case reg.DEVICE_FEATURES:
        return device.offers.legacy.words[0]!;
      case reg.DRIVER_FEATURES:
        return device.accepted.words[0]!;
      case reg.QUEUE_ADDRESS:
        return (queue?.address ?? 0) / reg.LEGACY_QUEUE_ALIGN;
      case reg.QUEUE_SIZE:
        return queue?.size ?? 0;
      case reg.QUEUE_SELECT:
        return session.selected;
      case reg.DEVICE_STATUS:
        device.events?.statusRead(device.status);
        return device.status;
      case reg.ISR_STATUS:
        return this.interrupts.readIsr();
      case reg.CONFIG_MSIX_VECTOR:
      case reg.QUEUE_MSIX_VECTOR:
        return this.interrupts.vectors.read(register, session.selected);
      default:
        return 0;
    }
  }

  private writeRegister(register: Register, value: number): void {
    const { device, session, interrupts } = this;
    switch (register) {
      case reg.DRIVER_FEATURES:
        this.acceptFeatures(value);
        break;
      case reg.QUEUE_ADDRESS:
        this.setQueueAddress(value);
        break;
      case reg.QUEUE_SELECT:
        session.selected = value;
        break;
      case reg.QUEUE_NOTIFY:
        device.notify(value);
        break;
      case reg.DEVICE_STATUS:
        this.writeStatus(value);
        break;
      case reg.CONFIG_MSIX_VECTOR:
      case reg.QUEUE_MSIX_VECTOR:
        interrupts.vectors.write(register, session.selected, value);
    }
  }

  /** A negotiation that the modern interface ended cannot be reopened. */
  private acceptFeatures(value: number): void {
    const { device, session } = this;
    if (!session.legacy && (device.status & FEATURES_OK) !== 0) return;
    session.negotiate('legacy');
    device.acceptFeatures(0, value);
  }

  private writeStatus(value: number): void {
    if (value === 0) {
      this.reset();
      return;
    }
    this.device.setStatus(value);
  }

  private setQueueAddress(pfn: number): void {
    const { device } = this;
    const queue = device.queueAt(this.session.selected);
    if (queue === undefined || queue.size === 0) return;
    if (pfn === 0) {
      queue.reset();
      return;
    }
    if (!device.takesQueue()) return;
    const at = pfn * reg.LEGACY_QUEUE_ALIGN;
    const layout = reg.legacyQueueLayout(queue.size);
    queue.configure(at, at + layout.avail, at + layout.used);
  }
}
