import type { Width } from '../../core/bits.ts';
import type { ResetKind } from '../../core/board.ts';
import type { MsixLayout } from '../../pci/msix.ts';
import { type Identity, PciFunction } from '../../pci/pci-function.ts';
import type { VirtioDevice } from '../device.ts';
import type { Transport } from '../device-shape.ts';
import type { Interface, Oddity } from '../events.ts';
import type { Shows } from '../manners.ts';
import { TRANSITIONAL_ID, VIRTIO_ID, VIRTIO_VENDOR_ID } from '../registers.ts';
import { TransportInterrupts } from './interrupts.ts';
import { LegacyInterface } from './legacy-interface.ts';
import { pickDecoys } from './modern/decoys.ts';
import { ModernInterface } from './modern/interface.ts';
import { MODERN_ID } from './modern/registers.ts';
import { DriverSession } from './session.ts';

const INTERFACES: Record<Shows, readonly Interface[]> = {
  legacy: ['legacy'],
  transitional: ['legacy', 'modern'],
  modern: ['modern'],
};

interface FunctionOptions {
  /** PCI class of the function, 24 bits. */
  readonly class: number;
  /** The table lies in BAR1; null leaves the capability out. */
  readonly msix: Omit<MsixLayout, 'bar'> | null;
}

/**
 * A virtio device on PCI (virtio 1.4, Virtio Over PCI Bus): the legacy header in I/O space behind BAR0, the modern
 * structures in memory behind BAR4, or both, by the device's manners; they share one device, its interrupts and its driver.
 *
 * The device's strictness decides the reaction to a driver's faults.
 *
 * @example
 * new VirtioFunction('net0', device, { class: 0x020000, msix: { vectors: 3 } });
 */
export class VirtioFunction extends PciFunction implements Transport {
  readonly device: VirtioDevice;
  private readonly session: DriverSession;
  readonly interrupts: TransportInterrupts;
  private readonly structures: ModernInterface | null;

  /** @param device offers VERSION_1, unless the function has the legacy interface only. */
  constructor(name: string, device: VirtioDevice, options: FunctionOptions) {
    const { class: pciClass, msix } = options;
    const { decoys: withDecoys, shows } = device.manners;
    super(name, device.board, { ...identity(device), class: pciClass, pin: 1 });
    this.device = device;
    device.connect(this);
    this.session = new DriverSession(device, INTERFACES[shows]);
    this.interrupts = new TransportInterrupts(this, device, msix);
    const parts = {
      fn: this,
      session: this.session,
      interrupts: this.interrupts,
      reset: () => this.restart(),
    };
    const decoys = withDecoys ? pickDecoys(device.board.random) : null;
    if (shows !== 'modern') new LegacyInterface(parts);
    this.structures = shows === 'legacy' ? null : new ModernInterface(parts, decoys);
    if (device.manners.capabilityLoop) this.closeList();
  }

  get interfaces(): readonly Interface[] {
    return this.session.interfaces;
  }

  /** Adds capabilities that a driver must skip. */
  get oddities(): readonly Oddity[] {
    return this.structures?.oddities ?? [];
  }

  /** Entries of the MSI-X table; 0 without. */
  get vectors(): number {
    return this.interrupts.available;
  }

  /** What keeps an interrupt of a queue from the processor, in words; null for nothing. */
  heldBack(queue: number): string | null {
    return this.interrupts.heldBack(queue);
  }

  get legacy(): boolean {
    return this.session.legacy;
  }

  override readConfig(offset: number, width: Width): number {
    return this.structures?.readConfig(offset, width) ?? super.readConfig(offset, width);
  }

  /** As a write to a register of the device: see `LegacyInterface.write`. */
  override writeConfig(offset: number, value: number, width: Width): void {
    const { userCalls } = this.board.clock;
    if (userCalls.isCalling) userCalls.later(() => super.writeConfig(offset, value, width));
    else super.writeConfig(offset, value, width);
  }

  override reset(kind: ResetKind): void {
    this.device.reset(kind);
    this.forget();
    this.interrupts.reset();
    super.reset(kind);
  }

  protected override configWritten(offset: number, width: Width): void {
    this.interrupts.configWritten();
    this.structures?.configWritten(offset, width);
  }

  /** The driver wrote 0 to the status, by either interface. */
  private restart(): void {
    this.device.setStatus(0);
    this.forget();
  }

  private forget(): void {
    this.session.forget();
    this.interrupts.forget();
    this.structures?.forget();
  }
}

function identity({ virtioId, manners }: VirtioDevice): Identity {
  const modern = manners.shows === 'modern';
  const id = MODERN_ID + virtioId;
  return {
    vendor: VIRTIO_VENDOR_ID,
    device: modern ? id : transitionalId(virtioId),
    class: 0,
    // Modern functions have revision 1 or more, transitional ones 0; drivers ignore both.
    revision: modern ? manners.revision : 0,
    subsystemVendor: VIRTIO_VENDOR_ID,
    subsystem: modern ? id : virtioId,
  };
}

function transitionalId(virtioId: number): number {
  const type = (Object.keys(VIRTIO_ID) as (keyof typeof VIRTIO_ID)[]).find(
    (name) => VIRTIO_ID[name] === virtioId,
  )!;
  return TRANSITIONAL_ID[type];
}
