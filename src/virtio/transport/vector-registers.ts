import type { Register } from '../../core/register.ts';
import type { PciFunction } from '../../pci/pci-function.ts';
import { CONFIG_MSIX_VECTOR, NO_VECTOR } from '../registers.ts';

/** Which MSI-X vector the configuration and each queue use; a vector that the table lacks is refused as ffff. */
export class VectorRegisters {
  config: number = NO_VECTOR;
  readonly queue: Uint16Array;
  private readonly fn: PciFunction;
  private readonly available: number;
  private unread: Register | null = null;

  constructor(fn: PciFunction, queues: number, available: number) {
    this.fn = fn;
    this.available = available;
    this.queue = new Uint16Array(queues).fill(NO_VECTOR);
  }

  read(register: Register, selected: number): number {
    this.unread = null;
    return register === CONFIG_MSIX_VECTOR ? this.config : (this.queue[selected] ?? NO_VECTOR);
  }

  write(register: Register, selected: number, value: number): void {
    this.unread = register;
    const taken = this.check(value);
    if (register === CONFIG_MSIX_VECTOR) this.config = taken;
    else if (selected < this.queue.length) this.queue[selected] = taken;
  }

  /** The driver goes on to another queue or status: a vector it set must have been read back. */
  mustBeRead(msix: boolean): void {
    const { unread } = this;
    this.unread = null;
    if (!msix) return;
    const { journal } = this.fn.board;
    journal.met('virtio/MSIX-D3');
    if (unread !== null)
      journal.report('virtio/MSIX-D3', this.fn.subject, `${unread.name} was written and not read back`);
  }

  reset(): void {
    this.config = NO_VECTOR;
    this.queue.fill(NO_VECTOR);
    this.unread = null;
  }

  private check(value: number): number {
    const { journal } = this.fn.board;
    journal.met('virtio/MSIX-D2');
    if (value === NO_VECTOR || value < this.available) return value;
    journal.report('virtio/MSIX-D2', this.fn.subject, `vector ${value} was asked for, of ${this.available}`);
    return NO_VECTOR;
  }
}
