import type { Register } from '../../core/register.ts';
import { Msix, type MsixLayout } from '../../pci/msix.ts';
import type { PciFunction } from '../../pci/pci-function.ts';
import type { VirtioDevice } from '../device.ts';
import { CONFIG_MSIX_VECTOR, ISR_STATUS, NO_VECTOR, QUEUE_MSIX_VECTOR } from '../registers.ts';

const { QUEUE, CONFIG } = ISR_STATUS.mask;

/** The MSI-X vectors of the configuration and of each queue; a vector that the table lacks is refused as ffff. */
class VectorRegisters {
  config: number = NO_VECTOR;
  readonly queue: Uint16Array;
  private readonly available: number;
  private readonly mappings: number;
  private readonly refused: () => void;

  /** @param mappings how many registers may hold a vector at a time. @param refused called if one more asks for one. */
  constructor(
    queues: number,
    available: number,
    mappings: number = Number.POSITIVE_INFINITY,
    refused: () => void = () => {},
  ) {
    this.available = available;
    this.mappings = mappings;
    this.refused = refused;
    this.queue = new Uint16Array(queues).fill(NO_VECTOR);
  }

  read(register: Register, selected: number): number {
    return register === CONFIG_MSIX_VECTOR ? this.config : (this.queue[selected] ?? NO_VECTOR);
  }

  write(register: Register, selected: number, value: number): void {
    this.put(register, selected, NO_VECTOR);
    if (value >= this.available) return;
    if (this.mapped < this.mappings) this.put(register, selected, value);
    else this.refused();
  }

  /** Removes the vector of queue `index`. @returns the vector if no other register uses it now; else NO_VECTOR. */
  forget(index: number): number {
    const vector = this.queue[index] ?? NO_VECTOR;
    this.put(QUEUE_MSIX_VECTOR, index, NO_VECTOR);
    return this.config === vector || this.queue.includes(vector) ? NO_VECTOR : vector;
  }

  reset(): void {
    this.config = NO_VECTOR;
    this.queue.fill(NO_VECTOR);
  }

  private get mapped(): number {
    return [this.config, ...this.queue].filter((vector) => vector !== NO_VECTOR).length;
  }

  private put(register: Register, selected: number, vector: number): void {
    if (register === CONFIG_MSIX_VECTOR) this.config = vector;
    else if (selected < this.queue.length) this.queue[selected] = vector;
  }
}

/** The interrupts of a virtio function: MSI-X while it is enabled, else ISR and INTx. */
export class TransportInterrupts {
  readonly vectors: VectorRegisters;
  private readonly fn: PciFunction;
  private readonly msix: Msix | null;
  private readonly device: VirtioDevice;
  /** Whether MSI-X is enabled. A field, as it is read at each access. */
  usesMsix = false;
  private isr = 0;

  /** @param msix its table lies in BAR1; null leaves the capability out. */
  constructor(fn: PciFunction, device: VirtioDevice, msix: Omit<MsixLayout, 'bar'> | null) {
    this.fn = fn;
    this.device = device;
    this.msix = msix === null ? null : new Msix(fn, { ...msix, bar: 1 });
    const { mappings } = device.manners.msix;
    const refused = () => device.events?.vectorRefused();
    this.vectors = new VectorRegisters(device.queues.length, this.msix?.vectors ?? 0, mappings, refused);
    if (this.msix !== null) this.msix.onEnable = (enabled) => this.switched(enabled);
  }

  get available(): number {
    return this.msix?.vectors ?? 0;
  }

  queue(index: number): void {
    this.device.events?.interrupted();
    if (this.usesMsix) {
      this.msix!.signal(this.vectors.queue[index]!);
      return;
    }
    this.isr |= QUEUE;
    this.fn.setInterrupt(true);
  }

  /**
   * ISR is set with MSI-X too.
   *
   * @returns false if no vector is set, or INTx is off.
   */
  config(): boolean {
    this.isr |= CONFIG;
    if (this.usesMsix) {
      this.msix!.signal(this.vectors.config);
      return this.vectors.config !== NO_VECTOR;
    }
    this.fn.setInterrupt(true);
    return !this.fn.interruptDisabled;
  }

  /** What keeps an interrupt of queue `index` from the processor, in words; null for nothing. */
  heldBack(index: number): string | null {
    if (!this.usesMsix) return this.fn.interruptDisabled ? 'bit 10 of Command disables INTx' : null;
    const vector = this.vectors.queue[index] ?? NO_VECTOR;
    return vector === NO_VECTOR ? 'the queue has no vector' : this.msix!.heldBack(vector);
  }

  /** Reading clears it and lowers INTx. */
  readIsr(): number {
    const value = this.isr;
    this.isr = 0;
    this.fn.setInterrupt(false);
    this.device.events?.isrTaken(value);
    return value;
  }

  private switched(enabled: boolean): void {
    this.usesMsix = enabled;
    this.fn.setInterrupt(!enabled && this.isr !== 0);
    this.device.events?.msixSwitched(enabled);
  }

  configWritten(): void {
    this.msix?.configWritten();
  }

  /** The driver reset a single queue: its vector is removed, and a pending message of it is dropped. */
  forgetQueue(index: number): void {
    const vector = this.vectors.forget(index);
    if (vector !== NO_VECTOR) this.msix?.forgetPending(vector);
  }

  /** The driver reset the device: MSI-X itself stays enabled, without pending messages. */
  forget(): void {
    this.isr = 0;
    this.msix?.forgetPending();
    this.vectors.reset();
    this.fn.setInterrupt(false);
  }

  reset(): void {
    this.forget();
    this.msix?.reset();
    this.usesMsix = false;
  }
}
