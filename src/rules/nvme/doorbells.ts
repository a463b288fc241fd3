import { hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Register } from '../../core/register.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { NvmeEvents } from '../../nvme/events.ts';
import { CSTS, DOORBELLS } from '../../nvme/registers/bar0.ts';
import type { NvmeFacts } from './facts.ts';

const { RDY, CFS, SHST } = CSTS.mask;
const WORD = 4;
export const isTail = (offset: number, { stride }: NvmeFacts) => (offset - DOORBELLS) % (2 * stride) === 0;

/** What a doorbell was of. */
const bellText = ({ isSubmission, queue }: DoorbellWatch) =>
  isSubmission ? `the tail of submission queue ${queue}` : `the head of completion queue ${queue}`;

/** Rules for the doorbells of an NVMe controller. */
export const NVME_DOORBELLS = {
  'nvme/DB-WIDTH': {
    where: 'NVM Express 1.4, 3.1.24 and 3.1.25',
    text: 'A driver MUST write a doorbell as one word of 32 bits, at the place that CAP.DSTRD gives it.',
    advice: 'Write 32 bits at 1000h + (2 * queue + 0 or 1) * (4 << CAP.DSTRD).',
    on: 'written',
    kept: (k) => k.width === WORD && k.offset % k.facts.stride === 0,
    said: (k) =>
      `${k.width} bytes were written at ${hex(k.offset, 4)}${k.width === WORD ? `, where no doorbell is: they are ${k.facts.stride} bytes apart` : ''}`,
  },
  'nvme/DB-READY': {
    where: 'NVM Express 1.4, 7.6.1',
    text: 'A driver MUST NOT write a doorbell before CSTS.RDY is 1.',
    advice: 'Wait for RDY once CC.EN is set.',
    on: 'written',
    // A driver learns by a timeout that a controller failed.
    when: (k) => (k.csts & CFS) === 0,
    kept: (k) => (k.csts & RDY) !== 0,
    said: (k) => `a doorbell was written at ${hex(k.offset, 4)} while CSTS was ${hex(k.csts, 2)}`,
  },
  'nvme/CFS-RESET': {
    where: 'NVM Express 1.4, 9.5',
    text: 'A driver SHOULD NOT submit commands once it has read CSTS.CFS as 1, until it has reset the controller.',
    advice: 'Clear CC.EN, wait for RDY 0, and set everything up again.',
    on: 'written',
    // Linux takes what was completed before, and writes the head.
    when: (k) => (k.csts & CFS) !== 0 && isTail(k.offset, k.facts),
    kept: (k) => !k.hasSeenFailure,
    said: (k) => `a doorbell was written at ${hex(k.offset, 4)}, and CSTS.CFS had been read as 1`,
  },
  'nvme/SHUT-QUIET': {
    where: 'NVM Express 1.4, 7.6.2',
    text: 'A driver MUST NOT submit commands once it has begun a shutdown, until the controller is reset.',
    advice: 'Stop all I/O, delete the queues, then set CC.SHN; afterwards clear CC.EN, and set it again.',
    on: 'written',
    when: (k) => (k.csts & RDY) !== 0 && isTail(k.offset, k.facts),
    kept: (k) => (k.csts & SHST) === 0,
    said: (k) =>
      `a doorbell was written at ${hex(k.offset, 4)} while CSTS.SHST was ${CSTS.decode(k.csts).SHST}`,
  },
  'nvme/DB-QUEUE': {
    where: 'NVM Express 1.4, 5.2 and 9.1',
    text: 'A driver MUST NOT write the doorbell of a queue that does not exist.',
    advice: 'Create the queue first, and write no doorbell of it once it is deleted.',
    on: 'rung',
    kept: (k) => k.size > 0,
    said: (k) => `${bellText(k)} was written, which does not exist`,
  },
  'nvme/DB-RANGE': {
    where: 'NVM Express 1.4, 5.2',
    text: 'A driver MUST write doorbell values below the number of entries.',
    advice: 'Wrap to 0 behind the last entry.',
    on: 'rung',
    when: (k) => k.size > 0,
    kept: (k) => k.value < k.size,
    said: (k) => `${bellText(k)} became ${k.value}, of ${k.size} entries`,
  },
  'nvme/DB-SAME': {
    where: 'NVM Express 1.4, 5.2',
    text: 'A driver MUST NOT write the value that a doorbell has already.',
    advice: 'Write a tail after new commands, a head after entries were taken.',
    on: 'moved',
    kept: (k) => k.value !== k.before,
    said: (k) => `${bellText(k)} was written with ${k.value} again`,
  },
  'nvme/SQ-OVERRUN': {
    where: 'NVM Express 1.4, 4.1',
    text: 'A driver MUST NOT let the tail of a submission queue reach or pass its head.',
    advice: 'Take the head from completions, and keep one entry empty.',
    on: 'moved',
    when: (k) => k.isSubmission,
    // An empty queue has its head at its tail: then all but one entry are free.
    kept: (k) => k.moved <= k.room,
    said: (k) =>
      `the tail of submission queue ${k.queue} went on by ${k.moved} entries, of which ${k.room} were free`,
  },
  'nvme/CQ-BEYOND': {
    where: 'NVM Express 1.4, 7.2.3',
    text: 'A driver MUST NOT move the head of a completion queue beyond the entries that were posted.',
    advice:
      'Take entries while their phase fits, then write the head once. Of queue n the tail is at 1000h + 2 * n * (4 << CAP.DSTRD), the head 4 << CAP.DSTRD behind it.',
    on: 'moved',
    when: (k) => !k.isSubmission,
    kept: (k) => k.moved <= k.room,
    said: (k) =>
      `the head of completion queue ${k.queue} went on by ${k.moved} entries, of which ${k.room} were posted`,
    follows: ['nvme/CQ-CLEAR'],
  },
} as const satisfies Rules<DoorbellWatch>;

/** Watches the doorbells of a controller. */
export class DoorbellWatch implements Partial<NvmeEvents> {
  offset = 0;
  width = 0;
  csts = 0;
  hasSeenFailure = false;
  isSubmission = true;
  queue = 0;
  value = 0;
  /** Entries; 0 is no queue. */
  size = 0;
  before = 0;
  /** By how many entries it went on, and how many there are for it. */
  moved = 0;
  room = 0;
  readonly facts: NvmeFacts;
  /** `rung`: a controller that runs got a value. `moved`: a queue that exists got one in range. */
  private readonly on;

  constructor(facts: NvmeFacts, journal: Journal) {
    this.facts = facts;
    this.on = new Watch(journal, NVME_DOORBELLS).on;
  }

  get subject(): string {
    return this.facts.subject;
  }

  reset(): void {
    this.hasSeenFailure = false;
  }

  registerRead(register: Register | null, _offset: number, _width: number, csts: number): void {
    if (register === (CSTS as Register)) this.hasSeenFailure = (csts & CFS) !== 0;
  }

  doorbellWritten(offset: number, width: number, _value: number, csts: number): void {
    this.offset = offset;
    this.width = width;
    this.csts = csts;
    this.on.written.tell(this);
  }

  submissionRung(queue: number, value: number, size: number, tail: number, head: number): void {
    this.rung(true, queue, value, size, tail);
    this.room = (head - tail - 1 + 2 * size) % size;
    if (value < size) this.on.moved.tell(this);
  }

  completionRung(queue: number, value: number, size: number, head: number, tail: number): void {
    this.rung(false, queue, value, size, head);
    this.room = (tail - head + size) % size;
    if (value < size) this.on.moved.tell(this);
  }

  private rung(isSubmission: boolean, queue: number, value: number, size: number, before: number): void {
    this.isSubmission = isSubmission;
    this.queue = queue;
    this.value = value;
    this.size = size;
    this.before = before;
    this.moved = (value - before + size) % size;
    // Without a controller that runs there are no queues.
    if (this.csts === RDY) this.on.rung.tell(this);
  }
}
