import type { Journal } from '../../core/journal.ts';
import type { Register } from '../../core/register.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { NvmeEvents, PrpRole } from '../../nvme/events.ts';
import { CC, CSTS } from '../../nvme/registers/bar0.ts';
import { cqe, sqe } from '../../nvme/registers/commands.ts';
import type { NvmeFacts } from './facts.ts';
import { writesMemory } from './prp-data.ts';

const { EN } = CC.mask;
const { RDY } = CSTS.mask;
const { opcode: OPCODE, cid: CID } = sqe.offset;
const OF_DATA: readonly PrpRole[] = ['first', 'second', 'entry', 'block'];
const NONE: readonly QueuePlace[] = [];

/** Rules for the memory of queues. */
export const NVME_MEMORY = {
  'nvme/QUEUE-MEMORY': {
    where: 'NVM Express 1.4, 7.4.3',
    text: 'A driver MUST NOT give the memory of a queue back, to another queue, or to a command that writes there, while the controller has the queue.',
    advice: 'Delete the queue, or clear CC.EN and wait until CSTS.RDY is 0; then free.',
    on: ['freed', 'made', 'lent'],
    kept: (k) => k.freed === null,
    said: (k) =>
      `memory of ${k.freed} was given ${k.heir ?? 'back'}${k.isLeaving ? ', and CSTS.RDY was still 1' : ''}`,
  },
} as const satisfies Rules<QueueMemoryWatch>;

/** Where a queue is. */
interface QueuePlace {
  readonly isSubmission: boolean;
  readonly queue: number;
  readonly address: number;
  readonly bytes: number;
}

/** Watches the memory of queues. */
export class QueueMemoryWatch implements Partial<NvmeEvents> {
  /** The queue whose memory it is; null is none. It was there before CC.EN was cleared. */
  freed: string | null = null;
  isLeaving = false;
  /** What got it; null is nothing. */
  heir: string | null = null;
  private readonly facts: NvmeFacts;
  private queues = NONE;
  /** Those that a controller has that is to stop, and has not. */
  private leaving = NONE;
  private stops = false;
  /** No queue lies outside. */
  private begin = Number.POSITIVE_INFINITY;
  private end = 0;
  private queue = 0;
  private cid = 0;
  private opcode = 0;
  /** `freed`: memory is given back. `made`: a queue gets some. `lent`: a command does. */
  private readonly on;

  constructor(facts: NvmeFacts, journal: Journal) {
    this.facts = facts;
    this.on = new Watch(journal, NVME_MEMORY).on;
    facts.stores?.onFreed((address, length) => {
      this.heir = null;
      this.look(address, length);
      this.on.freed.tell(this);
    });
  }

  get subject(): string {
    return this.facts.subject;
  }

  reset(): void {
    this.queues = this.leaving = NONE;
  }

  registerWritten(register: Register | null, _at: number, _width: number, value: number, csts: number): void {
    if (register === (CC as Register)) this.stops = (value & EN) === 0 && (csts & RDY) !== 0;
  }

  started(): void {
    this.leaving = NONE;
  }

  stopped(): void {
    this.leaving = this.stops ? this.queues : NONE;
    this.queues = NONE;
  }

  queueMade(isSubmission: boolean, queue: number, address: number, size: number): void {
    const bytes = size * (isSubmission ? sqe.size : cqe.size);
    const made = { isSubmission, queue, address, bytes };
    this.heir = `to ${nameOf(made)}`;
    this.look(address, bytes);
    this.on.made.tell(this);
    this.begin = Math.min(this.begin, address);
    this.end = Math.max(this.end, address + bytes);
    this.queues = [...this.queues, made];
  }

  queueGone(isSubmission: boolean, queue: number): void {
    this.queues = this.queues.filter((one) => one.isSubmission !== isSubmission || one.queue !== queue);
  }

  commanded(queue: number, entry: DataView): void {
    this.resumed(queue, entry.getUint16(CID, true), entry.getUint8(OPCODE));
  }

  /** What a controller was told before is carried out. */
  resumed(queue: number, cid: number, opcode: number): void {
    this.queue = queue;
    this.cid = cid;
    this.opcode = opcode;
  }

  prp(role: PrpRole, address: number, length: number): void {
    if (!writesMemory(this.opcode) || !OF_DATA.includes(role)) return;
    this.heir = `to command ${this.cid} of queue ${this.queue}`;
    this.look(address, length);
    this.on.lent.tell(this);
  }

  /** Finds the queue that is there. */
  private look(address: number, length: number): void {
    this.freed = null;
    this.isLeaving = this.leaving !== NONE && (this.facts.csts & RDY) !== 0;
    if (address >= this.end || address + length <= this.begin) return;
    for (const one of this.isLeaving ? this.leaving : this.queues)
      if (address < one.address + one.bytes && one.address < address + length) this.freed ??= nameOf(one);
  }
}

function nameOf({ isSubmission, queue }: Pick<QueuePlace, 'isSubmission' | 'queue'>): string {
  return `${isSubmission ? 'submission' : 'completion'} queue ${queue}`;
}
