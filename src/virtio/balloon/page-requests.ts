import type { Board } from '../../core/board.ts';
import { Segments } from '../../core/segments.ts';
import type { Endian } from '../../core/struct.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import { ramPages } from './pages.ts';

const PFN_BYTES = 4;
/** What is read at once: as much as Linux sends at once. */
const CHUNK = 1024;

/** What requests of the inflate and the deflate queue say: arrays of page numbers. */
export class PageRequests {
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
  serve(queue: Virtqueue, subject: string, act: (pfn: number, subject: string) => void): void {
    let left = ramPages(this.board);
    while (queue.pop()) {
      this.check(queue, subject);
      queue.chain.resolve(this.readable, this.writable);
      left -= this.read(subject, act, left);
      queue.push(queue.chain.id, 0);
    }
    queue.flush();
  }

  private check({ chain: { readableBytes, writableBytes } }: Virtqueue, subject: string): void {
    const { journal } = this.board;
    const room = 'bytes for the device to write in a request:';
    journal.check('virtio/BALLOON-IMP-1', writableBytes === 0, subject, room, writableBytes);
    const whole = readableBytes % PFN_BYTES === 0;
    journal.check('virtio/BALLOON-IMP-2', whole, subject, 'bytes of page numbers:', readableBytes);
  }

  /** Reads `most` numbers at the most; returns how many there were. */
  private read(subject: string, act: (pfn: number, subject: string) => void, most: number): number {
    const count = Math.min(Math.floor(this.readable.total / PFN_BYTES), most);
    const end = count * PFN_BYTES;
    for (let at = 0; at < end; at += CHUNK) {
      const got = this.readable.gather(this.chunk, at, Math.min(CHUNK, end - at));
      for (let i = 0; i < got; i += PFN_BYTES) act(this.view.getUint32(i, this.little), subject);
    }
    return count;
  }
}
