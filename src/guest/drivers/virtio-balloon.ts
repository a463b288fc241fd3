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
import type { DriverQueue } from '../virtio/driver-queue.ts';
import { ExchangeQueue } from '../virtio/exchange-queue.ts';
import { acceptable, TRANSPORT_FEATURES } from '../virtio/features.ts';
import { isVirtio } from '../virtio/identity.ts';
import { VirtioDriver, type VirtioUse } from '../virtio/virtio-driver.ts';

const PAGE = 1 << BALLOON_PFN_SHIFT;
/** Pages of one request, as many as Linux puts into one. */
const PAGES_MAX = 256;
const PFN_BYTES = 4;
const STATS_BYTES = virtio_balloon_stat.size * Object.keys(BALLOON_STAT).length;
const CONFIG = virtio_balloon_config.offset;
const KNOWN = [...TRANSPORT_FEATURES, BALLOON_FEATURE.MUST_TELL_HOST, BALLOON_FEATURE.STATS_VQ];

/** What a guest tells of its memory: at least one thing, and the same each time. */
export type BalloonStats = Partial<Readonly<Record<BalloonStat, bigint>>>;

/**
 * A memory balloon in use. Pages of 4 KiB go in and out when `follow` is called; the host is told before they are
 * used again.
 *
 * @example
 * const balloon = machine.attach(virtioBalloon({ stats: () => ({ MEMFREE: 1n }) }));
 * balloon.target;             // what the device asks for, in pages
 * balloon.follow();           // 1024: pages in the balloon, as many as it asks for
 * balloon.answer(SECOND);     // true: the device asked for statistics and got them
 * balloon.close();            // takes all pages back
 */
export class BalloonDriver {
  /** Where the pages in the balloon lie. */
  readonly pages: Gpa[] = [];
  private readonly device: VirtioDriver;
  private readonly inflateQueue: ExchangeQueue;
  private readonly deflateQueue: ExchangeQueue;
  private readonly statsQueue: DriverQueue | null = null;
  private readonly array: Gpa;
  private readonly statsBuffer: Gpa;
  private readonly stats: () => BalloonStats;
  private asked = false;

  /** @param use.stats what to tell of the guest's memory; nothing is told if left out. */
  constructor(port: GuestPort, bdf: number, use: BalloonUse = {}) {
    this.device = new VirtioDriver(port, bdf, 'virtio-balloon', use);
    const known = KNOWN.filter((bit) => use.stats !== undefined || bit !== BALLOON_FEATURE.STATS_VQ);
    this.device.negotiate((offered) => acceptable(offered, known));
    this.stats = use.stats ?? (() => ({}));
    this.inflateQueue = new ExchangeQueue(this.device, BALLOON_QUEUE.inflate);
    this.deflateQueue = new ExchangeQueue(this.device, BALLOON_QUEUE.deflate);
    if (this.device.features.has(BALLOON_FEATURE.STATS_VQ))
      this.statsQueue = this.device.addQueue(BALLOON_QUEUE.stats, () =>
        this.statsQueue!.drain(() => {
          this.asked = true;
        }),
      );
    this.array = port.allocate(PAGES_MAX * PFN_BYTES, PFN_BYTES);
    this.statsBuffer = port.allocate(STATS_BYTES, 1);
    this.device.ready();
    this.offerStats();
  }

  /** Pages that the device asks for. */
  get target(): number {
    const { transport } = this.device;
    if (this.modern) return transport.readConfig(CONFIG.num_pages, 4);
    return virtio_balloon_config.decode(transport.readConfigBytes(0, virtio_balloon_config.size)).num_pages;
  }

  /** Gives pages or takes them back until the device has what it asks for; returns how many are in the balloon. */
  follow(): number {
    this.resize(this.target);
    return this.pages.length;
  }

  /** Waits for the device to ask for statistics, and tells them; false if it did not ask within `limit`. */
  answer(limit: Nanos): boolean {
    if (!this.device.wait(() => this.asked, limit)) return false;
    this.asked = false;
    this.offerStats();
    return true;
  }

  close(): void {
    this.resize(0);
    this.device.close();
    for (const buffer of [this.array, this.statsBuffer]) this.device.port.release(buffer);
  }

  private get modern(): boolean {
    return this.device.features.has(FEATURE.VERSION_1);
  }

  private resize(target: number): void {
    const before = this.pages.length;
    while (this.pages.length < target) this.inflate(Math.min(target - this.pages.length, PAGES_MAX));
    while (this.pages.length > target) this.deflate(Math.min(this.pages.length - target, PAGES_MAX));
    if (this.pages.length !== before) this.writeActual();
  }

  private inflate(count: number): void {
    const pages = Array.from({ length: count }, () => this.device.port.allocate(PAGE, PAGE));
    this.send(this.inflateQueue, pages);
    this.pages.push(...pages);
  }

  private deflate(count: number): void {
    const pages = this.pages.splice(-count);
    this.send(this.deflateQueue, pages);
    for (const page of pages) this.device.port.release(page);
  }

  private send(queue: ExchangeQueue, pages: readonly Gpa[]): void {
    const { memory } = this.device.port;
    for (const [i, page] of pages.entries()) memory.store(this.array + i * PFN_BYTES, page / PAGE, PFN_BYTES);
    const array = { address: this.array, length: pages.length * PFN_BYTES };
    queue.exchange([array], [], `${pages.length} pages are not acknowledged`);
  }

  /**
   * The field is little-endian for every guest. A legacy transport swaps wider accesses for a big-endian one, so
   * there it is written byte by byte.
   */
  private writeActual(): void {
    const { transport } = this.device;
    const actual = this.pages.length;
    if (this.modern) transport.writeConfig(CONFIG.actual, actual, 4);
    else for (let i = 0; i < 4; i++) transport.writeConfig(CONFIG.actual + i, (actual >>> (8 * i)) & 0xff, 1);
  }

  private offerStats(): void {
    if (this.statsQueue === null) return;
    const { memory } = this.device.port;
    const layout = virtio_balloon_stat.in(this.modern ? 'le' : (memory.endian ?? 'le'));
    const entries = Object.entries(this.stats()) as [BalloonStat, bigint][];
    const bytes = new Uint8Array(entries.length * layout.size);
    for (const [i, [name, val]] of entries.entries())
      layout.encode({ tag: BALLOON_STAT[name], val }, bytes, i * layout.size);
    memory.write(this.statsBuffer, bytes);
    this.statsQueue.add([{ address: this.statsBuffer, length: bytes.length }], []);
    this.device.kick(this.statsQueue);
  }
}

/** How a balloon's driver is to use it. */
export interface BalloonUse extends VirtioUse {
  /** Called whenever the device wants statistics. Left out, STATS_VQ is not accepted. */
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

/** The driver of the virtio memory balloon, which tells no statistics. */
export const virtioBalloonDriver: Driver<BalloonDriver> = virtioBalloon();
