import { hex, type Nanos } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Register } from '../../core/register.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { NvmeEvents } from '../../nvme/events.ts';
import { CC, CSTS, SHST } from '../../nvme/registers/bar0.ts';
import { ADMIN, sqe } from '../../nvme/registers/commands.ts';
import { HeldMemory } from '../memory/held-memory.ts';
import { isEmpty } from './commands.ts';
import { EntryStores } from './entry-stores.ts';
import type { NvmeFacts } from './facts.ts';
import { Commands, LentMemory, type Outstanding } from './lent-memory.ts';
import { findPieces, Pieces, takesData, writesMemory } from './prp-data.ts';

const { SHN, EN } = CC.mask;
/** Of CC.SHN: a shutdown that need not hurry. */
const NORMAL = 1;
const { cid: CID, opcode: OPCODE } = sqe.offset;
/** A driver waits for a shutdown so long, where RTD3E is 0: Linux and FreeBSD. */
const PATIENCE: Nanos = 5_000_000_000;

/** Rules for commands that a controller has, and for their memory. */
export const NVME_OUTSTANDING = {
  'nvme/SQE-WHOLE': {
    where: 'NVM Express 1.4, 7.2.1',
    text: 'A driver MUST write a command before the doorbell that submits it, and leave it as it is.',
    advice:
      'Write all 64 bytes where ASQ or PRP1 has the queue, put a barrier behind them, then write the tail. AQA and dword 10 have sizes less one: wrap where the controller does.',
    on: ['fetched', 'stored', 'given'],
    kept: (k) => k.changed < 0 && k.empty < 0,
    said: (k) =>
      k.empty < 0
        ? `byte ${k.changed} of command ${k.cid} of queue ${k.queue} changed behind its doorbell`
        : `entry ${k.empty} of submission queue ${k.queue}, of ${k.size}, was submitted and holds zeros alone`,
    follows: ['nvme/DB-QUEUE', 'nvme/SHUT-QUIET'],
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
    text: 'A driver SHOULD NOT use memory of an outstanding command: give it back, or to another, write there, or read what is to come.',
    advice:
      'Look at the completion, and not at the data. Keep the memory of a late command, its lists too, until it is completed, if need be by an Abort, or the controller is reset.',
    on: ['lent', 'freed', 'touched'],
    kept: (k) => k.holder === null,
    said: ({ holder, address, deed }) =>
      `command ${holder!.cid} of queue ${holder!.queue} is outstanding, and its memory at ${hex(address, 8)} ${deed}`,
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
    said: (k) =>
      `CC.EN was cleared while CSTS.SHST was ${CSTS.decode(k.csts).SHST}${k.isAtOnce ? ', by the write that set CC.SHN' : ''}`,
  },
} as const satisfies Rules<OutstandingWatch>;

/** A submission queue, and its entries as they were when they were submitted. */
interface Submitted {
  readonly address: number;
  readonly size: number;
  readonly copies: DataView;
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
  /** A submitted entry in which nothing was written, and how many the queue has; -1 is none. */
  empty = -1;
  size = 0;
  aborts = 0;
  ios = 0;
  csts = 0;
  isShutting = false;
  /** CC.EN is cleared by the write that begins the shutdown. */
  isAtOnce = false;
  /** How long a shutdown has taken. */
  shutFor: Nanos = 0;
  /** The command that has the memory; null is none. Where it is, and what was done to it. */
  holder: Outstanding | null = null;
  address = 0;
  deed = '';
  readonly facts: NvmeFacts;
  private readonly queues = new Map<number, Submitted>();
  private readonly entries: EntryStores;
  private readonly taken = new Commands();
  private readonly aborting = new Set<number>();
  private readonly lent = new LentMemory();
  private readonly watched: HeldMemory | null;
  private readonly pieces = new Pieces();
  private shutAt: Nanos = 0;
  private readonly journal: Journal;
  private readonly on;

  constructor(facts: NvmeFacts, journal: Journal) {
    this.facts = facts;
    this.journal = journal;
    this.on = new Watch(journal, NVME_OUTSTANDING).on;
    this.entries = new EntryStores(facts, (queue, slot, byte) => this.changedLate(queue, slot, byte));
    const { stores } = facts;
    stores?.onFreed((address, length) => this.givenBack(address, length));
    this.watched = stores && new HeldMemory(facts.subject, stores.parts.index, this.touched);
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
    for (const one of this.taken.values()) this.watched?.end(one);
    this.taken.clear();
    this.aborting.clear();
    this.lent.clear();
  }

  queueMade(isSubmission: boolean, queue: number, address: number, size: number): void {
    this.entries.made(isSubmission, queue, address, size);
    const copies = new DataView(new ArrayBuffer(isSubmission ? size * sqe.size : 0));
    if (isSubmission) this.queues.set(queue, { address, size, copies, next: 0, left: 0 });
  }

  queueGone(isSubmission: boolean, queue: number): void {
    this.entries.gone(isSubmission, queue);
    if (!isSubmission) return;
    this.queues.delete(queue);
    for (const one of this.taken.values()) if (one.queue === queue) this.drop(one);
  }

  registerWritten(register: Register | null, _at: number, width: number, value: number, csts: number): void {
    if (register !== (CC as Register) || width !== 4) return;
    this.csts = csts;
    if ((value & EN) === 0) {
      this.isAtOnce = !this.isShutting && (value & SHN) !== 0 && (csts & CSTS.mask.RDY) !== 0;
      this.isShutting ||= this.isAtOnce;
      this.shutFor = this.isAtOnce ? 0 : this.journal.now - this.shutAt;
      this.on.disabled.tell(this);
      this.isShutting = false;
    } else if ((value & SHN) !== 0 && !this.isShutting) {
      this.isShutting = true;
      this.shutAt = this.journal.now;
      // The other kind is for when there is no time to wait.
      if (CC.decode(value).SHN !== NORMAL) return;
      this.ios = [...this.taken.values()].filter(({ queue, isOut }) => isOut && queue !== 0).length;
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
      copyEntry(range.view, from, known.copies, at * sqe.size);
      if (this.isEmpty(queue, range.view, from, at, size)) continue;
      if (isSound) this.take(queue, known.copies, at * sqe.size);
      if (queue === 0 && range.bytes[from + OPCODE] === ADMIN.ABORT)
        this.abortGiven(range.view.getUint16(from + CID, true));
    }
  }

  private isEmpty(queue: number, view: DataView, from: number, at: number, size: number): boolean {
    const isIt = isEmpty(view, from);
    this.queue = queue;
    this.empty = isIt ? at : -1;
    this.size = size;
    this.changed = -1;
    this.on.given.tell(this);
    this.empty = -1;
    return isIt;
  }

  commanded(queue: number, entry: DataView): void {
    const known = this.queues.get(queue);
    this.queue = queue;
    this.cid = entry.getUint16(CID, true);
    if (known !== undefined && known.left > 0) this.compare(known, entry);
    if (this.taken.get(queue, this.cid)?.isOut !== true) this.take(queue, entry, 0);
  }

  held(queue: number, entry: DataView): void {
    const one = this.taken.get(queue, entry.getUint16(CID, true));
    if (this.watched === null || one?.isOut !== true || !takesData(queue, entry.getUint8(OPCODE))) return;
    findPieces(this.facts, queue, entry, 0, this.pieces);
    this.watched.hold(one, queue, one.cid, one.writes, this.pieces);
  }

  /** The controller has it from its doorbell on, before it is fetched. */
  private take(queue: number, entry: DataView, at: number): void {
    const cid = entry.getUint16(at + CID, true);
    const opcode = entry.getUint8(at + OPCODE);
    const one = this.taken.get(queue, cid) ?? this.taken.make(queue, cid);
    this.drop(one);
    one.isOut = true;
    one.writes = writesMemory(opcode);
    if (!takesData(queue, opcode)) return;
    findPieces(this.facts, queue, entry, at, this.pieces);
    this.uses(this.lent.lend(one, this.pieces), this.lent.where, 'was used again');
    this.on.lent.tell(this);
    if (this.facts.isLate) this.watched?.hold(one, queue, cid, one.writes, this.pieces);
  }

  answered(queue: number, cid: number): void {
    this.drop(this.taken.get(queue, cid));
    if (queue === 0) this.aborting.delete(cid);
  }

  private abortGiven(cid: number): void {
    this.aborts = this.aborting.add(cid).size;
    this.on.aborting.tell(this);
  }

  private changedLate(queue: number, slot: number, byte: number): void {
    this.queue = queue;
    this.cid = this.queues.get(queue)!.copies.getUint16(slot * sqe.size + CID, true);
    this.changed = byte;
    this.on.stored.tell(this);
  }

  private compare(known: Submitted, entry: DataView): void {
    const { copies } = known;
    const from = known.next * sqe.size;
    known.next = (known.next + 1) % known.size;
    known.left--;
    this.changed = -1;
    for (let i = 0; i < sqe.size && this.changed < 0; i += 4)
      if (copies.getUint32(from + i) !== entry.getUint32(i)) this.changed = i;
    if (this.changed >= 0) {
      while (copies.getUint8(from + this.changed) === entry.getUint8(this.changed)) this.changed++;
      this.drop(this.taken.get(this.queue, copies.getUint16(from + CID, true)));
    }
    this.on.fetched.tell(this);
  }

  private givenBack(address: number, length: number): void {
    this.uses(this.lent.at(address, length), this.lent.where, 'was used again');
    this.on.freed.tell(this);
  }

  private readonly touched = (queue: number, cid: number, address: number, deed: string) => {
    this.uses(this.taken.get(queue, cid) ?? null, address, deed);
    this.on.touched.tell(this);
  };

  private uses(holder: Outstanding | null, address: number, deed: string): void {
    this.holder = holder;
    this.address = address;
    this.deed = deed;
  }

  /** A command is outstanding no more. */
  private drop(one: Outstanding | undefined): void {
    if (one?.isOut !== true) return;
    one.isOut = false;
    this.lent.end(one);
    this.watched?.end(one);
  }
}

function copyEntry(from: DataView, at: number, into: DataView, to: number): void {
  for (let i = 0; i < sqe.size; i += 4) into.setUint32(to + i, from.getUint32(at + i));
}
