import type { Board } from '../../core/board.ts';
import type { Staging } from '../../core/staging.ts';
import { VirtioDevice } from '../device.ts';
import type { Manners } from '../manners.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import { VIRTIO_ID } from '../registers.ts';
import type { RngEvents } from './events.ts';

const PAGE = 4096;
/** Cost of one random byte, in bytes moved. */
const RANDOM = 16;

/** The entropy device (virtio 1.4, Entropy Device). Its bytes come from the machine's seed, so runs are reproducible. */
export class VirtioRng extends VirtioDevice<RngEvents> {
  private readonly scratch: Staging;

  /** @param ringSize entries of its one queue, a power of two. */
  constructor(
    name: string,
    board: Board,
    ringSize: number,
    ringFeatures: readonly number[] = [],
    manners?: Manners,
  ) {
    const virtioId = VIRTIO_ID.rng;
    super(name, board, {
      virtioId,
      offered: ringFeatures,
      queueSizes: [ringSize],
      configBytes: 0,
      dependencies: [],
      manners,
    });
    this.scratch = board.memory.staging(PAGE);
  }

  override readConfig(): number {
    return 0xff;
  }

  override writeConfig(): void {}

  protected override kicked(queue: Virtqueue): void {
    const { budget } = this;
    while (budget.left > 0 && queue.pop()) {
      const { id, readableBytes, writableBytes } = queue.chain;
      this.events?.asked(readableBytes, writableBytes);
      // At most a page per request, so that a guest that asks for all of RAM does not take long.
      const count = Math.min(writableBytes, PAGE);
      this.board.random.fill(this.scratch.bytes, count);
      budget.spendOn(queue.chain.count, count * RANDOM);
      queue.push(id, queue.chain.scatter(this.scratch, count));
    }
    queue.flush();
  }

  override role(): string {
    return 'request queue';
  }

  protected override restart(): void {}
}
