import { setBytes } from '../../core/set-bytes.ts';
import { Views } from '../../core/views.ts';
import { BLOCK, type Medium } from '../../media/medium.ts';
import { MAX_TRANSFER } from '../../scsi/registers.ts';

/** Words of a request, 32 of each. The last are its head as it was taken, with all of the CDB that a READ or WRITE has. */
export const SHIFT = 5;
export const WORD = {
  ...{ CHAIN: 0, PIECES: 1, FIRST: 2, END: 3, ANSWER: 4, DATA: 5, WRITE: 6, BLOCKS: 7 },
  ...{ ADDRESS: 8, NAME: 9, HEAD_AT: 10, HEAD: 16 },
} as const;
const { FIRST, WRITE, BLOCKS } = WORD;

/** Requests as columns. */
interface Columns {
  readonly words: Int32Array;
  readonly lbas: Float64Array;
  readonly units: readonly { readonly medium: Medium }[];
  /** Address and length of each buffer of data. */
  readonly spans: Int32Array;
}

/**
 * One call of a medium whose calls are costly, for all buffers of a request, and for requests that go on where it ends: those of
 * 4 KiB take less than half of the time from a file.
 */
export class GatheredMoves {
  private readonly columns: Columns;
  private room: Uint8Array | null = null;
  private inRoom: Views | null = null;
  private inRam: Views | null = null;
  /** Requests up to this one are moved, or are not to be moved by one call; and where in the room the next one's data are. */
  private end = 0;
  private isMoved = false;
  private at = 0;

  constructor(columns: Columns) {
    this.columns = columns;
  }

  /** There are none any more. */
  clear(): void {
    this.end = 0;
  }

  /** Moves the data of request `i` of `count`, the next one. False, with nothing done, if that is to go buffer by buffer. */
  move(i: number, count: number, ram: Uint8Array): boolean {
    if (i >= this.end) this.moveFrom(i, count, ram);
    if (!this.isMoved) return false;
    if (!this.isWrite(i)) this.copy(i, ram, false);
    return true;
  }

  /** Moves what there is from request `i` on between room and medium. */
  private moveFrom(i: number, count: number, ram: Uint8Array): void {
    const { words, lbas, units } = this.columns;
    const { medium } = units[i]!;
    const isWrite = this.isWrite(i);
    let blocks = 0;
    let end = i;
    for (; end < count && units[end]!.medium === medium && this.isWrite(end) === isWrite; end++) {
      const more = words[(end << SHIFT) | BLOCKS]!;
      if (lbas[end] !== lbas[i]! + blocks || blocks + more > MAX_TRANSFER) break;
      blocks += more;
    }
    this.end = end;
    this.at = 0;
    this.isMoved = false;
    if (end === i + 1 && this.isOne(i)) return;
    const room = (this.room ??= new Uint8Array(MAX_TRANSFER * BLOCK));
    if (isWrite) for (let k = i; k < end; k++) this.copy(k, ram, true);
    const [offset, bytes] = [lbas[i]! * BLOCK, blocks * BLOCK];
    this.isMoved = isWrite ? medium.write(offset, room, 0, bytes) : medium.read(offset, room, 0, bytes);
  }

  /** Copies the data of request `i` between RAM and the room. */
  private copy(i: number, ram: Uint8Array, isWrite: boolean): void {
    const { words, spans } = this.columns;
    const room = this.room!;
    if (this.inRam?.bytes !== ram) this.inRam = new Views(ram);
    this.inRoom ??= new Views(room);
    let left = words[(i << SHIFT) | BLOCKS]! * BLOCK;
    for (let k = words[(i << SHIFT) | FIRST]!; left > 0; k += 2) {
      const from = spans[k]!;
      const n = Math.min(spans[k + 1]!, left);
      if (isWrite) setBytes(room, this.inRam.of(from, from + n), this.at);
      else setBytes(ram, this.inRoom.of(this.at, this.at + n), from);
      this.at += n;
      left -= n;
    }
  }

  private isWrite(i: number): boolean {
    return this.columns.words[(i << SHIFT) | WRITE]! !== 0;
  }

  /** All of its data are in the first buffer. */
  private isOne(i: number): boolean {
    const { words, spans } = this.columns;
    return spans[words[(i << SHIFT) | FIRST]! + 1]! >= words[(i << SHIFT) | BLOCKS]! * BLOCK;
  }
}
