import type { Width } from '../../core/bits.ts';
import type { ResetKind } from '../../core/board.ts';
import type { MsixLayout } from '../../pci/msix.ts';
import { PciFunction } from '../../pci/pci-function.ts';
import type { Transport, VirtioDevice } from '../device.ts';
import { VIRTIO_VENDOR_ID } from '../registers.ts';
import { TransportInterrupts } from './interrupts.ts';
import { ModernInterface } from './modern-interface.ts';
import { MODERN_ID } from './registers.ts';

/** What tells a modern function from a transitional one, which has 0. */
const REVISION = 1;

export interface ModernOptions {
  /** PCI class of the function, 24 bits. */
  readonly class: number;
  readonly msix: Omit<MsixLayout, 'bar'> | null;
}

/**
 * A virtio device on PCI as version 1 has it: no I/O ports, the structures in memory behind BAR4, MSI-X in BAR1
 * (virtio 1.4, Virtio Over PCI Bus). The device must offer VERSION_1.
 *
 * It is as strict as it may be: FEATURES_OK stays clear when VERSION_1 is missing, when a bit was not offered, or
 * when one lacks what it rests on; and a ring that breaks a rule ends in DEVICE_NEEDS_RESET.
 */
export class ModernTransport extends PciFunction implements Transport {
  readonly legacy = false;
  readonly device: VirtioDevice;
  private readonly interrupts: TransportInterrupts;
  private readonly structures: ModernInterface;

  constructor(name: string, device: VirtioDevice, options: ModernOptions) {
    super(name, device.board, {
      vendor: VIRTIO_VENDOR_ID,
      device: MODERN_ID + device.virtioId,
      class: options.class,
      revision: REVISION,
      subsystemVendor: VIRTIO_VENDOR_ID,
      subsystem: MODERN_ID + device.virtioId,
      pin: 1,
    });
    this.device = device;
    device.connect(this);
    this.interrupts = new TransportInterrupts(this, device.queues.length, options.msix);
    this.structures = new ModernInterface(this, device, this.interrupts, () => this.forget());
  }

  queueInterrupt(index: number): void {
    this.interrupts.queue(index);
  }

  configInterrupt(): void {
    this.interrupts.config();
  }

  override readConfig(offset: number, width: Width): number {
    return this.structures.readConfig(offset, width) ?? super.readConfig(offset, width);
  }

  override reset(kind: ResetKind): void {
    this.device.reset(kind);
    this.structures.forget();
    this.interrupts.reset();
    super.reset(kind);
  }

  protected override configWritten(offset: number, width: Width): void {
    this.interrupts.configWritten();
    this.structures.configWritten(offset, width);
  }

  private forget(): void {
    this.structures.forget();
    this.interrupts.forget();
  }
}
