import type { Board } from '../../core/board.ts';
import { MisuseError } from '../../core/misuse.ts';
import { VirtioDevice } from '../device.ts';
import type { Manners } from '../manners.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import { DEVICE_STATUS, VIRTIO_ID } from '../registers.ts';
import type { BalloonEvents } from './events.ts';
import { PageRequests } from './page-requests.ts';
import { BalloonPages, ramPages } from './pages.ts';
import * as reg from './registers.ts';
import { Statistics } from './statistics.ts';

const { DRIVER_OK } = DEVICE_STATUS.mask;
const config = reg.virtio_balloon_config;
const { inflate, deflate, stats } = reg.BALLOON_QUEUE;
const { STATS_VQ } = reg.BALLOON_FEATURE;
const STATS_BYTES = 4096;

export interface VirtioBalloonOptions {
  /** Entries of each queue, a power of two. */
  readonly ringSize: number;
  /** Ring feature bits to offer beside STATS_VQ. */
  readonly ringFeatures: readonly number[];
  readonly manners?: Manners | undefined;
}

/**
 * The memory balloon (virtio 1.4, Traditional Memory Balloon Device), with statistics. All counts are in pages of 4 KiB.
 * A page in the balloon reads zero until the guest writes to it. A reset empties the balloon; `target` stays.
 *
 * @example
 * const { balloon } = gceN1({ balloon: true });
 * balloon.target = 1024;              // asks for 4 MiB
 * // once the guest has run:
 * balloon.pages;                      // 1024: what it gave, by the device's count
 * balloon.actual;                     // 1024: what it reports
 * balloon.askStats();
 * balloon.stats?.get('MEMFREE');      // 94371840n, in bytes
 */
export class VirtioBalloon extends VirtioDevice<BalloonEvents> {
  private readonly config = new Uint8Array(config.size);
  private readonly inside: BalloonPages;
  private readonly requests: PageRequests;
  private readonly statistics: Statistics;
  private written = 0;

  constructor(name: string, board: Board, { ringSize, ringFeatures, manners }: VirtioBalloonOptions) {
    super(name, board, {
      virtioId: VIRTIO_ID.balloon,
      offered: [STATS_VQ, ...ringFeatures],
      queueSizes: [ringSize, ringSize, ringSize],
      configBytes: config.size,
      configFields: config,
      dependencies: [],
      manners,
    });
    const { endian } = this;
    this.inside = new BalloonPages(board, this.budget);
    this.requests = new PageRequests(board, endian, this.budget);
    this.statistics = new Statistics(board.memory.staging(STATS_BYTES), endian, this.budget);
  }

  override watchedBy(events: BalloonEvents | null): void {
    super.watchedBy(events);
    this.inside.events = events;
    this.requests.events = events;
    this.statistics.events = events;
  }

  /** The number of pages that the host asks for. */
  get target(): number {
    return config.decode(this.config).num_pages;
  }

  /**
   * Asks for so many pages in total; a running driver gets a configuration interrupt.
   *
   * @throws MisuseError for an invalid number of pages of RAM.
   */
  set target(pages: number) {
    this.checkTarget(pages);
    if (pages === this.target) return;
    config.encode({ num_pages: pages }, this.config);
    this.configChanged((this.status & DRIVER_OK) !== 0 || this.suspension.asleep);
  }

  checkTarget(pages: number): void {
    const most = ramPages(this.board);
    if (!Number.isInteger(pages) || pages < 0 || pages > most)
      throw new MisuseError(`${this.name}.target`, pages, `a number of pages from 0 to ${most}`);
  }

  /** Pages in the balloon, as the driver wrote it. */
  get actual(): number {
    return this.written;
  }

  /** Pages in the balloon, as the device counts them. */
  get pages(): number {
    return this.inside.count;
  }

  /** The driver's last statistics; null before the first. */
  get stats(): ReadonlyMap<reg.BalloonStat, bigint> | null {
    return this.statistics.values;
  }

  /** Requests statistics: `stats` has them when the driver has answered. A driver without STATS_VQ never does. */
  askStats(): void {
    if (!this.accepted.has(STATS_VQ)) return;
    this.statistics.want();
    if (this.consumes) this.serveStats(this.queues[stats]!);
  }

  override readConfig(offset: number): number {
    return this.config[offset]!;
  }

  /** `actual` takes effect at its last byte: legacy drivers write it byte by byte. */
  override writeConfig(offset: number, value: number): void {
    this.events?.configWritten(offset, value);
    if (offset < config.offset.actual) return;
    this.config[offset] = value;
    if (offset < config.size - 1) return;
    this.written = config.decode(this.config).actual;
    this.events?.actualWritten(this.written);
  }

  protected override kicked(queue: Virtqueue): void {
    const { index } = queue;
    if (index === inflate) this.requests.serve(queue, this.inside.inflate);
    else if (index === deflate) this.requests.serve(queue, this.inside.deflate);
    else if (this.accepted.has(STATS_VQ)) this.serveStats(queue);
    this.events?.attended(index, this.pages);
  }

  override role(index: number): string {
    return index === inflate ? 'inflate queue' : index === deflate ? 'deflate queue' : 'statistics queue';
  }

  protected override restart(): void {
    this.inside.clear();
    this.requests.reset();
    this.statistics.reset();
    this.written = 0;
    config.encode({ actual: 0 }, this.config);
  }

  protected override queueForgotten(index: number): void {
    if (index === stats) this.statistics.reset();
    else this.requests.forget(index);
  }

  private serveStats(queue: Virtqueue): void {
    this.statistics.serve(queue, this.legacy);
  }
}
