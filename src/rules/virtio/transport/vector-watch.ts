import type { Nanos } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Register } from '../../../core/register.ts';
import { Watch } from '../../../core/watch.ts';
import { NO_VECTOR, QUEUE_MSIX_VECTOR } from '../../../virtio/registers.ts';
import { queue_msix_vector } from '../../../virtio/transport/modern/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import { VECTOR_RULES, type VectorKnows, type VectorMoment } from './vectors.ts';

/** Watches how a driver sets up and takes interrupts. */
export class VectorWatch implements VectorKnows {
  msix = false;
  vector = 0;
  mapped: Register | null = null;
  unread = false;
  mappedAt = 0;
  isrRead = false;
  /** Queues that have a vector. */
  readonly listened = new Set<number>();
  private messages = 0;
  private last: Nanos = 0;
  private readonly facts: VirtioFacts;
  private readonly journal: Journal;
  private readonly on;

  constructor(facts: VirtioFacts, journal: Journal) {
    this.facts = facts;
    this.journal = journal;
    const watch = new Watch<VectorKnows, VectorMoment>(journal, VECTOR_RULES);
    this.on = {
      mapped: watch.at('mapped'),
      left: watch.at('left'),
      interrupted: watch.at('interrupted'),
      isr: watch.at('isr'),
    };
    journal.beforeReading(() => this.settle());
  }

  get subject(): string {
    return this.facts.subject();
  }

  get vectors(): number {
    return this.facts.vectors;
  }

  power(): void {
    this.switched(false);
    this.forget();
  }

  switched(msix: boolean): void {
    this.settle();
    this.msix = msix;
  }

  forget(): void {
    this.mapped = null;
    this.unread = false;
  }

  vectorRead(): void {
    this.unread = false;
  }

  /** @param queue the one that is selected. */
  vectorWritten(register: Register, value: number, queue: number): void {
    if (register === QUEUE_MSIX_VECTOR || register === queue_msix_vector) this.listens(queue, value);
    this.mapped = register;
    this.unread = true;
    this.mappedAt = this.journal.mark;
    this.vector = value;
    this.on.mapped.tell(this);
  }

  private listens(queue: number, vector: number): void {
    if (vector === NO_VECTOR) this.listened.delete(queue);
    else this.listened.add(queue);
  }

  /** The driver goes on to another queue or status. */
  left(): void {
    this.on.left.tell(this);
    this.forget();
  }

  /** No rule speaks of an interrupt by INTx; those by message are counted. */
  interrupted(): void {
    if (!this.msix) return;
    this.messages++;
    this.last = this.journal.now;
  }

  private settle(): void {
    if (this.messages === 0) return;
    this.isrRead = false;
    this.on.interrupted.repeat(this, this.messages, this.last);
    this.messages = 0;
  }

  readIsr(): void {
    this.isrRead = true;
    this.on.isr.tell(this);
  }
}
