import type { Nanos } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import { Watch } from '../../../core/watch.ts';
import type { SeenRequest } from '../../../virtio/scsi/events.ts';
import type { VirtioFacts } from '../facts.ts';
import type { TakenChain } from '../queue/taken-chain.ts';
import { type ListKnows, SCSI_LISTS } from './lists.ts';

/** Watches how long the lists are that a driver puts into packed request queues. Those that are not too long are counted. */
export class ListWatch implements ListKnows {
  readonly seg_max: number;
  pieces = 0;
  table = false;
  packed = false;
  private readonly facts: VirtioFacts;
  private readonly journal: Journal;
  private readonly chain: TakenChain;
  private readonly inPieces;
  private lists = 0;
  private tables = 0;
  private last: Nanos = 0;

  /** @param chain the one that a request came in. */
  constructor(facts: VirtioFacts, seg_max: number, chain: TakenChain, journal: Journal) {
    this.facts = facts;
    this.seg_max = seg_max;
    this.chain = chain;
    this.journal = journal;
    this.inPieces = new Watch<ListKnows, 'in pieces'>(journal, SCSI_LISTS).at('in pieces');
    journal.beforeReading(() => this.settle());
  }

  get subject(): string {
    return this.facts.subject();
  }

  requested({ command: { dataIn, dataOut } }: SeenRequest): void {
    const pieces = Math.max(dataIn.count, dataOut.count);
    if (!this.packed || pieces < 2) return;
    if (pieces > this.seg_max) this.tell(this.chain.indirect, pieces);
    else if (this.chain.indirect) this.tables++;
    else this.lists++;
    this.last = this.journal.now;
  }

  private tell(table: boolean, pieces: number): void {
    this.table = table;
    this.pieces = pieces;
    this.inPieces.tell(this);
  }

  private settle(): void {
    this.table = false;
    this.inPieces.repeat(this, this.lists, this.last);
    this.table = true;
    this.inPieces.repeat(this, this.tables, this.last);
    this.lists = this.tables = 0;
  }
}
