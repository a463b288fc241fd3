import { BYTES_SHIFT } from '../core/budget.ts';
import { BLOCK, type Medium } from '../media/medium.ts';
import type { Namespace } from './namespace.ts';
import { COMMAND, failureOf, PageCommands, type PageHost } from './page-commands.ts';
import type { Command, SubmissionQueue } from './queues.ts';
import { PAGE } from './registers/bar0.ts';
import {
  BROADCAST,
  cqe,
  DSM_CDW11,
  DSM_RANGES_MOST,
  dsm_range,
  FLAGS,
  NVM,
  RW_CDW12,
  STATUS,
  sqe,
} from './registers/commands.ts';
import { ReservationCommands } from './reservation-commands.ts';
import type { Host } from './reservations.ts';
import { type NvmeSettings, opcodesOf, RESERVATIONS } from './settings.ts';
import { DataFinder } from './sgl.ts';

const { FUSE, PSDT } = FLAGS.mask;
const { NLB, FUA } = RW_CDW12.mask;
const { AD } = DSM_CDW11.mask;
const { cdw10: CDW10 } = sqe.offset;
const RANGES = 0xff;
const OPCODES = 0x100;
/** Bytes of a disk that are looked at at once, where they do not go to the guest. */
const PIECE = 0x1_0000;
const NO_BLOCK = -1;
/** Kinds of commands: of blocks are all that are none of the others. */
const [NONE, OF_BLOCKS, FLUSHES, MANAGES, RESERVES] = [0, 1, 2, 3, 4];
/** The same of blocks that become zero, without a byte that moves: at least, and for so many bytes. */
const [ERASED, ERASED_BYTES] = [64, 1 << 20];

/** The controller, as I/O commands need it. */
export interface IoHost extends Host, PageHost {
  readonly settings: NvmeSettings;
  /** It carries commands out. */
  readonly runs: boolean;
}

/** The commands of I/O queues (NVM Express 1.4, 6). What moves blocks allocates nothing. */
export class IoCommands {
  private readonly host: IoHost;
  private readonly finder: DataFinder;
  private readonly reserving: ReservationCommands;
  private readonly pages: PageCommands;
  /** Bits of `flags` that no command may have. */
  private readonly refused: number;
  /** What a command is, by opcode. */
  private readonly kinds = new Uint8Array(OPCODES);
  private readonly scratch = new Uint8Array(PIECE);
  private readonly ranges = new Uint8Array(DSM_RANGES_MOST * dsm_range.size);
  private readonly rangeView = new DataView(this.ranges.buffer);
  /** What the command is about: bytes of the namespace. */
  private offset = 0;
  private length = 0;

  constructor(host: IoHost) {
    this.host = host;
    this.finder = new DataFinder(host.walk, PAGE << host.settings.mdts);
    this.pages = new PageCommands(host);
    this.reserving = new ReservationCommands(this.finder, host);
    for (const opcode of opcodesOf(host.settings)) this.kinds[opcode] = kindOf(opcode);
    this.refused = FUSE | (host.settings.offers.sgl ? 0 : PSDT);
  }

  executeAll(queue: SubmissionQueue, command: Command): boolean {
    const { host } = this;
    const { memory } = host.walk;
    const { completions } = queue;
    const submitted = memory.find(queue.address, queue.size * sqe.size);
    const completed = memory.find(completions.address, completions.size * cqe.size);
    for (;;) {
      if (submitted !== null && completed !== null) this.pages.execute(queue, submitted, completed);
      if (!host.runs || queue.head === queue.tail || completions.isFull || host.budget.left <= 0) return true;
      if (!command.fetch(memory, queue, submitted)) return false;
      const status = this.execute(command);
      if (!completions.post(memory, queue, command.cid, status, 0, completed)) return false;
    }
  }

  /** @returns a status. */
  execute(command: Command): number {
    const { namespaces, budget } = this.host;
    budget.spend(COMMAND);
    const { opcode, nsid } = command;
    if ((command.flags & this.refused) !== 0) return STATUS.INVALID_FIELD;
    const kind = this.kinds[opcode]!;
    if (kind === NONE) return STATUS.INVALID_OPCODE;
    if (kind === FLUSHES && nsid === BROADCAST) return this.flushAll() ? STATUS.SUCCESS : STATUS.WRITE_FAULT;
    if (nsid === 0 || nsid >= namespaces.length) return STATUS.INVALID_NAMESPACE;
    const namespace = namespaces[nsid]!;
    // QEMU's answer where nothing is attached.
    if (namespace === null) return STATUS.INVALID_FIELD;
    if (kind === RESERVES) return this.reserving.execute(command, namespace.reservations!);
    if (!this.reserving.allows(opcode, namespace)) return STATUS.RESERVATION_CONFLICT;
    if (kind === FLUSHES) return namespace.medium.flush() ? STATUS.SUCCESS : STATUS.WRITE_FAULT;
    if (kind === MANAGES) return this.manage(command, namespace);
    const status = this.take(command, namespace);
    return status === STATUS.SUCCESS ? this.move(command, namespace) : status;
  }

  /** Makes all that was written durable. False if a medium failed. */
  flushAll(): boolean {
    let done = true;
    for (const namespace of this.host.namespaces)
      if (namespace !== null) done = namespace.medium.flush() && done;
    return done;
  }

  /** Finds the blocks. */
  private take(command: Command, { shift, medium }: Namespace): number {
    const factor = 1 << shift;
    this.offset = command.quad(CDW10) * factor;
    this.length = ((command.dword(12) & NLB) + 1) * factor;
    return this.offset + this.length > medium.blocks * BLOCK ? STATUS.LBA_OUT_OF_RANGE : STATUS.SUCCESS;
  }

  private move(command: Command, namespace: Namespace): number {
    const { medium } = namespace;
    switch (command.opcode) {
      case NVM.WRITE_ZEROES:
        return this.erase(medium, this.isDurable(command));
      case NVM.VERIFY:
        return this.verify(medium);
    }
    if (this.length > this.finder.most) return STATUS.INVALID_FIELD;
    const status = this.finder.find(command, this.length, command.opcode === NVM.READ);
    if (status !== STATUS.SUCCESS) return status;
    this.account(command.opcode, this.host.walk.data.count);
    switch (command.opcode) {
      case NVM.READ:
        return this.read(medium);
      case NVM.WRITE:
        return this.write(medium, this.isDurable(command));
      default:
        return this.compare(medium);
    }
  }

  /** Its data lie in so many pieces. */
  private account(opcode: number, pieces: number): void {
    const { budget, counts } = this.host;
    budget.spendOn(pieces, this.length);
    if (opcode === NVM.WRITE) {
      counts.writes++;
      counts.written += this.length;
    } else {
      counts.reads++;
      counts.read += this.length;
    }
  }

  private isDurable(command: Command): boolean {
    return !this.host.features.writeCache || (command.dword(12) & FUA) !== 0;
  }

  private read(medium: Medium): number {
    const { data } = this.host.walk;
    let at = this.offset;
    for (let i = 0; i < data.count; i++) {
      const length = data.length[i]!;
      if (!medium.read(at, data.bytes[i]!, data.offset[i]!, length)) return STATUS.UNRECOVERED_READ;
      at += length;
    }
    data.wrote(0, this.length);
    return STATUS.SUCCESS;
  }

  private write(medium: Medium, isDurable: boolean): number {
    if (medium.readOnly) return STATUS.NAMESPACE_WRITE_PROTECTED;
    const { data } = this.host.walk;
    let at = this.offset;
    for (let i = 0; i < data.count; i++) {
      const length = data.length[i]!;
      if (!medium.write(at, data.bytes[i]!, data.offset[i]!, length)) return failureOf(medium);
      at += length;
    }
    return this.settle(medium, isDurable);
  }

  private erase(medium: Medium, isDurable: boolean): number {
    this.host.budget.spend(ERASED + Math.floor(this.length / ERASED_BYTES));
    if (medium.readOnly) return STATUS.NAMESPACE_WRITE_PROTECTED;
    if (!medium.unmap(this.offset, this.length)) return failureOf(medium);
    return this.settle(medium, isDurable);
  }

  private settle(medium: Medium, isDurable: boolean): number {
    if (isDurable && !medium.flush(this.offset, this.length)) return STATUS.WRITE_FAULT;
    return STATUS.SUCCESS;
  }

  private compare(medium: Medium): number {
    const { data } = this.host.walk;
    let at = this.offset;
    for (let i = 0; i < data.count; i++) {
      const status = this.compareWith(medium, at, data.bytes[i]!, data.offset[i]!, data.length[i]!);
      if (status !== STATUS.SUCCESS) return status;
      at += data.length[i]!;
    }
    return STATUS.SUCCESS;
  }

  private compareWith(medium: Medium, at: number, bytes: Uint8Array, from: number, length: number): number {
    const { scratch } = this;
    for (let done = 0; done < length; ) {
      const n = Math.min(PIECE, length - done);
      if (!medium.read(at + done, scratch, 0, n)) return STATUS.UNRECOVERED_READ;
      for (let i = 0; i < n; i++) if (scratch[i] !== bytes[from + done + i]) return STATUS.COMPARE_FAILURE;
      done += n;
    }
    return STATUS.SUCCESS;
  }

  /** Only reads blocks. */
  private verify(medium: Medium): number {
    const { scratch } = this;
    this.host.budget.spend(this.length >> BYTES_SHIFT);
    for (let done = 0; done < this.length; done += PIECE)
      if (!medium.read(this.offset + done, scratch, 0, Math.min(PIECE, this.length - done)))
        return STATUS.UNRECOVERED_READ;
    return STATUS.SUCCESS;
  }

  /** Dataset Management: deallocates ranges; all else is advice, which is not taken. */
  private manage(command: Command, namespace: Namespace): number {
    const count = (command.dword(10) & RANGES) + 1;
    const { walk } = this.host;
    const status = this.finder.find(command, count * dsm_range.size, false);
    if (status !== STATUS.SUCCESS || (command.dword(11) & AD) === 0) return status;
    if (namespace.medium.readOnly) return STATUS.NAMESPACE_WRITE_PROTECTED;
    walk.data.gather(this.ranges, 0, count * dsm_range.size);
    for (let i = 0; i < count; i++)
      if (this.rangeAt(i, namespace) === NO_BLOCK) return STATUS.LBA_OUT_OF_RANGE;
    for (let i = 0; i < count; i++) {
      this.offset = this.rangeAt(i, namespace);
      const done =
        this.length === 0 ? STATUS.SUCCESS : this.erase(namespace.medium, !this.host.features.writeCache);
      if (done !== STATUS.SUCCESS) return done;
    }
    return STATUS.SUCCESS;
  }

  /** Where range `i` begins, in bytes; its length is kept. */
  private rangeAt(i: number, { shift, blocks }: Namespace): number {
    const { rangeView } = this;
    const at = i * dsm_range.size;
    const count = rangeView.getUint32(at + dsm_range.offset.blocks, true);
    const low = rangeView.getUint32(at + dsm_range.offset.slba, true);
    const first = rangeView.getUint32(at + dsm_range.offset.slba + 4, true) * 0x1_0000_0000 + low;
    if (first + count > blocks) return NO_BLOCK;
    this.length = count * (1 << shift);
    return first * (1 << shift);
  }
}

function kindOf(opcode: number): number {
  if (RESERVATIONS.includes(opcode)) return RESERVES;
  if (opcode === NVM.FLUSH) return FLUSHES;
  return opcode === NVM.DATASET_MANAGEMENT ? MANAGES : OF_BLOCKS;
}
