import type { BitSet } from '../../../core/bit-set.ts';
import { type Nanos, swap32 } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';
import { FEATURE } from '../../../virtio/registers.ts';
import type { RequestSizes, ScsiEvents, SeenRequest } from '../../../virtio/scsi/events.ts';
import type { VirtioFacts } from '../facts.ts';
import type { TakenChain } from '../queue/knows.ts';

/** Rules of how long a list may be. The SCSI adapter is a device that has such a limit. */
export const SCSI_LISTS = {
  'virtio/PACKED-SG-D1': {
    where: 'virtio 1.4, Scatter-Gather Support (packed)',
    text: 'A driver MUST NOT make a descriptor list longer than the device allows.',
    advice: 'Split the transfer: seg_max of a SCSI adapter says how many data segments a request may have.',
    on: 'in pieces',
    when: (k) => !k.table,
    kept,
    said: (k) => `a list has ${k.pieces} data segments in one direction, but seg_max is ${k.seg_max}`,
  },
  'virtio/PACKED-IND-D3': {
    where: 'virtio 1.4, Indirect Descriptors (packed)',
    text: 'A driver MUST NOT list more in an indirect table than the device allows.',
    advice: 'Split the transfer: a table may hold at most seg_max data segments.',
    on: 'in pieces',
    when: (k) => k.table,
    kept,
    said: (k) => `a table has ${k.pieces} data segments in one direction, but seg_max is ${k.seg_max}`,
  },
} as const satisfies Rules<ListWatch>;

function kept({ pieces, seg_max }: ListWatch): boolean {
  return pieces <= seg_max;
}

/** Watches the length of the lists in packed request queues. Lists within the limit are only counted. */
export class ListWatch implements Partial<ScsiEvents> {
  /** Data segments, in the direction that has more. */
  pieces = 0;
  /** They are in an indirect table. */
  table = false;
  /** What the device allows. */
  readonly seg_max: number;
  private packed = false;
  private readonly facts: VirtioFacts;
  private readonly journal: Journal;
  private readonly chain: TakenChain;
  private readonly on;
  private lists = 0;
  private tables = 0;
  private last: Nanos = 0;

  /** @param chain the chain that a request came in. */
  constructor(facts: VirtioFacts, seg_max: number, chain: TakenChain, journal: Journal) {
    this.facts = facts;
    this.seg_max = seg_max;
    this.chain = chain;
    this.journal = journal;
    this.on = new Watch(journal, SCSI_LISTS).on;
    journal.beforeReading(() => this.settle());
  }

  get subject(): string {
    return this.facts.subject();
  }

  negotiated(accepted: BitSet): void {
    this.packed = accepted.has(FEATURE.RING_PACKED);
  }

  requested({ command: { dataIn, dataOut } }: SeenRequest): void {
    this.seen(Math.max(dataIn.count, dataOut.count));
  }

  moveTaken(_target: number, _lun: number, _opcode: number, pieces: number): void {
    this.seen(pieces);
  }

  private seen(pieces: number): void {
    if (!this.packed || pieces < 2) return;
    if (pieces > this.seg_max) this.tell(this.chain.indirect, pieces);
    else if (this.chain.indirect) this.tables++;
    else this.lists++;
    this.last = this.journal.now;
  }

  private tell(table: boolean, pieces: number): void {
    this.table = table;
    this.pieces = pieces;
    this.on['in pieces'].tell(this);
  }

  private settle(): void {
    this.table = false;
    this.on['in pieces'].repeat(this, this.lists, this.last);
    this.table = true;
    this.on['in pieces'].repeat(this, this.tables, this.last);
    this.lists = this.tables = 0;
  }
}

/** More than any CDB or sense data has, and less than a small number with its bytes swapped. */
const MOST = 0xffff;

/** A 32-bit number with its bytes in the other order. */
export function swapped(value: number): number {
  return swap32(value) >>> 0;
}

/** A size that makes sense in the other byte order only. */
export function isSwappedSize(bytes: number): boolean {
  return bytes > MOST && swapped(bytes) <= MOST;
}

export function hasSwappedSize({ cdb_size, sense_size }: RequestSizes): boolean {
  return isSwappedSize(cdb_size) || isSwappedSize(sense_size);
}
