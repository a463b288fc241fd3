import type { Mark } from '../../core/access.ts';
import { hex, type Nanos } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { NvmeEvents } from '../../nvme/events.ts';
import { ADMIN, CREATE_CQ_CDW11, CREATE_SQ_CDW11, cqe, STATUS, sqe } from '../../nvme/registers/commands.ts';
import { addSuspect } from '../suspected.ts';
import type { NvmeFacts } from './facts.ts';

/** Virtual nanoseconds within which a driver has looked at a queue. */
const LONG: Nanos = 100_000_000;
const { opcode: OPCODE, cdw11: CDW11 } = sqe.offset;
const HEAD = 'nvme/CQ-HEAD';
const NO_VECTOR = -1;
/** Status code type and status code. */
const CODE = 0x7ff;
/** Answers that are no refusal, or not for what the driver asked. */
const OTHERS: readonly number[] = [
  STATUS.SUCCESS,
  STATUS.COMPARE_FAILURE,
  STATUS.ABORT_REQUESTED,
  STATUS.WRITE_FAULT,
  STATUS.UNRECOVERED_READ,
];

/** Rules for entries of completion queues, as their drivers take them. */
export const NVME_COMPLETIONS = {
  [HEAD]: {
    where: 'NVM Express 1.4, 4.6 and 7.2.3',
    text: 'A driver MUST take the entries of a completion queue, by a phase that changes at each wrap, and write its head.',
    advice:
      'Expect phase 1 at first, and the other one each time behind the last entry; write the head once entries were taken.',
    on: ['moved', 'left'],
    kept: (k) => k.hasMoved,
    said: (k) =>
      `completion queue ${k.queue} is full, ${k.waiting === 1 ? 'a command waits' : `${k.waiting} commands wait`} for room there, and its head was never written`,
  },
} as const satisfies Rules<CompletionWatch>;

/** A completion queue that the controller has. */
interface Completions {
  readonly address: number;
  readonly size: number;
  /** Of its interrupts; -1 is none. */
  readonly vector: number;
  /** The next entry that the driver takes, and its phase there. */
  head: number;
  phase: number;
  hasMoved: boolean;
  /** Commands that were submitted and complete there, and those of them that were carried out. */
  given: number;
  done: number;
}

/** Watches whether a driver takes what completes. Of one that stopped it knows which entries it left. */
export class CompletionWatch implements Partial<NvmeEvents> {
  /** The last doorbell, and when it was. */
  since: Mark = 0;
  private rungAt: Nanos = 0;
  queue = 0;
  hasMoved = false;
  /** Commands that a queue which is full has no room for. */
  waiting = 0;
  private readonly facts: NvmeFacts;
  private readonly journal: Journal;
  private readonly all = new Map<number, Completions>();
  /** Submission queues: where each is, its tail, as long as that did not go round, and commands that are not answered. */
  private readonly submissions = new Map<
    number,
    { address: number; size: number; tail: number; left: number }
  >();
  /** Identifiers of requests for events. */
  private readonly requests = new Set<number>();
  /** Where each submission queue completes. */
  private readonly places = new Map<number, number>();
  /** Of the command that makes a submission queue. */
  private next = 0;
  /** The same of a completion queue: its vector; -1 is none. */
  private nextVector = 0;
  private opcode = 0;
  /** What was not submitted when the controller was stopped, in words; null is nothing, and once another I/O command was. */
  private abandoned: string | null = null;
  /** How the last command was refused, in words; null is not at all. */
  private refused: string | null = null;
  /** `moved`: a head is written. `left`: a queue ends, or the run, and commands wait for room. */
  private readonly on;

  constructor(facts: NvmeFacts, journal: Journal) {
    this.facts = facts;
    this.journal = journal;
    this.on = new Watch(journal, NVME_COMPLETIONS).on;
    addSuspect(journal, this);
    journal.atEnd(() => this.leaveAll());
  }

  get subject(): string {
    return this.facts.subject;
  }

  /** Entries that a driver which waits has not taken, and why no interrupt told of them; or how its last command was refused. */
  get suspicion(): string | null {
    if (this.journal.now - this.rungAt >= LONG)
      for (const [queue, one] of this.all) {
        const count = this.untaken(one);
        if (count === 0) continue;
        const held = this.facts.heldBack(one.vector);
        const left = `entry ${one.head} of completion queue ${queue} was not taken, which has phase ${one.phase}`;
        return `${HEAD}: ${this.subject}: ${left}; ${count} wait there${held === null ? '' : `: ${held}`}`;
      }
    return this.unrung ?? this.abandoned ?? this.refused;
  }

  /** A command that lies behind the tail, in a queue that never went round. */
  private get unrung(): string | null {
    for (const [queue, { address, size, tail }] of this.submissions) {
      const entry = tail < size ? this.facts.memory.slice(address + tail * sqe.size, sqe.size) : null;
      if (entry?.some((byte) => byte !== 0) === true)
        return `${this.subject}: entry ${tail} of submission queue ${queue} was filled in, and the doorbell says ${tail}`;
    }
    return null;
  }

  reset(): void {
    this.stopped();
  }

  stopped(): void {
    this.leaveAll();
    this.all.clear();
    this.places.clear();
    this.requests.clear();
    this.abandoned = this.unrung ?? this.abandoned;
    this.submissions.clear();
  }

  queueMade(isSubmission: boolean, queue: number, address: number, size: number): void {
    if (isSubmission) {
      this.places.set(queue, queue === 0 ? 0 : this.next);
      this.submissions.set(queue, { address, size, tail: 0, left: 0 });
    } else {
      const vector = queue === 0 ? 0 : this.nextVector;
      this.all.set(queue, { address, size, vector, head: 0, phase: 1, hasMoved: false, given: 0, done: 0 });
    }
  }

  queueGone(isSubmission: boolean, queue: number): void {
    if (isSubmission) {
      // Its commands are not answered any more.
      const completions = this.all.get(this.places.get(queue) ?? -1);
      if (completions !== undefined) completions.given -= this.submissions.get(queue)?.left ?? 0;
      this.submissions.delete(queue);
      return;
    }
    const one = this.all.get(queue);
    if (one !== undefined) this.leave(queue, one);
    this.all.delete(queue);
  }

  commanded(queue: number, entry: DataView): void {
    this.opcode = entry.getUint8(OPCODE);
    if (queue !== 0) {
      this.abandoned = null;
      return;
    }
    // A request for an event needs no room until there is one.
    if (this.opcode === ADMIN.ASYNC_EVENT_REQUEST) {
      this.requests.add(entry.getUint16(sqe.offset.cid, true));
      this.all.get(0)!.given--;
    }
    const cdw11 = entry.getUint32(CDW11, true);
    if (this.opcode === ADMIN.CREATE_SQ) this.next = cdw11 >>> CREATE_SQ_CDW11.shift.CQID;
    const { IEN, IV } = CREATE_CQ_CDW11.decode(cdw11);
    if (this.opcode === ADMIN.CREATE_CQ) this.nextVector = IEN === 0 ? NO_VECTOR : IV;
  }

  resumed(_queue: number, _cid: number, opcode: number): void {
    this.opcode = opcode;
  }

  answered(queue: number, cid: number, status: number): void {
    const one = this.all.get(this.places.get(queue) ?? -1);
    if (one !== undefined) one.done++;
    if (one !== undefined && queue === 0 && this.requests.delete(cid)) one.given++;
    const known = this.submissions.get(queue);
    if (known !== undefined) known.left--;
    this.refused = OTHERS.includes(status) ? null : this.refusal(queue, cid, status);
  }

  private refusal(queue: number, cid: number, status: number): string {
    const name = Object.entries(STATUS).find(([, value]) => value === status)?.[0] ?? '';
    const meaning = name === '' ? '' : `, ${name.toLowerCase().replaceAll('_', ' ')}`;
    const what = `opcode ${hex(this.opcode, 2)}, command ${cid} of queue ${queue}`;
    return `${this.subject}: ${what}, was answered with status ${hex(status & CODE, 3)}${meaning}`;
  }

  submissionRung(queue: number, value: number, size: number, tail: number): void {
    const count = value < size ? (value - tail + size) % size : 0;
    const known = this.submissions.get(queue);
    if (known !== undefined) {
      known.tail = value < tail ? size : Math.max(known.tail, value);
      known.left += count;
    }
    const one = this.all.get(this.places.get(queue) ?? -1);
    if (one !== undefined) one.given += count;
  }

  doorbellWritten(): void {
    this.since = this.journal.mark;
    this.rungAt = this.journal.now;
  }

  completionRung(queue: number, value: number, size: number, head: number): void {
    const one = this.all.get(queue);
    if (one === undefined || value >= size) return;
    if (value < head) one.phase ^= 1;
    one.head = value;
    one.hasMoved = this.hasMoved = true;
    this.queue = queue;
    this.on.moved.tell(this);
  }

  private leaveAll(): void {
    for (const [queue, one] of this.all) this.leave(queue, one);
  }

  private leave(queue: number, { hasMoved, given, done, size }: Completions): void {
    this.waiting = given - done;
    if (hasMoved || done < size - 1 || this.waiting <= 0) return;
    this.queue = queue;
    this.hasMoved = false;
    this.on.left.tell(this);
  }

  /** Entries from the head on that have its phase in memory. */
  private untaken({ address, size, head, phase }: Completions): number {
    const range = this.facts.memory.find(address, size * cqe.size);
    if (range === null) return 0;
    const from = address - range.base + cqe.offset.status;
    let count = 0;
    while (count < size - 1) {
      const at = (head + count) % size;
      const here = range.view.getUint16(from + at * cqe.size, true) & 1;
      if (here !== (head + count < size ? phase : phase ^ 1)) break;
      count++;
    }
    return count;
  }
}
