import type { Register } from '../../core/register.ts';
import { CONFIG_MSIX_VECTOR, NO_VECTOR } from '../registers.ts';

/** Which MSI-X vector the configuration and each queue use; a vector that the table lacks is refused as ffff. */
export class VectorRegisters {
  config: number = NO_VECTOR;
  readonly queue: Uint16Array;
  private readonly available: number;

  constructor(queues: number, available: number) {
    this.available = available;
    this.queue = new Uint16Array(queues).fill(NO_VECTOR);
  }

  read(register: Register, selected: number): number {
    return register === CONFIG_MSIX_VECTOR ? this.config : (this.queue[selected] ?? NO_VECTOR);
  }

  write(register: Register, selected: number, value: number): void {
    const taken = value < this.available ? value : NO_VECTOR;
    if (register === CONFIG_MSIX_VECTOR) this.config = taken;
    else if (selected < this.queue.length) this.queue[selected] = taken;
  }

  reset(): void {
    this.config = NO_VECTOR;
    this.queue.fill(NO_VECTOR);
  }
}
