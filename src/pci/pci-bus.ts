import type { Region } from '../core/access.ts';
import type { MmioSpace, PortSpace } from '../core/address-space.ts';
import { bdfText } from '../core/bits.ts';
import type { Board, ResetKind } from '../core/board.ts';
import type { Line } from '../core/line.ts';
import { MisuseError } from '../core/misuse.ts';
import type { Bar } from './config-space.ts';
import { type Identity, PciFunction, type Slot } from './pci-function.ts';
import {
  BRIDGE_CONTROL,
  COMMAND,
  INTERRUPT_PIN,
  MEMORY_BASE,
  MEMORY_LIMIT,
  PRIMARY_BUS,
  SECONDARY_BUS,
  SUBORDINATE_BUS,
} from './registers.ts';

const SLOT = 'a device from 0 to 31 and a function from 0 to 7';
const FOUR_GIB = 0x1_0000_0000;
const PAGE = 4096;

/** Where base addresses of ports are mapped. */
export type IoDecode = Pick<PortSpace, 'map' | 'unmap' | 'within'>;

/** What the 16 bits of a bridge's window count, and the step of its ends. */
const [WINDOW_UNIT, WINDOW_STEP] = [0x1_0000, 0x10];
/** INTA to INTD. */
const PINS = 4;
const { MEMORY_SPACE } = COMMAND.mask;
const { SECONDARY_BUS_RESET } = BRIDGE_CONTROL.mask;

/** What leads to a bus, and the bus that is on. */
interface Above {
  readonly bridge: PciBridge;
  readonly bus: PciBus;
}

/**
 * A bus. Functions come and go by the same two calls; it maps their BARs, and connects INTA of slot n of bus 0 to link
 * (n − 1) & 3, each further pin one link on (as i440FX boards are wired).
 */
export class PciBus implements Slot {
  private readonly functions: (PciFunction | null)[] = new Array<PciFunction | null>(256).fill(null);
  private readonly ports: IoDecode;
  private readonly mmio: MmioSpace;
  private readonly links: readonly Line[];
  private readonly routeOf: (link: number) => number | null;
  private readonly above: Above | null;
  private readonly bridges: PciBridge[] = [];
  /** Its own, and where they are: device << 3 | function. */
  private readonly places = new Map<PciFunction, number>();
  /** All there are, until some come or go. */
  private known: PciFunction[] | null = null;

  /** @param links PIRQA to PIRQD. @param routeOf the IRQ that a link drives; null for none. @param above null for bus 0. */
  constructor(
    ports: IoDecode,
    mmio: MmioSpace,
    links: readonly Line[],
    routeOf: (link: number) => number | null = () => null,
    above: Above | null = null,
  ) {
    this.ports = ports;
    this.mmio = mmio;
    this.links = links;
    this.routeOf = routeOf;
    this.above = above;
  }

  add(fn: PciFunction, device: number, number = 0): void {
    const place = (device << 3) | number;
    if (device < 0 || device > 31 || number < 0 || number > 7)
      throw new MisuseError('pci.slot', `${device}.${number}`, SLOT);
    if (this.functions[place] !== null) throw new MisuseError('pci.slot', bdfText(place), 'free');
    this.functions[place] = fn;
    this.places.set(fn, place);
    this.forgetKnown();
    const link = this.linkOf(fn, device);
    fn.plugged(this, this.addressOf(place), link === null ? null : this.links[link]!.source(fn.name));
    this.remap(fn);
  }

  /** Adds a bridge. @returns the bus behind it: pin n of its slot m is pin (n + m) & 3 of the bridge. */
  addBridge(bridge: PciBridge, device: number): PciBus {
    this.add(bridge, device);
    const pins = Array.from({ length: PINS }, (_, pin) => (this.firstLink + device + pin) & 3);
    const links = pins.map((link) => this.links[link]!);
    const above = { bridge, bus: this };
    bridge.below = new PciBus(this.ports, this.mmio, links, (pin) => this.routeOf(pins[pin]!), above);
    this.bridges.push(bridge);
    return bridge.below;
  }

  remove(fn: PciFunction): void {
    for (const bar of fn.bars) this.move(bar, null, fn);
    this.functions[this.places.get(fn)!] = null;
    this.places.delete(fn);
    this.forgetKnown();
    fn.unplugged();
  }

  /** The IRQ of its interrupt pin; null for none. */
  irqOf(fn: PciFunction): number | null {
    const link = this.linkOf(fn, this.places.get(fn)! >> 3);
    return link === null ? null : this.routeOf(link);
  }

  /** The function at `bdf`, or null. */
  at(bdf: number): PciFunction | null {
    const number = bdf >> 8;
    if (number === this.number) return this.functions[bdf & 0xff]!;
    for (const bridge of this.bridges) if (bridge.leadsTo(number)) return bridge.below!.at(bdf);
    return null;
  }

  /** Every function, here and then behind each bridge: in the order of their addresses, if firmware gave the numbers. */
  all(): readonly PciFunction[] {
    this.known ??= [
      ...this.functions.filter((fn) => fn !== null),
      ...this.bridges.flatMap(({ below }) => below!.all()),
    ];
    return this.known;
  }

  remap(fn: PciFunction): void {
    for (const bar of fn.bars) {
      const to = bar.wanted();
      this.move(bar, to !== null && this.forwards(bar, to) ? to : null, fn);
    }
  }

  get reachesMemory(): boolean {
    return this.above === null || this.above.bridge.gate.open;
  }

  /** A bridge to it, or before that, was written. */
  refresh(): void {
    for (const [fn, place] of this.places) {
      fn.bdf = this.addressOf(place);
      fn.openGate();
      this.remap(fn);
    }
    for (const { below } of this.bridges) below!.refresh();
  }

  /** Reports an access without a region to functions with a BAR there that is disabled or not reached, or with one that ends before. */
  missed(kind: 'io' | 'memory', address: number): void {
    for (const { events, bars } of this.all()) {
      if (events === null) continue;
      const bar = bars.find((one) => (one.kind === 'io') === (kind === 'io') && one.holds(address));
      if (bar !== undefined && bar.mapped === null) events.missed(bar.index, address, bar.wanted() !== null);
      const shorter = kind === 'memory' && bars.find((one) => isBehind(one, address));
      if (shorter) events.beyond(shorter.index, address);
      const cut = kind === 'io' ? undefined : bars.find((one) => isCutTo(one, address));
      if (cut !== undefined) events.cut(cut.index, cut.mapped!, address);
    }
  }

  mapPorts(base: number, region: Region): void {
    this.ports.map(base, region, 'positive');
  }

  unmapPorts(base: number, region: Region): void {
    this.ports.unmap(base, region);
  }

  /** -1 while no bridge leads to it. */
  private get number(): number {
    return this.above === null ? 0 : this.above.bridge.secondary;
  }

  /** The link of INTA of slot 0. */
  private get firstLink(): number {
    return this.above === null ? -1 : 0;
  }

  private forgetKnown(): void {
    this.known = null;
    this.above?.bus.forgetKnown();
  }

  /** Whether an access to all of a BAR comes as far as this bus. */
  private forwards(bar: Bar, to: number): boolean {
    const { above } = this;
    return above === null || (above.bridge.forwards(bar, to) && above.bus.forwards(bar, to));
  }

  /** A function's address: bus << 8 | device << 3 | function. */
  private addressOf(place: number): number {
    const { number } = this;
    return number < 0 ? -1 : (number << 8) | place;
  }

  /** The link of its interrupt pin; null without one. */
  private linkOf({ config }: PciFunction, device: number): number | null {
    const pin = config.get(INTERRUPT_PIN);
    return pin === 0 ? null : (this.firstLink + device + pin - 1) & 3;
  }

  /** The region that already answers where a BAR is to be mapped. */
  private otherAt({ kind, region }: Bar, to: number, { memory }: Board): string | null {
    // All ones, written for sizing, are not an address.
    if (to + region.size === FOUR_GIB) return null;
    if (kind === 'io') return this.ports.within(to, region.size)?.name ?? null;
    if (memory.ranges.some(({ base, size }) => to < base + size && base < to + region.size)) return 'RAM';
    return this.mmio.within(to, region.size)?.name ?? null;
  }

  private move(bar: Bar, to: number | null, { events, board }: PciFunction): void {
    if (bar.mapped === to) return;
    const { region } = bar;
    if (bar.mapped !== null) {
      if (bar.kind === 'io') this.ports.unmap(bar.mapped, region);
      else this.mmio.unmap(bar.mapped, region);
    }
    if (to !== null) {
      events?.placed(bar.index, to, this.otherAt(bar, to, board));
      if (bar.kind === 'io') this.ports.map(to, region, 'positive');
      else this.mmio.map(to, region);
    }
    bar.mapped = to;
  }
}

/** Whether `address` is behind a BAR in memory, in the 4 KiB in which that ends. */
function isBehind({ kind, mapped, region }: Bar, address: number): boolean {
  if (kind === 'io' || mapped === null) return false;
  const end = mapped + region.size;
  return address >= end && address < Math.ceil(end / PAGE) * PAGE;
}

/** Whether it answers above 4 GiB, and `address` is what 32 bits hold of that. */
function isCutTo({ mapped, region }: Bar, address: number): boolean {
  if (mapped === null || mapped < FOUR_GIB || address >= FOUR_GIB) return false;
  const low = mapped % FOUR_GIB;
  return address >= low && address < low + region.size;
}

/**
 * A bridge to another bus. It forwards configuration cycles by bus number, and accesses to memory within its window; it
 * has none for ports, nor for memory that may be prefetched. Source: PCI-to-PCI Bridge Architecture 1.2, 3.2.
 *
 * @example
 * const bridge = new PciBridge('bridge0', board, { vendor: 0x1ae0, device: 0x0f48, class: 0x060400, revision: 0 });
 * bus.addBridge(bridge, 5).add(fn, 0);
 * fn.bdf;                             // -1, until the guest has given the bus a number
 */
export class PciBridge extends PciFunction {
  /** The bus behind it; null while it is unplugged. */
  below: PciBus | null = null;

  constructor(name: string, board: Board, id: Identity) {
    super(name, board, { ...id, isBridge: true });
    for (const each of [
      PRIMARY_BUS,
      SECONDARY_BUS,
      SUBORDINATE_BUS,
      MEMORY_BASE,
      MEMORY_LIMIT,
      BRIDGE_CONTROL,
    ])
      this.config.define(each);
  }

  protected override configWritten(): void {
    if (this.isHeld) for (const fn of this.below?.all() ?? []) fn.reset('hard');
    this.below?.refresh();
  }

  override reset(kind: ResetKind): void {
    super.reset(kind);
    this.below?.refresh();
  }

  /** The number of the bus behind it; -1 while it has none. */
  get secondary(): number {
    return this.bdf < 0 ? -1 : this.config.get(SECONDARY_BUS) || -1;
  }

  /** What is behind it is held in reset. */
  private get isHeld(): boolean {
    return (this.config.get(BRIDGE_CONTROL) & SECONDARY_BUS_RESET) !== 0;
  }

  leadsTo(bus: number): boolean {
    const { secondary, config } = this;
    return !this.isHeld && secondary > 0 && bus >= secondary && bus <= config.get(SUBORDINATE_BUS);
  }

  /** Whether it passes an access to all of a BAR on to the bus behind it. */
  forwards(bar: Bar, to: number): boolean {
    const { config } = this;
    if (this.isHeld || bar.kind === 'io' || (config.get(COMMAND) & MEMORY_SPACE) === 0) return false;
    const start = config.get(MEMORY_BASE) * WINDOW_UNIT;
    const end = (config.get(MEMORY_LIMIT) + WINDOW_STEP) * WINDOW_UNIT;
    return to >= start && to + bar.region.size <= end;
  }
}
