import type { Board } from '../../core/board.ts';
import { Segments } from '../../core/segments.ts';
import type { Endian } from '../../core/struct.ts';
import type { Virtqueue } from '../virtqueue.ts';
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

  /** Does `act` with each page number of each request, and acknowledges the requests. */
  serve(queue: Virtqueue, subject: string, act: (pfn: number, subject: string) => void): void {
    while (queue.pop()) {
      this.check(queue, subject);
      queue.chain.resolve(this.readable, this.writable);
      this.read(subject, act);
      queue.push(queue.chain.id, 0);
    }
    queue.flush();
  }

  private check({ chain: { readableBytes, writableBytes } }: Virtqueue, subject: string): void {
    const { journal } = this.board;
    const room = 'bytes for the device to write in a request:';
    journal.check('virtio/BALLOON-IMP-1', writableBytes === 0, subject, room, writableBytes);
    const whole = readableBytes % PFN_BYTES === 0;
    journal.check(
      'virtio/BALLOON-IMP-2',
      whole,
      subject,
      'bytes in an array of page numbers:',
      readableBytes,
    );
  }

  /** As many numbers as RAM has pages, so that a guest that sends all of RAM, again and again, is not served for long. */
  private read(subject: string, act: (pfn: number, subject: string) => void): void {
    const most = ramPages(this.board) * PFN_BYTES;
    const end = Math.min(this.readable.total, most) & ~(PFN_BYTES - 1);
    for (let at = 0; at < end; at += CHUNK) {
      const got = this.readable.gather(this.chunk, at, Math.min(CHUNK, end - at));
      for (let i = 0; i < got; i += PFN_BYTES) act(this.view.getUint32(i, this.little), subject);
    }
  }
}
