import type { Segments } from '../core/segments.ts';
import type { PrpWalk } from './prp.ts';
import type { Command } from './queues.ts';
import { FLAGS, STATUS, sqe } from './registers/commands.ts';

/** Of a descriptor: 16 bytes, the last of which has its type (NVM Express 1.4, 4.4). */
const DESCRIPTOR = 16;
const [LENGTH_AT, TYPE_AT] = [8, 15];
const TYPE = { DATA_BLOCK: 0x00, BIT_BUCKET: 0x10, SEGMENT: 0x20, LAST_SEGMENT: 0x30 } as const;
const HIGH = 0x1_0000_0000;
/** Descriptors that one command may have: more than the longest transfer needs. */
const DESCRIPTORS_MOST = 2048;
/** Bytes that are thrown away at once. */
const BUCKET = 0x1_0000;
/** Where the first descriptor lies in a command. */
const { prp1: FIRST, prp2: PRP2 } = sqe.offset;
/** All of it is reserved. */
const { PSDT } = FLAGS.mask;

/** The memory of a command, by scatter-gather lists; reused. What it finds is in the data of the walk that it belongs to. */
class SglWalk {
  private readonly walk: PrpWalk;
  private readonly bucket = new Uint8Array(BUCKET);
  private left = 0;
  private count = 0;
  private isRead = false;
  /** The next segment, and its bytes; whether it is the last. */
  private next = 0;
  private bytes = 0;
  private isLast = false;

  constructor(walk: PrpWalk) {
    this.walk = walk;
  }

  /** Finds `length` bytes, which the controller writes if it `isRead`. @returns a status. */
  find(command: Command, length: number, isRead: boolean): number {
    if ((command.flags & PSDT) === PSDT) return STATUS.INVALID_FIELD;
    this.walk.data.clear();
    this.left = length;
    this.isRead = isRead;
    this.count = this.bytes = 0;
    this.isLast = false;
    let status = this.take(command.view, FIRST, true);
    while (status === STATUS.SUCCESS && this.bytes > 0) status = this.takeSegment();
    if (status !== STATUS.SUCCESS) return status;
    return this.left === 0 ? STATUS.SUCCESS : STATUS.SGL_LENGTH_INVALID;
  }

  private takeSegment(): number {
    const { next, bytes } = this;
    this.bytes = 0;
    const range = this.walk.memory.find(next, bytes);
    this.walk.events?.prp('segment', next, bytes);
    if (range === null) return STATUS.DATA_TRANSFER_ERROR;
    for (let at = 0; at < bytes; at += DESCRIPTOR) {
      const status = this.take(range.view, next - range.base + at, at + DESCRIPTOR === bytes);
      if (status !== STATUS.SUCCESS) return status;
    }
    return STATUS.SUCCESS;
  }

  /** Takes one descriptor; `isEnd` of its segment. */
  private take(view: DataView, at: number, isEnd: boolean): number {
    if (++this.count > DESCRIPTORS_MOST) return STATUS.SGL_COUNT_INVALID;
    const address = view.getUint32(at + 4, true) * HIGH + view.getUint32(at, true);
    const length = view.getUint32(at + LENGTH_AT, true);
    switch (view.getUint8(at + TYPE_AT)) {
      case TYPE.DATA_BLOCK:
        return this.add(address, length);
      case TYPE.BIT_BUCKET:
        return this.throwAway(length);
      case TYPE.SEGMENT:
        return this.follow(address, length, isEnd, false);
      case TYPE.LAST_SEGMENT:
        return this.follow(address, length, isEnd, true);
      default:
        return STATUS.SGL_TYPE_INVALID;
    }
  }

  private add(address: number, length: number): number {
    if (length > this.left) return STATUS.SGL_LENGTH_INVALID;
    this.left -= length;
    if (length === 0) return STATUS.SUCCESS;
    const range = this.walk.memory.find(address, length);
    this.walk.events?.prp('block', address, length);
    if (range === null) return STATUS.DATA_TRANSFER_ERROR;
    this.walk.data.add(range.bytes, address - range.base, length);
    return STATUS.SUCCESS;
  }

  /** What is read is not wanted. A write takes nothing from there. */
  private throwAway(length: number): number {
    if (!this.isRead) return STATUS.SUCCESS;
    if (length > this.left) return STATUS.SGL_LENGTH_INVALID;
    this.left -= length;
    for (let done = 0; done < length; done += BUCKET)
      this.walk.data.add(this.bucket, 0, Math.min(BUCKET, length - done));
    return STATUS.SUCCESS;
  }

  private follow(address: number, length: number, isEnd: boolean, isLast: boolean): number {
    const isWhole = length > 0 && length % DESCRIPTOR === 0 && length <= DESCRIPTORS_MOST * DESCRIPTOR;
    if (!isWhole || !isEnd || this.isLast) return STATUS.SGL_SEGMENT_INVALID;
    this.next = address;
    this.bytes = length;
    this.isLast = isLast;
    return STATUS.SUCCESS;
  }
}

/** The memory of an I/O command, however the command describes it. */
export class DataFinder {
  readonly data: Segments;
  /** Bytes that a command moves at most. */
  readonly most: number;
  private readonly prp: PrpWalk;
  private readonly sgl: SglWalk;

  constructor(prp: PrpWalk, most: number) {
    this.prp = prp;
    this.sgl = new SglWalk(prp);
    this.data = prp.data;
    this.most = most;
  }

  /** Finds `length` bytes, 1 or more, which the controller writes if it `isRead`. @returns a status. */
  find(command: Command, length: number, isRead: boolean): number {
    if ((command.flags & PSDT) !== 0) return this.sgl.find(command, length, isRead);
    return this.prp.walk(command.quad(FIRST), command.quad(PRP2), length);
  }
}
