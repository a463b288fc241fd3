import { hex, type Nanos } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Register } from '../../core/register.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { NvmeEvents } from '../../nvme/events.ts';
import { CC, CSTS, PAGE, SHST } from '../../nvme/registers/bar0.ts';
import { ADMIN, sqe } from '../../nvme/registers/commands.ts';
import { EntryStores } from './entry-stores.ts';
import type { NvmeFacts } from './facts.ts';
import { type Piece, piecesOf, takesData } from './prp-data.ts';

const { SHN, EN } = CC.mask;
/** Of CC.SHN: a shutdown that need not hurry. */
const NORMAL = 1;
const { cid: CID, opcode: OPCODE } = sqe.offset;
const ADMIN_QUEUE = 0;
/** A driver waits for a shutdown so long, where RTD3E is 0: Linux and FreeBSD. */
const PATIENCE: Nanos = 5_000_000_000;

/** Rules for commands that a controller has, and for their memory. */
export const NVME_OUTSTANDING = {
  'nvme/SQE-WHOLE': {
    where: 'NVM Express 1.4, 7.2.1',
    text: 'A driver MUST write a command before the doorbell that submits it, and leave it as it is.',
    advice: 'Write all 64 bytes, put a barrier behind them, then write the tail.',
    on: ['fetched', 'stored'],
    kept: (k) => k.changed < 0,
    said: (k) => `byte ${k.changed} of command ${k.cid} of queue ${k.queue} changed behind its doorbell`,
  },
  'nvme/ABORT-LIMIT': {
    where: 'NVM Express 1.4, 5.1',
    text: 'A driver SHOULD NOT have more Abort commands outstanding than ACL + 1.',
    advice: 'Read ACL of Identify Controller, byte 258, or send one Abort after the other.',
    on: 'aborting',
    kept: (k) => k.aborts <= k.facts.aborts,
    said: (k) => `${k.aborts} Abort commands are outstanding, of ${k.facts.aborts}`,
  },
  'nvme/DATA-BUSY': {
    where: 'NVM Express 1.4, 7.2',
    text: 'A driver SHOULD NOT give memory that a command moves data to or from back, or to another command, while it is outstanding.',
    advice:
      'Keep the memory of a late command until it is completed, if need be by an Abort, or the controller is reset.',
    on: ['lent', 'freed'],
    kept: (k) => k.busy === null,
    said: (k) => `${k.busy} is outstanding, and its memory at ${hex(k.address, 8)} was used again`,
  },
  'nvme/SHUT-IDLE': {
    where: 'NVM Express 1.4, 7.6.2',
    text: 'A driver SHOULD begin a shutdown when no I/O command is outstanding.',
    advice: 'Stop I/O, wait for what is outstanding, delete the queues, then set CC.SHN.',
    on: 'shut',
    kept: (k) => k.ios === 0,
    said: (k) => `CC.SHN was set while ${k.ios} I/O commands were outstanding`,
  },
  'nvme/SHUT-WAIT': {
    where: 'NVM Express 1.4, 7.6.2',
    text: 'A driver SHOULD wait until CSTS.SHST is 2 once it has begun a shutdown.',
    advice: 'Read CSTS until SHST is 2, for RTD3E at most, before you clear CC.EN or turn the power off.',
    on: 'disabled',
    // A shutdown that failed, or took too long, is ended by a reset.
    when: (k) => k.isShutting && (k.csts & CSTS.mask.CFS) === 0 && k.shutFor < PATIENCE,
    kept: (k) => CSTS.decode(k.csts).SHST === SHST.COMPLETE,
    said: (k) => `CC.EN was cleared while CSTS.SHST was ${CSTS.decode(k.csts).SHST}`,
  },
} as const satisfies Rules<OutstandingWatch>;

const NONE: readonly Piece[] = [];
/** Commands with memory in one page that are told apart: eight have a block of it, and more share what they only read. */
const SHARERS = 16;

/** A command that was taken, and its memory. */
interface Outstanding {
  readonly queue: number;
  readonly cid: number;
  /** The controller writes to its memory. */
  readonly writes: boolean;
  readonly pieces: readonly Piece[];
}

/** A piece of memory, and whose it is. */
interface Lent {
  readonly of: Outstanding;
  readonly piece: Piece;
}

/** A submission queue, and its entries as they were when they were submitted. */
interface Submitted {
  readonly address: number;
  readonly size: number;
  readonly copies: Uint8Array;
  /** The next that is fetched, and how many there are. */
  next: number;
  left: number;
}

/** Watches the commands that a controller has and has not completed. */
export class OutstandingWatch implements Partial<NvmeEvents> {
  queue = 0;
  cid = 0;
  /** The first byte of a command that changed; -1 is none. */
  changed = -1;
  aborts = 0;
  ios = 0;
  csts = 0;
  isShutting = false;
  /** How long a shutdown has taken. */
  shutFor: Nanos = 0;
  /** A command that has the memory, in words, and where. */
  busy: string | null = null;
  address = 0;
  readonly facts: NvmeFacts;
  private readonly queues = new Map<number, Submitted>();
  private readonly entries: EntryStores;
  private readonly outstanding = new Map<number, Outstanding>();
  private readonly aborting = new Set<number>();
  /** Memory of outstanding commands, by the page it is in. */
  private readonly lent = new Map<number, Lent[]>();
  private shutAt: Nanos = 0;
  private readonly journal: Journal;
  private readonly on;

  constructor(facts: NvmeFacts, journal: Journal) {
    this.facts = facts;
    this.journal = journal;
    this.on = new Watch(journal, NVME_OUTSTANDING).on;
    this.entries = new EntryStores(facts, (queue, slot, byte) => this.changedLate(queue, slot, byte));
    facts.stores?.onFreed((address, length) => this.givenBack(address, length));
  }

  get subject(): string {
    return this.facts.subject;
  }

  reset(): void {
    this.stopped();
    this.isShutting = false;
  }

  stopped(): void {
    this.queues.clear();
    this.entries.stopped();
    this.outstanding.clear();
    this.aborting.clear();
    this.lent.clear();
  }

  queueMade(isSubmission: boolean, queue: number, address: number, size: number): void {
    this.entries.made(isSubmission, queue, address, size);
    const copies = new Uint8Array(isSubmission ? size * sqe.size : 0);
    if (isSubmission) this.queues.set(queue, { address, size, copies, next: 0, left: 0 });
  }

  queueGone(isSubmission: boolean, queue: number): void {
    this.entries.gone(isSubmission, queue);
    if (!isSubmission) return;
    this.queues.delete(queue);
    for (const [key, one] of this.outstanding) if (one.queue === queue) this.drop(key);
  }

  registerWritten(
    register: Register | null,
    _offset: number,
    width: number,
    value: number,
    csts: number,
  ): void {
    if (register !== (CC as Register) || width !== 4) return;
    this.csts = csts;
    if ((value & EN) === 0) {
      this.shutFor = this.journal.now - this.shutAt;
      this.on.disabled.tell(this);
      this.isShutting = false;
    } else if ((value & SHN) !== 0 && !this.isShutting) {
      this.isShutting = true;
      this.shutAt = this.journal.now;
      // The other kind is for when there is no time to wait.
      if (CC.decode(value).SHN !== NORMAL) return;
      this.ios = [...this.outstanding.values()].filter(({ queue }) => queue !== ADMIN_QUEUE).length;
      this.on.shut.tell(this);
    }
  }

  submissionRung(queue: number, value: number, size: number, tail: number, head: number): void {
    const known = this.queues.get(queue);
    if (known === undefined || value >= size) return;
    this.entries.rung(queue, tail, value);
    // Of a tail that went too far none is known to be new.
    const isSound = (value - tail + size) % size <= (head - tail - 1 + 2 * size) % size;
    for (let at = tail; at !== value; at = (at + 1) % size) {
      const address = known.address + at * sqe.size;
      const range = this.facts.memory.find(address, sqe.size);
      if (range === null) return;
      const from = address - range.base;
      known.left++;
      known.copies.set(range.bytes.subarray(from, from + sqe.size), at * sqe.size);
      if (isSound) this.take(queue, copyAt(known, at));
      if (queue === ADMIN_QUEUE && range.bytes[from + OPCODE] === ADMIN.ABORT)
        this.abortGiven(range.view.getUint16(from + CID, true));
    }
  }

  commanded(queue: number, entry: DataView): void {
    const known = this.queues.get(queue);
    this.queue = queue;
    this.cid = entry.getUint16(CID, true);
    if (known !== undefined && known.left > 0) this.compare(known, entry);
    if (!this.outstanding.has(keyOf(queue, this.cid))) this.take(queue, entry);
  }

  /** The controller has it from its doorbell on, before it is fetched. */
  private take(queue: number, entry: DataView): void {
    const cid = entry.getUint16(CID, true);
    const key = keyOf(queue, cid);
    this.drop(key);
    const one = { queue, cid, writes: isWrittenTo(entry), pieces: NONE };
    this.outstanding.set(key, takesData(queue, entry) ? this.lend(one, entry) : one);
  }

  answered(queue: number, cid: number): void {
    this.drop(keyOf(queue, cid));
    if (queue === ADMIN_QUEUE) this.aborting.delete(cid);
  }

  private abortGiven(cid: number): void {
    this.aborting.add(cid);
    this.aborts = this.aborting.size;
    this.on.aborting.tell(this);
  }

  private changedLate(queue: number, slot: number, byte: number): void {
    const known = this.queues.get(queue)!;
    this.queue = queue;
    this.cid = copyAt(known, slot).getUint16(CID, true);
    this.changed = byte;
    this.on.stored.tell(this);
  }

  private compare(known: Submitted, entry: DataView): void {
    const copy = copyAt(known, known.next);
    known.next = (known.next + 1) % known.size;
    known.left--;
    this.changed = -1;
    for (let i = 0; i < sqe.size && this.changed < 0; i++)
      if (copy.getUint8(i) !== entry.getUint8(i)) this.changed = i;
    if (this.changed >= 0) this.drop(keyOf(this.queue, copy.getUint16(CID, true)));
    this.on.fetched.tell(this);
  }

  /** The memory of a command may be that of none which is outstanding, but where none of both is written to. */
  private lend(one: Outstanding, entry: DataView): Outstanding {
    const lists: Piece[] = [];
    const taken = { ...one, pieces: [...piecesOf(this.facts, one.queue, entry, lists), ...lists] };
    this.busy = null;
    for (const piece of taken.pieces) {
      const page = Math.floor(piece.address / PAGE);
      const lent = this.lent.get(page) ?? [];
      for (const { of, piece: other } of lent)
        if (of !== taken && (one.writes || of.writes)) this.meet(of, other, piece);
      this.lent.set(page, lent);
      if (lent.length < SHARERS) lent.push({ of: taken, piece });
    }
    this.on.lent.tell(this);
    return taken;
  }

  private givenBack(address: number, length: number): void {
    const back = { address, length };
    this.busy = null;
    for (let page = Math.floor(address / PAGE); page * PAGE < address + length; page++)
      for (const { of, piece } of this.lent.get(page) ?? []) this.meet(of, piece, back);
    this.on.freed.tell(this);
  }

  private meet({ cid, queue }: Outstanding, one: Piece, other: Piece): void {
    const isApart = other.address >= one.address + one.length || one.address >= other.address + other.length;
    if (isApart || this.busy !== null) return;
    this.busy = `command ${cid} of queue ${queue}`;
    this.address = Math.max(other.address, one.address);
  }

  /** A command is outstanding no more. */
  private drop(key: number): void {
    const one = this.outstanding.get(key);
    if (one === undefined) return;
    this.outstanding.delete(key);
    for (const { address } of one.pieces) {
      const page = Math.floor(address / PAGE);
      const rest = (this.lent.get(page) ?? []).filter(({ of }) => of !== one);
      if (rest.length > 0) this.lent.set(page, rest);
      else this.lent.delete(page);
    }
  }
}

const copyAt = ({ copies }: Submitted, slot: number) =>
  new DataView(copies.buffer, slot * sqe.size, sqe.size);
const keyOf = (queue: number, cid: number) => queue * 0x1_0000 + cid;
/** Of an opcode: the controller writes to memory. */
const isWrittenTo = (entry: DataView) => (entry.getUint8(OPCODE) & 2) !== 0;
