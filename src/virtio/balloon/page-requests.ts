import type { Board } from '../../core/board.ts';
import type { Budget } from '../../core/budget.ts';
import { Segments } from '../../core/segments.ts';
import type { Endian } from '../../core/struct.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import type { BalloonEvents } from './events.ts';
import { ramPages } from './pages.ts';

const PFN_BYTES = 4;
/** Bytes read at once: as much as Linux sends at once. */
const CHUNK = 1024;
/** Cost of a page number in the budget, whatever its effect. */
const NUMBER = 16;

/** Progress of a queue. */
interface Progress {
  /** Page numbers that may still be read before the driver has to kick again. */
  left: number;
  /** Bytes already read of the next request. */
  read: number;
}

/** Processes requests of the inflate and deflate queues: arrays of page numbers. */
export class PageRequests {
  events: BalloonEvents | null = null;
  private readonly board: Board;
  private readonly little: boolean;
  private readonly budget: Budget;
  /** By the queue's index; null if nothing is left of a kick. */
  private readonly progress: (Progress | null)[] = [];
  private readonly chunk = new Uint8Array(CHUNK);
  private readonly view = new DataView(this.chunk.buffer);
  private readonly readable = new Segments();
  private readonly writable = new Segments();

  constructor(board: Board, endian: Endian, budget: Budget) {
    this.board = board;
    this.little = endian === 'le';
    this.budget = budget;
  }

  reset(): void {
    this.progress.length = 0;
  }

  forget(queue: number): void {
    this.progress[queue] = null;
  }

  /**
   * Calls `act` with each page number of each request, and completes the requests. Reads at most as many numbers as RAM
   * has pages until all offered requests are served, so that a guest that sends all of RAM again and again cannot take
   * long. A request that does not fit the budget is put back into the ring meanwhile.
   */
  serve(queue: Virtqueue, act: (page: number) => void): void {
    const { board, budget } = this;
    const progress = (this.progress[queue.index] ??= { left: ramPages(board), read: 0 });
    while (budget.left > 0 && queue.pop()) {
      const { id, readableBytes, writableBytes } = queue.chain;
      if (progress.read === 0) this.events?.pagesSent(queue.index, readableBytes, writableBytes);
      budget.spendOn(queue.chain.count, 0);
      queue.chain.resolve(this.readable, this.writable);
      if (!this.read(act, progress)) {
        queue.rewind(1);
        break;
      }
      queue.push(id, 0);
      progress.read = 0;
    }
    if (budget.left > 0) this.forget(queue.index);
    queue.flush();
  }

  /** False if the request was not read to its end. */
  private read(act: (page: number) => void, progress: Progress): boolean {
    const { budget, readable } = this;
    const end =
      progress.read + Math.min(wholeNumbers(readable.total - progress.read), progress.left) * PFN_BYTES;
    while (progress.read < end && budget.left > 0) {
      const got = readable.gather(this.chunk, progress.read, Math.min(CHUNK, end - progress.read));
      for (let i = 0; i < got; i += PFN_BYTES) act(this.view.getUint32(i, this.little));
      const numbers = got / PFN_BYTES;
      budget.spend(readable.count + numbers * NUMBER);
      progress.read += got;
      progress.left -= numbers;
    }
    return progress.read >= end;
  }
}

function wholeNumbers(bytes: number): number {
  return Math.max(0, Math.floor(bytes / PFN_BYTES));
}
