import type { Board } from '../../core/board.ts';
import { Segments } from '../../core/segments.ts';
import { VirtioDevice } from '../device.ts';
import { VIRTIO_ID } from '../registers.ts';
import type { Virtqueue } from '../virtqueue.ts';

/** The entropy device (virtio 1.4, Entropy Device). Its bytes come from the machine's seed: the same run, the same bytes. */
export class VirtioRng extends VirtioDevice {
  private readonly readable = new Segments();
  private readonly writable = new Segments();
  private readonly scratch = new Uint8Array(4096);

  /** @param ringSize entries of the one queue, a power of two. */
  constructor(name: string, board: Board, ringSize: number, ringFeatures: readonly number[] = []) {
    const virtioId = VIRTIO_ID.rng;
    super(name, board, {
      virtioId,
      offered: ringFeatures,
      queueSizes: [ringSize],
      configBytes: 0,
      rules: [],
    });
  }

  override readConfig(): number {
    return 0xff;
  }

  override writeConfig(): void {}

  protected override kicked(queue: Virtqueue): void {
    while (queue.pop()) {
      queue.chain.resolve(this.readable, this.writable);
      queue.push(queue.chain.id, this.fill());
    }
    queue.flush();
  }

  protected override role(): string {
    return 'request queue';
  }

  protected override restart(): void {}

  /** At most a page a request, so that a guest that asks for all of RAM is not served for long. */
  private fill(): number {
    const length = Math.min(this.writable.total, this.scratch.length);
    this.board.random.fill(this.scratch);
    return this.writable.scatter(this.scratch, 0, length);
  }
}
