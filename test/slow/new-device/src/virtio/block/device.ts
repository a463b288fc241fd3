import type { Board } from '../../core/board.ts';
import type { Staging } from '../../core/staging.ts';
import { VirtioDevice } from '../device.ts';
import type { Manners } from '../manners.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import { VIRTIO_ID } from '../registers.ts';
import type { BlockEvents } from './events.ts';
import { SECTOR, VIRTIO_BLK_S, VIRTIO_BLK_T, virtio_blk_config, virtio_blk_req } from './registers.ts';

const { IN, OUT } = VIRTIO_BLK_T;
const { OK, IOERR, UNSUPP } = VIRTIO_BLK_S;
const HEADER = virtio_blk_req.size;
/** Data and status of one request, at most. */
const MOST = 64 * SECTOR + 1;

/** A block device whose sectors are in memory (virtio 1.4, Block Device). */
export class VirtioBlock extends VirtioDevice<BlockEvents> {
  readonly sectors: number;
  private readonly disk: Uint8Array;
  private readonly config: Uint8Array;
  private readonly request: Staging;
  private readonly answer: Staging;

  constructor(
    name: string,
    board: Board,
    sectors: number,
    ring: { readonly ringSize: number; readonly ringFeatures: readonly number[]; readonly manners: Manners },
  ) {
    super(name, board, {
      virtioId: VIRTIO_ID.block,
      offered: ring.ringFeatures,
      queueSizes: [ring.ringSize],
      configBytes: virtio_blk_config.size,
      configFields: virtio_blk_config,
      dependencies: [],
      manners: ring.manners,
    });
    this.sectors = sectors;
    this.disk = new Uint8Array(sectors * SECTOR);
    this.config = virtio_blk_config.encode({ capacity: BigInt(sectors) });
    this.request = board.memory.staging(HEADER + MOST);
    this.answer = board.memory.staging(MOST);
  }

  override readConfig(offset: number): number {
    return this.config[offset]!;
  }

  override writeConfig(): void {}

  override role(): string {
    return 'request queue';
  }

  protected override kicked(queue: Virtqueue): void {
    const { budget } = this;
    while (budget.left > 0 && queue.pop()) {
      const { chain } = queue;
      const { id, count } = chain;
      const written = this.carryOut(chain.gather(this.request), Math.min(chain.writableBytes, MOST));
      budget.spendOn(count, this.request.length);
      queue.push(id, chain.scatter(this.answer, written));
    }
    queue.flush();
  }

  protected override restart(): void {}

  /** Carries out the request of `given` bytes that is in the staging; returns how many bytes of the answer are new. */
  private carryOut(given: number, room: number): number {
    if (given < HEADER || room < 1) return 0;
    const { type, sector } = virtio_blk_req.decode(this.request.bytes);
    const length = type === OUT ? given - HEADER : room - 1;
    this.events?.requested(Number(sector), length / SECTOR);
    const status = this.transfer(type, Number(sector) * SECTOR, length);
    this.answer.bytes[room - 1] = status;
    return room;
  }

  private transfer(type: number, at: number, length: number): number {
    if (type !== IN && type !== OUT) return UNSUPP;
    if (length % SECTOR !== 0 || at + length > this.disk.length) return IOERR;
    if (type === OUT) this.disk.set(this.request.bytes.subarray(HEADER, HEADER + length), at);
    else this.answer.bytes.set(this.disk.subarray(at, at + length));
    return OK;
  }
}
