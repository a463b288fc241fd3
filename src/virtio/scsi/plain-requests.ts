import type { GuestMemory, RamRange } from '../../core/memory.ts';
import { BLOCK } from '../../media/medium.ts';
import { BlockMove } from '../../scsi/commands/block-move.ts';
import type { LogicalUnit } from '../../scsi/logical-unit.ts';
import type { Target } from '../../scsi/target.ts';
import type { Chain } from '../queue/virtqueue.ts';
import type { AnsweredRequest, ScsiEvents, SeenMoves } from './events.ts';
import { GatheredMoves, SHIFT, WORD } from './gathered-moves.ts';
import { plainAddressAt } from './lun.ts';
import {
  CDB_SIZE_DEFAULT,
  SENSE_SIZE_DEFAULT,
  virtio_scsi_req_cmd,
  virtio_scsi_resp_cmd,
} from './registers.ts';
import { Request } from './request.ts';

const { id: ID, lun: LUN, task_attr, prio, crn } = virtio_scsi_req_cmd.offset;
const { sense_len, residual, status_qualifier } = virtio_scsi_resp_cmd.offset;
const CDB_AT = virtio_scsi_req_cmd.size;
const REQUEST = CDB_AT + CDB_SIZE_DEFAULT;
const RESPONSE = virtio_scsi_resp_cmd.size + SENSE_SIZE_DEFAULT;

/** Requests at a time, and buffers of their data. */
const MOST = 256;
const MOST_SPANS = 2048;
/** Places for their ids, a power of two, and more than there are requests. */
const NAMES_SHIFT = 22;
const NAMES = 1 << (32 - NAMES_SHIFT);
const { CHAIN, PIECES, FIRST, END, ANSWER, DATA, WRITE, BLOCKS, ADDRESS, NAME, HEAD_AT, HEAD } = WORD;
const HEAD_WORDS = 9;

/** What the configuration allows. */
interface MoveLimits {
  readonly seg_max: number;
  readonly cmd_per_lun: number;
}

/**
 * READs and WRITEs as drivers mostly send them: a request and a response each in a buffer of its own, data one way, all in
 * low RAM, to a disk that has nothing else to say. They are kept as columns from when they are taken until all that came
 * by the same kick are carried out, and answered with GOOD. Whatever else there is goes the general way, as `Request`; so do
 * these, where something comes between.
 */
export class PlainRequests implements SeenMoves {
  count = 0;
  private readonly targets: ReadonlyMap<number, Target>;
  private readonly memory: GuestMemory;
  readonly words = new Int32Array(MOST << SHIFT);
  readonly lbas = new Float64Array(MOST);
  readonly units: LogicalUnit[] = [];
  /** Address and length of each buffer of data. */
  readonly spans = new Int32Array(2 * MOST_SPANS);
  private spanned = 0;
  /** By id and unit, which request has them, from 1; 0 is none. */
  private readonly names = new Int16Array(NAMES);
  private readonly move = new BlockMove();
  private readonly gathered = new GatheredMoves(this);
  /** The request whose medium failed, and the bytes that were moved before. */
  private failed = -1;
  private failedAt = -1;
  private main: RamRange | null = null;
  private ranges: readonly RamRange[] = [];
  /** The unit looked for last, and where. */
  private unit: LogicalUnit | null = null;
  private address = -1;
  /** What a driver that is judged may do. */
  private limits: MoveLimits | null = null;
  /** What a judge is shown of one, where it wants to know more. */
  private readonly shown = new Request();

  constructor(memory: GuestMemory, targets: ReadonlyMap<number, Target>) {
    this.memory = memory;
    this.targets = targets;
  }

  /** Whether RAM is where it was when they were taken. */
  get areInPlace(): boolean {
    return this.ranges === this.memory.ranges;
  }

  /** A kick came: units may be others by now, and RAM may have moved. `limits` are null if no driver is judged. */
  begin(limits: MoveLimits | null): void {
    this.limits = limits;
    this.address = -1;
    this.ranges = this.memory.ranges;
  }

  /** False, with nothing done, for what is to go the general way. */
  take(chain: Chain): boolean {
    const { count, move, limits } = this;
    const main = chain.plainIn;
    if (main === null || count === MOST || this.spanned + 2 * chain.count > 2 * MOST_SPANS) return false;
    const head = chain.spans[0]!;
    const { view } = main;
    if (chain.spans[1] !== REQUEST || chain.writableBytes < RESPONSE) return false;
    const address = plainAddressAt(view, head + LUN);
    if (address < 0 || !move.decode(view, head + CDB_AT)) return false;
    if (limits !== null && !this.isInOrder(chain, view, head, limits)) return false;
    const unit = this.unitAt(address);
    if (unit === null || !unit.takes(move)) return false;
    const at = count << SHIFT;
    if (!this.takeData(chain, at) || !this.takeName(view, head, address, at)) return false;
    this.keep(chain, main, address, at);
    this.units[count] = unit;
    this.count = count + 1;
    return true;
  }

  /**
   * Carries out request `i`, and answers it; returns the bytes of its chain that were written, -1 where the medium failed:
   * the request that it then becomes goes on from there.
   */
  finish(i: number): number {
    const { words, spans, main } = this;
    const { medium } = this.units[i]!;
    const { view, bytes: ram } = main!;
    const at = i << SHIFT;
    const isWrite = words[at | WRITE]! !== 0;
    const bytes = words[at | BLOCKS]! * BLOCK;
    const end = words[at | END]!;
    let offset = this.lbas[i]! * BLOCK;
    let left = medium.isCostly === true && this.gathered.move(i, this.count, ram) ? 0 : bytes;
    for (let k = words[at | FIRST]!; left > 0; ) {
      const from = spans[k]!;
      let run = spans[k + 1]!;
      // Buffers that touch take one call.
      for (k += 2; k < end && spans[k] === from + run; k += 2) run += spans[k + 1]!;
      const n = Math.min(run, left);
      if (!(isWrite ? medium.write(offset, ram, from, n) : medium.read(offset, ram, from, n))) {
        this.failed = i;
        this.failedAt = bytes - left;
        return -1;
      }
      offset += n;
      left -= n;
    }
    const answer = words[at | ANSWER]!;
    view.setInt32(answer + sense_len, 0);
    view.setInt32(answer + residual, words[at | DATA]! - bytes, true);
    // With status and response behind it, GOOD and OK.
    view.setInt32(answer + status_qualifier, 0);
    return isWrite ? RESPONSE : RESPONSE + bytes;
  }

  /** Tells of the one taken last. */
  tellTaken(events: ScsiEvents): void {
    const { address, count, move } = this;
    events.moveTaken(address >> 16, address & 0xffff, move.opcode, this.buffersOf(count - 1), count - 1);
  }

  tellDone(events: ScsiEvents, i: number): void {
    const address = this.words[(i << SHIFT) | ADDRESS]!;
    events.moveDone(address >> 16, address & 0xffff, this.words[(i << SHIFT) | BLOCKS]!, this, i);
  }

  answered(i: number): AnsweredRequest {
    this.become(i, this.shown);
    const { command } = this.shown;
    command.expected = command.transferred = this.bytesOf(i);
    return this.shown;
  }

  /** The chain of request `i`, the buffers of its data, and the bytes that it moves. */
  chainOf(i: number): number {
    return this.words[(i << SHIFT) | CHAIN]!;
  }

  buffersOf(i: number): number {
    return (this.words[(i << SHIFT) | END]! - this.words[(i << SHIFT) | FIRST]!) >> 1;
  }

  bytesOf(i: number): number {
    return this.words[(i << SHIFT) | BLOCKS]! * BLOCK;
  }

  /** There are none any more. */
  clear(): void {
    const { count, names, words } = this;
    for (let i = 0; i < count; i++) names[words[(i << SHIFT) | NAME]!] = 0;
    this.count = this.spanned = 0;
    this.gathered.clear();
    this.failed = -1;
  }

  /** Makes `request` what request `i` is on the general way, ready to be carried out. */
  become(i: number, request: Request): void {
    const { words, spans, memory, main } = this;
    const { bytes } = main!;
    const { command, readable, writable } = request;
    const at = i << SHIFT;
    const address = words[at | ADDRESS]!;
    request.begin(words[at | CHAIN]!, words[at | PIECES]!);
    request.command.failedAt = i === this.failed ? this.failedAt : -1;
    request.taken(this.ranges);
    request.target = address >> 16;
    request.lun = address & 0xffff;
    request.tagLow = words[(at | HEAD) + ID / 4]! >>> 0;
    request.tagHigh = words[(at | HEAD) + ID / 4 + 1]! >>> 0;
    request.ready = true;
    const head = new Uint8Array(words.buffer, (at | HEAD) * 4, HEAD_WORDS * 4);
    command.cdb.fill(0);
    command.cdb.set(head.subarray(CDB_AT));
    readable.clear();
    writable.clear();
    writable.memory = memory;
    readable.add(bytes, words[at | HEAD_AT]!, REQUEST);
    writable.add(bytes, words[at | ANSWER]!, RESPONSE);
    const data = words[at | WRITE]! !== 0 ? readable : writable;
    for (let k = words[at | FIRST]!; k < words[at | END]!; k += 2) data.add(bytes, spans[k]!, spans[k + 1]!);
    command.dataOut.setTail(readable, REQUEST);
    command.dataIn.setTail(writable, RESPONSE);
  }

  /** Whether a judge finds nothing in its form. */
  private isInOrder(chain: Chain, view: DataView, head: number, limits: MoveLimits): boolean {
    return (
      (view.getUint8(head + task_attr) | view.getUint8(head + prio) | view.getUint8(head + crn)) === 0 &&
      chain.count - 2 <= limits.seg_max &&
      this.count < limits.cmd_per_lun &&
      chain.readableBytes + chain.writableBytes === REQUEST + RESPONSE + this.move.blocks * BLOCK
    );
  }

  /** Where the response and the data are; false unless those are enough, and go the way that the command says. */
  private takeData(chain: Chain, at: number): boolean {
    const { words, spans, spanned, move } = this;
    const { spans: from, readableBytes, writableBytes } = chain;
    const out = readableBytes - REQUEST;
    const data = out + writableBytes - RESPONSE;
    if (data !== (move.write ? out : writableBytes - RESPONSE) || data < move.blocks * BLOCK) return false;
    let to = spanned;
    let k = 2;
    for (let left = out; left > 0; k += 2) {
      left -= from[k + 1]!;
      spans[to++] = from[k]!;
      spans[to++] = from[k + 1]!;
    }
    if (from[k + 1] !== RESPONSE) return false;
    words[at | ANSWER] = from[k]!;
    const end = chain.count << 1;
    for (k += 2; k < end; k++) spans[to++] = from[k]!;
    words[at | FIRST] = spanned;
    words[at | END] = to;
    words[at | DATA] = data;
    return true;
  }

  /** False if another has the same id at the same unit. */
  private takeName(view: DataView, head: number, address: number, at: number): boolean {
    const { names, words } = this;
    const low = view.getInt32(head + ID, true);
    const high = view.getInt32(head + ID + 4, true);
    const mixed = Math.imul(low ^ Math.imul(high ^ address, 0x85eb_ca6b), 0x9e37_79b1);
    let name = mixed >>> NAMES_SHIFT;
    for (; names[name] !== 0; name = (name + 1) & (NAMES - 1)) {
      const other = (names[name]! - 1) << SHIFT;
      const same = (words[(other | HEAD) + ID / 4]! ^ low) | (words[(other | HEAD) + ID / 4 + 1]! ^ high);
      if ((same | (words[other | ADDRESS]! ^ address)) === 0) return false;
    }
    names[name] = this.count + 1;
    words[at | NAME] = name;
    return true;
  }

  private keep(chain: Chain, main: RamRange, address: number, at: number): void {
    const { words, move } = this;
    const { view } = main;
    const head = chain.spans[0]!;
    this.main = main;
    this.spanned = words[at | END]!;
    this.lbas[at >> SHIFT] = move.lba;
    words[at | CHAIN] = chain.id;
    words[at | PIECES] = chain.count;
    words[at | WRITE] = move.write ? 1 : 0;
    words[at | BLOCKS] = move.blocks;
    words[at | ADDRESS] = address;
    words[at | HEAD_AT] = head;
    for (let i = 0; i < HEAD_WORDS; i++) words[(at | HEAD) + i] = view.getInt32(head + i * 4, true);
  }

  private unitAt(address: number): LogicalUnit | null {
    if (address !== this.address) {
      this.address = address;
      this.unit = this.targets.get(address >> 16)?.units.get(address & 0xffff) ?? null;
    }
    return this.unit;
  }
}
