import type { Journal } from '../../core/journal.ts';
import type { NvmeEvents, PrpRole } from '../../nvme/events.ts';
import { PAGE } from '../../nvme/registers/bar0.ts';
import { cqe, sqe } from '../../nvme/registers/commands.ts';
import { type Allocations, LentWatch } from '../memory/allocations.ts';
import type { NvmeFacts } from './facts.ts';

const WHOLE: readonly PrpRole[] = ['second', 'entry'];

/** Watches whether queues and data of a controller are as long as the memory that its driver allocated. */
export class LentToController implements Partial<NvmeEvents> {
  private readonly lent: LentWatch;

  constructor(facts: NvmeFacts, allocations: Allocations, journal: Journal) {
    this.lent = new LentWatch(allocations, journal, () => facts.subject);
  }

  queueMade(isSubmission: boolean, queue: number, address: number, size: number): void {
    const bytes = size * (isSubmission ? sqe.size : cqe.size);
    if (isSubmission && queue === 0) this.lent.ring(address, bytes);
    else this.lent.buffer(address, bytes);
  }

  prp(role: PrpRole, address: number, length: number): void {
    // One that begins in the middle of a page is another rule's.
    if (!WHOLE.includes(role) || address % PAGE === 0) this.lent.buffer(address, length);
  }
}
