import type { Board } from '../core/board.ts';
import { Segments } from '../core/segments.ts';
import { VirtioDevice } from './device.ts';
import type { DeviceShape } from './device-shape.ts';
import type { Virtqueue } from './queue/virtqueue.ts';

/** For tests: a device that echoes what it was sent. Queues of 8, 8 and 0 entries, 6 bytes of configuration. */
export class Echo extends VirtioDevice {
  /** Queues kicked, oldest first. */
  readonly kicks: number[] = [];
  readonly config = Uint8Array.of(1, 2, 3, 4, 5, 6);
  private readonly readable = new Segments();
  private readonly writable = new Segments();

  /** @param shape overrides: the default offers 0, 1, 24, 28, 29 and 30. */
  constructor(board: Board, name = 'echo0', shape: Partial<DeviceShape> = {}) {
    super(name, board, {
      virtioId: 4,
      offered: [0, 1, 24, 28, 29, 30],
      queueSizes: [8, 8, 0],
      configBytes: 6,
      dependencies: [],
      ...shape,
    });
  }

  override readConfig(offset: number): number {
    return this.config[offset]!;
  }

  override writeConfig(offset: number, value: number): void {
    this.config[offset] = value;
  }

  /** Changes the configuration, as a device may do on its own. */
  change(tell = true): void {
    this.configChanged(tell);
  }

  protected override kicked(queue: Virtqueue): void {
    this.kicks.push(queue.index);
    while (queue.pop()) {
      queue.chain.resolve(this.readable, this.writable);
      const bytes = new Uint8Array(this.readable.total);
      this.readable.gather(bytes);
      queue.push(queue.chain.id, this.writable.scatter(bytes));
    }
    queue.flush();
  }

  override role(index: number): string {
    return `queue ${index}`;
  }

  protected override restart(): void {
    this.config.set([1, 2, 3, 4, 5, 6]);
  }
}
