import type { Board } from '../../core/board.ts';
import { Segments } from '../../core/segments.ts';
import type { Endian } from '../../core/struct.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import type { BalloonEvents } from './events.ts';
import { ramPages } from './pages.ts';

const PFN_BYTES = 4;
/** What is read at once: as much as Linux sends at once. */
const CHUNK = 1024;

/** What requests of the inflate and the deflate queue say: arrays of page numbers. */
export class PageRequests {
  events: BalloonEvents | null = null;
  private readonly board: Board;
  private readonly little: boolean;
  private readonly chunk = new Uint8Array(CHUNK);
  private readonly view = new DataView(this.chunk.buffer);
  private readonly readable = new Segments();
  private readonly writable = new Segments();

  constructor(board: Board, endian: Endian) {
    this.board = board;
    this.little = endian === 'le';
  }

  /**
   * Does `act` with each page number of each request, and acknowledges the requests. It reads as many numbers as RAM
   * has pages, so that a guest that sends all of RAM, again and again, is not served for long.
   */
  serve(queue: Virtqueue, act: (page: number) => void): void {
    let left = ramPages(this.board);
    while (queue.pop()) {
      const { id, readableBytes, writableBytes } = queue.chain;
      this.events?.pagesSent(queue.index, readableBytes, writableBytes);
      queue.chain.resolve(this.readable, this.writable);
      left -= this.read(act, left);
      queue.push(id, 0);
    }
    queue.flush();
  }

  /** Reads `most` numbers at the most; returns how many there were. */
  private read(act: (page: number) => void, most: number): number {
    const count = Math.min(Math.floor(this.readable.total / PFN_BYTES), most);
    const end = count * PFN_BYTES;
    for (let at = 0; at < end; at += CHUNK) {
      const got = this.readable.gather(this.chunk, at, Math.min(CHUNK, end - at));
      for (let i = 0; i < got; i += PFN_BYTES) act(this.view.getUint32(i, this.little));
    }
    return count;
  }
}
