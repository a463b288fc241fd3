import type { GuestMemory, RamRange } from '../../core/memory.ts';
import { Segments } from '../../core/segments.ts';
import { Command } from '../../scsi/command.ts';
import { SCSI_RESPONSE } from './registers.ts';

/** A request in flight: made once, used again. */
export class Request {
  /** The chain to give back, and of how many buffers it is. */
  chain = 0;
  pieces = 0;
  /** Buffers for which its lists have room: never less than what a driver sends mostly. */
  room = 64;
  target = 0;
  lun = 0;
  /** The driver's 64-bit id, in two halves. */
  tagLow = 0;
  tagHigh = 0;
  /** Another in flight whose id lies in the same bucket. */
  beside: Request | null = null;
  /** To be carried out; false once `response` and the command's status say how it ends. */
  ready = false;
  response: number = SCSI_RESPONSE.OK;
  /** Virtual time at which it is done. */
  due = 0;
  readonly command = new Command();
  readonly readable = new Segments();
  readonly writable = new Segments();

  /** RAM as it lay when the chain was taken. */
  private ranges: readonly RamRange[] = [];

  constructor() {
    // Data go into the command's own list, and the response into this one.
    this.writable.isData = false;
  }

  /** It comes by chain `id`, of so many buffers. */
  begin(id: number, pieces: number): void {
    this.chain = id;
    this.pieces = pieces;
    if (pieces > this.room) this.room = pieces;
    this.target = -1;
    this.response = SCSI_RESPONSE.OK;
    this.command.begin();
    this.command.dataOut.clear();
    this.command.dataIn.clear();
  }

  /** @param ranges RAM as it lies. */
  taken(ranges: readonly RamRange[]): void {
    this.ranges = ranges;
  }

  /**
   * A host's memory may have grown into another buffer since: finds the same addresses in it. If one is RAM no
   * more, the request has no room for an answer.
   */
  follow(memory: GuestMemory): void {
    const { ranges, command, readable, writable } = this;
    if (ranges === memory.ranges) return;
    this.ranges = memory.ranges;
    const all = [readable, writable, command.dataIn, command.dataOut];
    if (all.map((list) => moved(list, ranges, memory)).every(Boolean)) return;
    this.ready = false;
    writable.clear();
  }

  sameTag(other: Request): boolean {
    return (
      this.tagLow === other.tagLow &&
      this.tagHigh === other.tagHigh &&
      this.target === other.target &&
      this.lun === other.lun
    );
  }
}

function moved(list: Segments, from: readonly RamRange[], memory: GuestMemory): boolean {
  for (let i = 0; i < list.count; i++) {
    const { base } = from.find(({ bytes }) => bytes === list.bytes[i])!;
    const range = memory.find(base + list.offset[i]!, list.length[i]!);
    if (range === null) return false;
    list.offset[i]! += base - range.base;
    list.bytes[i] = range.bytes;
  }
  return true;
}
