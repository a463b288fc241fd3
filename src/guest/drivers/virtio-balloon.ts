import type { Gpa, Nanos } from '../../core/bits.ts';
import type { Driver } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import {
  BALLOON_FEATURE,
  BALLOON_PFN_SHIFT,
  BALLOON_QUEUE,
  BALLOON_STAT,
  type BalloonStat,
  virtio_balloon_config,
  virtio_balloon_stat,
} from '../../virtio/balloon/registers.ts';
import { FEATURE } from '../../virtio/registers.ts';
import { SavedFunction } from '../pci/saved-function.ts';
import type { DriverQueue } from '../virtio/driver-queue.ts';
import { ExchangeQueue } from '../virtio/exchange-queue.ts';
import { acceptable, TRANSPORT_FEATURES } from '../virtio/features.ts';
import { isVirtio } from '../virtio/identity.ts';
import { VirtioDriver, type VirtioUse } from '../virtio/virtio-driver.ts';

const PAGE = 1 << BALLOON_PFN_SHIFT;
/** Pages of one request, the same as in Linux. */
const PAGES_MAX = 256;
const PFN_BYTES = 4;
const STATS_BYTES = virtio_balloon_stat.size * Object.keys(BALLOON_STAT).length;
const CONFIG = virtio_balloon_config.offset;
const KNOWN = [...TRANSPORT_FEATURES, BALLOON_FEATURE.MUST_TELL_HOST, BALLOON_FEATURE.STATS_VQ];

/** The guest's memory statistics: at least one, and the same tags each time. */
export type BalloonStats = Partial<Readonly<Record<BalloonStat, bigint>>>;

/**
 * A memory balloon in use. Pages of 4 KiB go in and out when `follow` is called; the host is notified before they are
 * used again.
 *
 * @example
 * const balloon = machine.attach(virtioBalloon({ stats: () => ({ MEMFREE: 1n }) }));
 * balloon.target;             // what the device requests, in pages
 * balloon.follow();           // 1024: pages in the balloon, as many as requested
 * balloon.answer(SECOND);     // true: the device requested statistics and got them
 * balloon.suspend();          // power may go and come
 * balloon.resume();
 * balloon.close();            // takes all pages back
 */
export class BalloonDriver {
  /** Addresses of the pages in the balloon. */
  readonly pages: Gpa[] = [];
  private readonly port: GuestPort;
  private readonly bdf: number;
  private readonly use: BalloonUse;
  private readonly stats: () => BalloonStats;
  private work: Work;
  private asked = false;
  private saved: SavedFunction | null = null;

  /** @param use.stats the guest's memory statistics; omitted, none are sent. */
  constructor(port: GuestPort, bdf: number, use: BalloonUse = {}) {
    this.port = port;
    this.bdf = bdf;
    this.use = use;
    this.stats = use.stats ?? (() => ({}));
    this.work = this.bringUp();
    this.offerStats();
  }

  /** Pages that the device requests. */
  get target(): number {
    const { transport } = this.work.device;
    if (this.modern) return transport.readConfig(CONFIG.num_pages, 4);
    return virtio_balloon_config.decode(transport.readConfigBytes(0, virtio_balloon_config.size)).num_pages;
  }

  /** Gives pages or takes them back until the target is reached; returns how many are in the balloon. */
  follow(): number {
    this.resize(this.target);
    return this.pages.length;
  }

  /** Waits for a statistics request, and answers it; false if there was none within `limit`. */
  answer(limit: Nanos): boolean {
    if (!this.work.device.wait(() => this.asked, limit)) return false;
    this.asked = false;
    this.offerStats();
    return true;
  }

  /** Takes all pages back, and prepares for a loss of power. */
  suspend(): void {
    this.saved = SavedFunction.of(this.port, this.bdf);
    this.close();
  }

  /** Resumes after `suspend`, with as many pages as now requested. */
  resume(): void {
    this.saved?.restore(this.port);
    this.asked = false;
    this.work = this.bringUp();
    this.offerStats();
    this.follow();
  }

  close(): void {
    this.resize(0);
    this.work.device.close();
    for (const buffer of [this.work.array, this.work.statsBuffer]) this.port.release(buffer);
  }

  private bringUp(): Work {
    return bringUp(this.port, this.bdf, this.use, () => {
      this.asked = true;
    });
  }

  private get modern(): boolean {
    return this.work.device.features.has(FEATURE.VERSION_1);
  }

  private resize(target: number): void {
    const before = this.pages.length;
    while (this.pages.length < target) this.inflate(Math.min(target - this.pages.length, PAGES_MAX));
    while (this.pages.length > target) this.deflate(Math.min(this.pages.length - target, PAGES_MAX));
    if (this.pages.length !== before) this.writeActual();
  }

  private inflate(count: number): void {
    const pages = Array.from({ length: count }, () => this.port.allocate(PAGE, PAGE));
    this.send(this.work.inflateQueue, pages);
    this.pages.push(...pages);
  }

  private deflate(count: number): void {
    const pages = this.pages.splice(-count);
    this.send(this.work.deflateQueue, pages);
    for (const page of pages) this.port.release(page);
  }

  private send(queue: ExchangeQueue, pages: readonly Gpa[]): void {
    const { memory } = this.port;
    for (const [i, page] of pages.entries())
      memory.store(this.work.array + i * PFN_BYTES, page / PAGE, PFN_BYTES);
    const array = { address: this.work.array, length: pages.length * PFN_BYTES };
    queue.exchange([array], [], `${pages.length} pages are not acknowledged`);
  }

  /**
   * The field is little-endian for every guest. A legacy transport swaps wider accesses for a big-endian one, so
   * there it is written byte by byte.
   */
  private writeActual(): void {
    const { transport } = this.work.device;
    const actual = this.pages.length;
    if (this.modern) transport.writeConfig(CONFIG.actual, actual, 4);
    else for (let i = 0; i < 4; i++) transport.writeConfig(CONFIG.actual + i, (actual >>> (8 * i)) & 0xff, 1);
  }

  private offerStats(): void {
    if (this.work.statsQueue === null) return;
    const { memory } = this.port;
    const layout = virtio_balloon_stat.in(this.modern ? 'le' : (memory.endian ?? 'le'));
    const entries = Object.entries(this.stats()) as [BalloonStat, bigint][];
    const bytes = new Uint8Array(entries.length * layout.size);
    for (const [i, [name, val]] of entries.entries())
      layout.encode({ tag: BALLOON_STAT[name], val }, bytes, i * layout.size);
    memory.write(this.work.statsBuffer, bytes);
    this.work.statsQueue.add([{ address: this.work.statsBuffer, length: bytes.length }], []);
    this.work.device.kick(this.work.statsQueue);
  }
}

/** A device after bring-up, its queues, and their buffers. */
interface Work {
  readonly device: VirtioDriver;
  readonly inflateQueue: ExchangeQueue;
  readonly deflateQueue: ExchangeQueue;
  readonly statsQueue: DriverQueue | null;
  readonly array: Gpa;
  readonly statsBuffer: Gpa;
}

/** @param asked called when the device requests statistics. */
function bringUp(port: GuestPort, bdf: number, use: BalloonUse, asked: () => void): Work {
  const device = new VirtioDriver(port, bdf, 'virtio-balloon', use);
  const known = KNOWN.filter((bit) => use.stats !== undefined || bit !== BALLOON_FEATURE.STATS_VQ);
  device.negotiate((offered) => acceptable(offered, known));
  const inflateQueue = new ExchangeQueue(device, BALLOON_QUEUE.inflate);
  const deflateQueue = new ExchangeQueue(device, BALLOON_QUEUE.deflate);
  const statsQueue: DriverQueue | null = device.features.has(BALLOON_FEATURE.STATS_VQ)
    ? device.addQueue(BALLOON_QUEUE.stats, () => statsQueue!.drain(asked))
    : null;
  const array = port.allocate(PAGES_MAX * PFN_BYTES, PFN_BYTES);
  const statsBuffer = port.allocate(STATS_BYTES, 1);
  device.ready();
  return { device, inflateQueue, deflateQueue, statsQueue, array, statsBuffer };
}

/** Options of a balloon's driver. */
export interface BalloonUse extends VirtioUse {
  /** Called whenever the device requests statistics. Omitted, STATS_VQ is not accepted. */
  readonly stats?: () => BalloonStats;
}

/**
 * The driver of the virtio memory balloon.
 *
 * @example machine.attach(virtioBalloon({ interrupts: 'polled' })).follow();
 */
export function virtioBalloon(use: BalloonUse = {}): Driver<BalloonDriver> {
  return {
    name: 'virtio-balloon',
    matches: (id) => isVirtio(id, 'balloon'),
    attach: (port, bdf) => new BalloonDriver(port, bdf, use),
  };
}

/** The driver of the virtio memory balloon, without statistics. */
export const virtioBalloonDriver: Driver<BalloonDriver> = virtioBalloon();
