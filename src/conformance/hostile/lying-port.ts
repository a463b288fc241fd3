import type { Region } from '../../core/access.ts';
import { allOnes, type Width } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { COM_PORTS } from '../../core/places.ts';
import type { FunctionView } from '../../machine/function-view.ts';
import type { Machine } from '../../machine/machine.ts';
import { CONFADD, CONFDATA } from '../../pci/registers.ts';
import type { VirtioDevice } from '../../virtio/device.ts';
import { GSO_FRAME_MAX, NET_FEATURE, netHeaderSize } from '../../virtio/net/registers.ts';
import type { Chain, QueueEvents, RingPlace } from '../../virtio/queue/events.ts';
import { DEVICE_FEATURES, DEVICE_STATUS, LEGACY_CONFIG, QUEUE_SIZE } from '../../virtio/registers.ts';
import { PLACE } from '../../virtio/transport/modern/interface.ts';
import * as modern from '../../virtio/transport/modern/registers.ts';
import { behind } from '../broken/behind.ts';
import type { ActiveLie, ReadPlace } from './lie.ts';
import { isReceiveQueue, UsedRing } from './used-ring.ts';

type What = ReadPlace['what'];

const UART_PORTS = 8;
/** The BAR of the messages' table, on every function. */
const MSIX_BAR = 1;
const LEGACY: Readonly<Record<number, What>> = {
  [DEVICE_FEATURES.offset]: 'features',
  [QUEUE_SIZE.offset]: 'queue size',
  [DEVICE_STATUS.offset]: 'status',
};
const COMMON: Readonly<Record<number, What>> = {
  [modern.device_feature.offset]: 'features',
  [modern.device_status.offset]: 'status',
  [modern.config_generation.offset]: 'generation',
  [modern.queue_size.offset]: 'queue size',
};

/** A place in a BAR of a function. */
interface Hit {
  readonly fn: FunctionView;
  readonly region: Region;
  readonly offset: number;
}

/**
 * A machine's port with a lie in what it reads: configuration space, the registers of virtio functions, UARTs. What
 * is written goes to the honest device.
 */
export class LyingPort {
  readonly port: GuestPort;
  private readonly active: ActiveLie;
  private readonly functions: readonly FunctionView[];
  /** `net`, of `net0`. */
  private readonly devices = new Map<FunctionView, string>();
  private readonly reads = new Map<string, number>();
  /** The word of features that each function shows. */
  private readonly words = new Map<FunctionView, number>();
  private selected = 0;

  constructor(machine: Machine, active: ActiveLie) {
    const { port } = machine;
    this.active = active;
    this.functions = machine.virtio.map(({ fn }) => fn);
    for (const { fn, name } of machine.virtio) this.devices.set(fn, name.replace(/\d+$/, ''));
    this.port = behind(port, {
      in: (at, width) => this.ported(at, width, port.in(at, width)),
      read: (address, width) => this.mapped(address, width, port.read(address, width)),
      out: (at, value, width) => {
        if (at === CONFADD.offset && width === 4) this.selected = value >>> 0;
        port.out(at, value, width);
      },
      write: (address, value, width) => {
        const hit = this.hit(address, false);
        if (hit?.offset === modern.device_feature_select.offset) this.words.set(hit.fn, value);
        port.write(address, value, width);
      },
    });
  }

  private ported(at: number, width: Width, value: number): number {
    const data = at - CONFDATA;
    if (data >= 0 && data < 4) return this.space(data, width, value);
    if (this.active.lie.register === undefined) return value;
    const uart = COM_PORTS.find((base) => at >= base && at < base + UART_PORTS);
    if (uart !== undefined) return this.told('uart', null, at - uart, width, value);
    const hit = this.hit(at, true);
    if (hit === null) return value;
    const config = hit.region.context?.() === 1 ? LEGACY_CONFIG.withMsix : LEGACY_CONFIG.withoutMsix;
    return hit.offset >= config
      ? this.configuration(hit, hit.offset - config, width, value)
      : this.register(hit, LEGACY[hit.offset], width, value);
  }

  private mapped(address: number, width: Width, value: number): number {
    const hit = this.active.lie.register === undefined ? null : this.hit(address, false);
    if (hit === null) return value;
    const { offset } = hit;
    return offset >= PLACE.device && offset < PLACE.notify
      ? this.configuration(hit, offset - PLACE.device, width, value)
      : this.register(hit, COMMON[offset], width, value);
  }

  private configuration({ fn }: Hit, offset: number, width: Width, value: number): number {
    return this.told('configuration', fn, offset, width, value);
  }

  private register({ fn }: Hit, what: What | undefined, width: Width, value: number): number {
    if (what === undefined) return value;
    const word = what === 'features' ? (this.words.get(fn) ?? 0) : 0;
    return this.told(what, fn, word, width, value);
  }

  /** Reads are counted; those of a configuration together. */
  private told(what: What, fn: FunctionView | null, offset: number, width: Width, value: number): number {
    const { lie, random } = this.active;
    if (lie.register === undefined) return value;
    const key = `${fn?.bdf} ${what} ${what === 'configuration' ? '' : offset}`;
    const before = this.reads.get(key) ?? 0;
    this.reads.set(key, before + 1);
    const device = fn === null ? null : this.devices.get(fn)!;
    const place = { what, offset, width, device, before };
    const said = (lie.register(place, value, random) & allOnes(width)) >>> 0;
    this.active.tell(said !== value);
    return said;
  }

  /** A read of configuration space, byte by byte. */
  private space(data: number, width: Width, value: number): number {
    const { lie } = this.active;
    const fn = this.functions.find(({ bdf }) => bdf === ((this.selected >>> 8) & 0xffff));
    if (lie.space === undefined || fn === undefined) return value;
    let said = 0;
    for (let i = width - 1; i >= 0; i--) {
      const offset = (this.selected & 0xfc) + data + i;
      said = said * 0x100 + (lie.space(fn, offset, (value >>> (8 * i)) & 0xff) & 0xff);
    }
    this.active.tell(said !== value);
    return said;
  }

  /** The BAR of a function that an address is in, if its registers are those of virtio. */
  private hit(address: number, io: boolean): Hit | null {
    for (const fn of this.functions)
      for (const { index, kind, mapped, region } of fn.bars) {
        if (mapped === null || (kind === 'io') !== io || index === MSIX_BAR) continue;
        if (address >= mapped && address < mapped + region.size)
          return { fn, region: region as Region, offset: address - mapped };
      }
    return null;
  }
}

/** Follows the rings of a device, and rewrites what it has said there before the driver sees it. */
export class LyingRings implements QueueEvents {
  /** A chain was made available that the device has. */
  onLentTwice: () => void = () => {};
  private mostLent = 0;
  private readonly device: VirtioDevice;
  private readonly active: ActiveLie;
  private readonly rings = new Map<number, UsedRing>();

  constructor(device: VirtioDevice, active: ActiveLie) {
    this.device = device;
    this.active = active;
  }

  /** The most bytes that a frame may have, of what was lent for frames. */
  get longestFrame(): number {
    const { accepted } = this.device;
    return accepted.has(NET_FEATURE.MRG_RXBUF) ? GSO_FRAME_MAX : this.mostLent - netHeaderSize(accepted);
  }

  placed(queue: number, place: RingPlace): void {
    this.rings.set(queue, new UsedRing(this.device, queue, place));
  }

  taken(queue: number, chain: Chain, indirect: boolean): void {
    this.rings.get(queue)?.take(chain, indirect);
    if (isReceiveQueue(this.device, queue)) this.mostLent = Math.max(this.mostLent, chain.writableBytes);
  }

  putBack(queue: number, count: number): void {
    this.rings.get(queue)?.putBack(count);
  }

  used(queue: number, id: number): void {
    this.rings.get(queue)?.use(id);
  }

  published(queue: number): void {
    const ring = this.rings.get(queue);
    if (ring === undefined) return;
    const { lie, random } = this.active;
    for (const entry of ring.published()) {
      const { id } = entry;
      if (lie.used !== undefined && this.active.isDue()) this.active.tell(lie.used(entry, random));
      ring.last = id;
    }
    if (lie.published !== undefined && this.active.isDue()) this.active.tell(lie.published(ring, random));
  }

  dry(): void {}

  fault(_queue: number, fault: string): void {
    if (fault === 'head in flight' || fault === 'id in flight') this.onLentTwice();
  }

  forgotten(queue: number): void {
    this.rings.delete(queue);
  }
}
