import type { Register } from '../../core/register.ts';
import { CONFIG_MSIX_VECTOR, NO_VECTOR, QUEUE_MSIX_VECTOR } from '../registers.ts';

/** The MSI-X vectors of the configuration and of each queue; a vector that the table lacks is refused as ffff. */
export class VectorRegisters {
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
