import type { Region } from '../../core/access.ts';
import { allOnes, hex, type Width } from '../../core/bits.ts';
import type { ResetKind } from '../../core/board.ts';
import type { ClauseId } from '../../core/clause.ts';
import type { Register } from '../../core/register.ts';
import { Msix, type MsixLayout } from '../../pci/msix.ts';
import { PciFunction } from '../../pci/pci-function.ts';
import type { Transport, VirtioDevice } from '../device.ts';
import * as reg from '../registers.ts';
import { VectorRegisters } from './vector-registers.ts';

const { QUEUE, CONFIG } = reg.ISR_STATUS.mask;
const HEADER = [
  reg.DEVICE_FEATURES,
  reg.DRIVER_FEATURES,
  reg.QUEUE_ADDRESS,
  reg.QUEUE_SIZE,
  reg.QUEUE_SELECT,
  reg.QUEUE_NOTIFY,
  reg.DEVICE_STATUS,
  reg.ISR_STATUS,
];
const VECTORS = [reg.CONFIG_MSIX_VECTOR, reg.QUEUE_MSIX_VECTOR];
const LAYOUT_CLAUSE: Record<Width, ClauseId> = {
  1: 'virtio/PCI-LAYOUT-D1',
  2: 'virtio/PCI-LAYOUT-D2',
  4: 'virtio/PCI-LAYOUT-D3',
};

export interface LegacyOptions {
  /** PCI class of the function, 24 bits. */
  readonly class: number;
  readonly msix: Omit<MsixLayout, 'bar'> | null;
}

/**
 * A virtio device on PCI as it was before version 1: a header of registers in I/O space behind BAR0, the device
 * configuration behind it, MSI-X in BAR1 (virtio 1.4, Legacy Interfaces: A Note on PCI Device Layout).
 *
 * BAR0 is the next power of two that holds header, vectors and configuration. An access that does not fit a
 * register's width is a finding, and is answered as QEMU answers it: by the register that begins there, cut or
 * extended with zeros, and all ones between registers.
 */
export class LegacyTransport extends PciFunction implements Transport, Region {
  readonly legacy = true;
  readonly size: number;
  readonly device: VirtioDevice;
  private readonly msix: Msix | null;
  private isr = 0;
  private selected = 0;
  private readonly vectors: VectorRegisters;
  private readonly sizesRead = new Set<number>();

  constructor(name: string, device: VirtioDevice, options: LegacyOptions) {
    super(name, device.board, {
      vendor: reg.VIRTIO_VENDOR_ID,
      device: transitionalId(device.virtioId),
      class: options.class,
      revision: 0,
      subsystemVendor: reg.VIRTIO_VENDOR_ID,
      subsystem: device.virtioId,
      pin: 1,
    });
    this.device = device;
    this.size = 2 ** Math.ceil(Math.log2(reg.LEGACY_CONFIG.withMsix + device.configBytes));
    this.addBar(0, 'io', this);
    this.msix = options.msix === null ? null : new Msix(this, { ...options.msix, bar: 1 });
    this.vectors = new VectorRegisters(this, device.queues.length, this.msix?.vectors ?? 0);
    if (this.msix !== null) this.msix.onEnable = () => this.setInterrupt(!this.usesMsix && this.isr !== 0);
    device.connect(this);
  }

  queueInterrupt(index: number): void {
    if (this.usesMsix) {
      this.msix!.signal(this.vectors.queue[index]!);
      return;
    }
    this.isr |= QUEUE;
    this.setInterrupt(true);
  }

  configInterrupt(): void {
    this.isr |= CONFIG;
    if (this.usesMsix) this.msix!.signal(this.vectors.config);
    else this.setInterrupt(true);
  }

  context(): number {
    return this.usesMsix ? 1 : 0;
  }

  read(offset: number, width: Width): number {
    if (offset >= this.configBase) return this.readDeviceConfig(offset - this.configBase, width);
    const register = this.registerAt(offset);
    this.checkWidth(register, offset, width);
    if (register === null) return allOnes(width);
    return this.readRegister(register);
  }

  write(offset: number, value: number, width: Width): void {
    if (offset >= this.configBase) {
      this.writeDeviceConfig(offset - this.configBase, value, width);
      return;
    }
    const register = this.registerAt(offset);
    this.checkWidth(register, offset, width);
    if (register !== null) this.writeRegister(register, (value & allOnes(register.width)) >>> 0);
  }

  describe(access: {
    offset: number;
    width: number;
    value: number | null;
    write: boolean;
    context: number;
  }): string {
    const { offset, width, value, write, context } = access;
    const shown = value === null ? '' : ` ${write ? '←' : '→'} ${hex(value, width * 2)}`;
    const base = context === 1 ? reg.LEGACY_CONFIG.withMsix : reg.LEGACY_CONFIG.withoutMsix;
    if (offset >= base) return `${this.name} config+${hex(offset - base, 2)}${shown}`;
    const register = this.registerAt(offset);
    if (register === null) return `${this.name}+${hex(offset, 2)}${shown}`;
    const fields =
      value === null || Object.keys(register.fields).length < 2 ? '' : `  ${register.format(value)}`;
    return `${this.name} ${register.name}${shown}${fields}`;
  }

  override reset(kind: ResetKind): void {
    this.device.reset(kind);
    this.forget();
    this.msix?.reset();
    super.reset(kind);
  }

  protected override configWritten(): void {
    this.msix?.configWritten();
  }

  private get usesMsix(): boolean {
    return this.msix?.enabled === true;
  }

  private get configBase(): number {
    return this.usesMsix ? reg.LEGACY_CONFIG.withMsix : reg.LEGACY_CONFIG.withoutMsix;
  }

  private registerAt(offset: number): Register | null {
    for (const register of HEADER) if (register.offset === offset) return register;
    for (const register of VECTORS) if (register.offset === offset) return register;
    return null;
  }

  private readRegister(register: Register): number {
    const { device } = this;
    const queue = device.queues[this.selected];
    if (register !== reg.DEVICE_STATUS) device.init.touched();
    switch (register) {
      case reg.DEVICE_FEATURES:
        device.init.offerRead();
        return device.offered.words[0]!;
      case reg.DRIVER_FEATURES:
        return device.accepted.words[0]!;
      case reg.QUEUE_ADDRESS:
        return (queue?.address ?? 0) / reg.LEGACY_QUEUE_ALIGN;
      case reg.QUEUE_SIZE:
        this.sizesRead.add(this.selected);
        return queue?.size ?? 0;
      case reg.QUEUE_SELECT:
        return this.selected;
      case reg.DEVICE_STATUS:
        device.init.statusRead(device.status);
        return device.status;
      case reg.ISR_STATUS:
        return this.readIsr();
      case reg.CONFIG_MSIX_VECTOR:
      case reg.QUEUE_MSIX_VECTOR:
        return this.vectors.read(register, this.selected);
      default:
        return 0;
    }
  }

  private writeRegister(register: Register, value: number): void {
    const { device } = this;
    switch (register) {
      case reg.DRIVER_FEATURES:
        device.acceptFeatures(0, value);
        break;
      case reg.QUEUE_ADDRESS:
        this.setQueueAddress(value);
        break;
      case reg.QUEUE_SELECT:
        this.vectors.mustBeRead(this.usesMsix);
        this.selected = value;
        break;
      case reg.QUEUE_NOTIFY:
        device.notify(value);
        break;
      case reg.DEVICE_STATUS:
        if (value !== 0) this.vectors.mustBeRead(this.usesMsix);
        device.setStatus(value);
        if (value === 0) this.forget();
        break;
      case reg.CONFIG_MSIX_VECTOR:
      case reg.QUEUE_MSIX_VECTOR:
        this.vectors.write(register, this.selected, value);
        break;
      default:
        this.report(
          'virtio/VQ-IMP-16',
          `${register.name} was written with ${hex(value, register.width * 2)}`,
        );
    }
  }

  private setQueueAddress(pfn: number): void {
    const { device, selected } = this;
    const queue = device.queues[selected];
    const { journal } = this.board;
    journal.met('virtio/VQ-IMP-15');
    if (queue === undefined || queue.size === 0) {
      this.report('virtio/VQ-IMP-15', `queue ${selected} was set up; there are ${device.queues.length}`);
      return;
    }
    if (pfn === 0) {
      queue.reset();
      return;
    }
    device.init.queueSetUp(selected);
    journal.met('virtio/VQ-SPLIT-LEG-D1');
    if (!this.sizesRead.has(selected))
      this.report('virtio/VQ-SPLIT-LEG-D1', `queue ${selected} was set up before its size was read`);
    const at = pfn * reg.LEGACY_QUEUE_ALIGN;
    const layout = reg.legacyQueueLayout(queue.size);
    queue.configure(at, at + layout.avail, at + layout.used);
  }

  private readIsr(): number {
    const value = this.isr;
    this.isr = 0;
    this.setInterrupt(false);
    this.board.journal.met('virtio/PCI-ISR-D1');
    if (this.usesMsix) this.report('virtio/PCI-ISR-D1', 'ISR was read while MSI-X was enabled');
    return value;
  }

  private readDeviceConfig(offset: number, width: Width): number {
    this.device.init.touched();
    let value = 0;
    for (let i = width - 1; i >= 0; i--)
      value =
        (value << 8) | (offset + i < this.device.configBytes ? this.device.readConfig(offset + i) : 0xff);
    return value >>> 0;
  }

  private writeDeviceConfig(offset: number, value: number, width: Width): void {
    this.device.init.touched();
    for (let i = 0; i < width; i++)
      if (offset + i < this.device.configBytes)
        this.device.writeConfig(offset + i, (value >>> (i * 8)) & 0xff);
  }

  private checkWidth(register: Register | null, offset: number, width: Width): void {
    const { journal } = this.board;
    const clause = register === reg.QUEUE_NOTIFY ? 'virtio/PCI-KICK-D1' : LAYOUT_CLAUSE[register?.width ?? 1];
    journal.met(clause);
    if (register === null)
      this.report(clause, `${width} bytes were accessed at ${hex(offset, 2)}, inside a register`);
    else if (register.width !== width)
      this.report(clause, `${register.name} (${register.width} bytes) was accessed with ${width}`);
  }

  private report(clause: ClauseId, said: string): void {
    this.board.journal.report(clause, this.subject, said);
  }

  private forget(): void {
    this.isr = 0;
    this.selected = 0;
    this.vectors.reset();
    this.sizesRead.clear();
    this.setInterrupt(false);
  }
}

function transitionalId(virtioId: number): number {
  const type = (Object.keys(reg.VIRTIO_ID) as (keyof typeof reg.VIRTIO_ID)[]).find(
    (name) => reg.VIRTIO_ID[name] === virtioId,
  )!;
  return reg.TRANSITIONAL_ID[type];
}
