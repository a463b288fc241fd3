import type { Region } from '../core/access.ts';
import type { MmioSpace, PortSpace } from '../core/address-space.ts';
import { bdfText } from '../core/bits.ts';
import type { Board } from '../core/board.ts';
import type { Line } from '../core/line.ts';
import { MisuseError } from '../core/misuse.ts';
import type { Bar } from './config-space.ts';
import type { PciFunction, Slot } from './pci-function.ts';
import { INTERRUPT_PIN } from './registers.ts';

const FOUR_GIB = 0x1_0000_0000;
const PAGE = 4096;

/** Where base addresses of ports are mapped. */
export type IoDecode = Pick<PortSpace, 'map' | 'unmap' | 'within'>;

/** A function's address on the bus: bus << 8 | device << 3 | function. */
function bdfOf(bus: number, device: number, fn: number): number {
  return (bus << 8) | (device << 3) | fn;
}

/**
 * Bus 0. Functions come and go by the same two calls; the bus maps their BARs and connects INTA of slot n to
 * link (n − 1) & 3, each further pin one link on (as i440FX boards are wired).
 */
export class PciBus implements Slot {
  private readonly functions: (PciFunction | null)[] = new Array<PciFunction | null>(256).fill(null);
  private readonly ports: IoDecode;
  private readonly mmio: MmioSpace;
  private readonly links: readonly Line[];
  private readonly routeOf: (link: number) => number | null;

  /** @param links PIRQA to PIRQD. @param routeOf the IRQ that a link drives; null for none. */
  constructor(
    ports: IoDecode,
    mmio: MmioSpace,
    links: readonly Line[],
    routeOf: (link: number) => number | null = () => null,
  ) {
    this.ports = ports;
    this.mmio = mmio;
    this.links = links;
    this.routeOf = routeOf;
  }

  add(fn: PciFunction, device: number, number = 0): void {
    const bdf = bdfOf(0, device, number);
    if (device < 0 || device > 31 || number < 0 || number > 7)
      throw new MisuseError(
        'pci.slot',
        `${device}.${number}`,
        'a device from 0 to 31 and a function from 0 to 7',
      );
    if (this.functions[bdf] !== null) throw new MisuseError('pci.slot', bdfText(bdf), 'free');
    this.functions[bdf] = fn;
    const link = linkOf(fn, device);
    fn.plugged(this, bdf, link === null ? null : this.links[link]!.source(fn.name));
    this.remap(fn);
  }

  remove(fn: PciFunction): void {
    for (const bar of fn.bars) this.move(bar, null, fn);
    this.functions[fn.bdf] = null;
    fn.unplugged();
  }

  /** The IRQ of its interrupt pin; null for none. */
  irqOf(fn: PciFunction): number | null {
    const link = linkOf(fn, fn.bdf >> 3);
    return link === null ? null : this.routeOf(link);
  }

  /** The function at `bdf`, or null. */
  at(bdf: number): PciFunction | null {
    return this.functions[bdf] ?? null;
  }

  /** Every function, in the order of its address. */
  all(): PciFunction[] {
    return this.functions.filter((fn) => fn !== null);
  }

  remap(fn: PciFunction): void {
    for (const bar of fn.bars) this.move(bar, bar.wanted(), fn);
  }

  /** Reports an access without a region to functions with a disabled BAR there, or with one that ends before. */
  missed(kind: 'io' | 'memory', address: number): void {
    for (const fn of this.functions) {
      if (fn === null || fn.events === null) continue;
      const bar = fn.bars.find((one) => (one.kind === 'io') === (kind === 'io') && one.holds(address));
      if (bar !== undefined && bar.mapped === null) fn.events.missed(bar.index, address);
      const shorter = kind === 'memory' && fn.bars.find((one) => isBehind(one, address));
      if (shorter) fn.events.beyond(shorter.index, address);
      const cut = kind === 'io' ? undefined : fn.bars.find((one) => isCutTo(one, address));
      if (cut !== undefined) fn.events.cut(cut.index, cut.mapped!, address);
    }
  }

  mapPorts(base: number, region: Region): void {
    this.ports.map(base, region, 'positive');
  }

  unmapPorts(base: number, region: Region): void {
    this.ports.unmap(base, region);
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

/** The link of its interrupt pin; null without one. */
function linkOf({ config }: PciFunction, device: number): number | null {
  const pin = config.get(INTERRUPT_PIN);
  return pin === 0 ? null : (device - 1 + pin - 1) & 3;
}
