import type { Gpa, Width } from '../core/bits.ts';
import type { GuestPort } from '../core/guest-port.ts';
import { FOUR_GIB } from '../core/memory.ts';
import {
  BAR_COUNT,
  BAR_MEMORY,
  BAR0,
  BRIDGE,
  BRIDGE_BAR_COUNT,
  CONFADD,
  CONFDATA,
  HEADER_TYPE,
  MEMORY_BASE,
  PRIMARY_BUS,
  SECONDARY_BUS,
  SUBORDINATE_BUS,
  VENDOR_ID,
} from '../pci/registers.ts';
import type { FirmwareKind } from './firmware-option.ts';

const { ENABLE } = CONFADD.mask;
const { LAYOUT, MULTI_FUNCTION } = HEADER_TYPE.mask;
const PAGE = 4096;
const MIB = 0x10_0000;
/** Functions of one bus. */
export const BUS = 0x100;
/** The window of a bridge that forwards nothing, in MiB: it ends before it begins. */
const CLOSED: readonly [base: number, limit: number] = [0xfff, 0];
/** Bytes of a function's configuration space by PCI Express. */
const ECAM_STEP = 4096;

/** Reads configuration space, as firmware does. */
export function readConfig(port: GuestPort, bdf: number, offset: number, width: Width): number {
  if (port.ecam !== undefined) return port.read(port.ecam + bdf * ECAM_STEP + offset, width);
  port.out(CONFADD.offset, (ENABLE | (bdf << 8) | (offset & 0xfc)) >>> 0, 4);
  return port.in(CONFDATA + (offset & 3), width);
}

/** Writes configuration space, as firmware does. */
export function writeConfig(port: GuestPort, bdf: number, offset: number, width: Width, value: number): void {
  if (port.ecam !== undefined) {
    port.write(port.ecam + bdf * ECAM_STEP + offset, value, width);
    return;
  }
  port.out(CONFADD.offset, (ENABLE | (bdf << 8) | (offset & 0xfc)) >>> 0, 4);
  port.out(CONFDATA + (offset & 3), value, width);
}

const { SPACE, TYPE } = BAR_MEMORY.mask;
const TYPE_64 = BAR_MEMORY.encode({ TYPE: 2 });
/** Both halves of a base address of 64 bits. */
const WIDE = 8;

/** A base address register that firmware is about to place. */
interface Bar {
  readonly bdf: number;
  readonly offset: number;
  readonly io: boolean;
  /** It may be placed above 4 GiB. */
  readonly wide: boolean;
  /** Bytes it decodes. */
  readonly bytes: number;
  /** Bytes it takes, aligned to as many: memory by whole pages. */
  readonly size: number;
}

/** As SeaBIOS does it (src/fw/pciinit.c): the largest first, so that each is aligned; of one size, by their slots. */
function seabiosOrder(bars: readonly Bar[]): Bar[] {
  return [...bars].sort((a, b) => b.size - a.size);
}

/**
 * As EDK2 does it (MdeModulePkg, InsertResourceNode of PciBusDxe), slot by slot: a register goes before the first that
 * needs less alignment. Of the same alignment it goes before those whose rest, the bytes they decode beyond a multiple
 * of it, is no larger than its own; without a rest it goes before all of them.
 */
function edk2Order(bars: readonly Bar[]): Bar[] {
  const order: Bar[] = [];
  for (const bar of bars) {
    const at = order.findIndex((other) => goesBefore(bar, other));
    order.splice(at < 0 ? order.length : at, 0, bar);
  }
  return order;
}

/** Those of 64 bits are a list of their own, the first: a guest on a T2A found them so. */
function uefiOrder(bars: readonly Bar[]): Bar[] {
  return [...edk2Order(bars.filter(({ wide }) => wide)), ...edk2Order(bars.filter(({ wide }) => !wide))];
}

function goesBefore(bar: Bar, other: Bar): boolean {
  if (bar.size !== other.size) return bar.size > other.size;
  const rest = bar.bytes % bar.size;
  return rest === 0 || rest >= other.bytes % other.size;
}

/** Where bases are placed. */
export interface BarPlan {
  readonly kind: FirmwareKind;
  /** First I/O base. */
  readonly ioBase: number;
  /** Where the memory begins that the root bridge hands on; a UEFI places memory bases from here. */
  readonly memoryStart: number;
  /** Where it ends, and a BIOS's memory bases, or as far below as the largest of them needs to be aligned. */
  readonly memoryEnd: number;
  /** Where memory bases of 64 bits are placed from; left out, with the others. */
  readonly wideStart?: Gpa | undefined;
}

/** A function, and the bus behind it if it is a bridge. */
export interface Found {
  readonly bdf: number;
  readonly leadsTo: number | null;
}

/** Functions of a bus, and then of the buses behind its bridges, which get their numbers: `last` is the highest so far. */
export function scan(port: GuestPort, bus = 0, buses = { last: 0 }): Found[] {
  const here: Found[] = [];
  const behind: Found[] = [];
  const look = (bdf: number): number => {
    if (readConfig(port, bdf, VENDOR_ID.offset, 2) === 0xffff) return 0;
    const header = readConfig(port, bdf, HEADER_TYPE.offset, 1);
    const isBridge = (header & LAYOUT) === BRIDGE;
    here.push({ bdf, leadsTo: isBridge ? buses.last + 1 : null });
    if (isBridge) behind.push(...number(port, bdf, buses));
    return header;
  };
  for (let first = bus * BUS; first < (bus + 1) * BUS; first += 8)
    if ((look(first) & MULTI_FUNCTION) !== 0) for (let bdf = first + 1; bdf < first + 8; bdf++) look(bdf);
  return [...here, ...behind];
}

function number(port: GuestPort, bridge: number, buses: { last: number }): Found[] {
  const secondary = ++buses.last;
  writeConfig(port, bridge, PRIMARY_BUS.offset, 1, bridge >> 8);
  writeConfig(port, bridge, SECONDARY_BUS.offset, 1, secondary);
  writeConfig(port, bridge, SUBORDINATE_BUS.offset, 1, 0xff);
  const found = scan(port, secondary, buses);
  writeConfig(port, bridge, SUBORDINATE_BUS.offset, 1, buses.last);
  return found;
}

export function placeBars(port: GuestPort, functions: readonly Found[], plan: BarPlan): void {
  const found = functions.flatMap((fn) => size(port, fn));
  const ordered = plan.kind === 'uefi' ? uefiOrder(found) : seabiosOrder(found);
  const bars = ordered.filter(({ bdf }) => bdf < BUS);
  const { wideStart = 0 } = plan;
  const windowOf = ({ io, wide }: Bar) => (io ? 'io' : wide && wideStart > 0 ? 'wide' : 'memory');
  const below4G = bars.filter((bar) => windowOf(bar) !== 'wide');
  const end = plan.memoryEnd - roomOf(ordered.filter(({ bdf }) => bdf >= BUS));
  const next = {
    io: plan.ioBase,
    memory: plan.kind === 'uefi' ? plan.memoryStart : upTo(end, below4G),
    wide: wideStart,
  };
  for (const bar of bars) {
    const window = windowOf(bar);
    const at = alignUp(next[window], bar.size);
    place(port, bar, at);
    next[window] = at + bar.size;
  }
  placeBehind(port, 0, functions, ordered, next.memory);
}

function alignUp(address: Gpa, step: number): Gpa {
  return Math.ceil(address / step) * step;
}

/** The most that windows of bridges take of memory which end where the next begins. */
function roomOf(behind: readonly Bar[]): number {
  return behind.reduce((sum, bar) => sum + 2 * alignUp(bar.size, MIB), 0);
}

/** Places what is behind the bridges of a bus from `start` on, and sets their windows. @returns where it ends. */
function placeBehind(
  port: GuestPort,
  bus: number,
  functions: readonly Found[],
  bars: readonly Bar[],
  start: Gpa,
): Gpa {
  let next = start;
  for (const { bdf: bridge, leadsTo } of functions) {
    if (leadsTo === null || bridge >> 8 !== bus) continue;
    const from = alignUp(next, MIB);
    let end = from;
    for (const bar of bars.filter(({ bdf, io }) => bdf >> 8 === leadsTo && !io)) {
      const at = alignUp(end, bar.size);
      place(port, bar, at);
      end = at + bar.size;
    }
    end = placeBehind(port, leadsTo, functions, bars, end);
    const [base, limit] = end === from ? CLOSED : [from / MIB, alignUp(end, MIB) / MIB - 1];
    writeConfig(port, bridge, MEMORY_BASE.offset, 4, ((limit << 20) | (base << 4)) >>> 0);
    if (end > from) next = alignUp(end, MIB);
  }
  return next;
}

function place(port: GuestPort, { bdf, offset, wide }: Bar, address: Gpa): void {
  writeConfig(port, bdf, offset, 4, address % FOUR_GIB);
  if (wide) writeConfig(port, bdf, offset + WIDE / 2, 4, Math.floor(address / FOUR_GIB));
}

/** Where memory bases begin that end at `end`. */
function upTo(end: number, bars: readonly Bar[]): number {
  const sizes = bars.filter(({ io }) => !io).map(({ size }) => size);
  const largest = sizes[0] ?? PAGE;
  return Math.floor((end - sizes.reduce((sum, bytes) => sum + bytes, 0)) / largest) * largest;
}

function size(port: GuestPort, { bdf, leadsTo }: Found): Bar[] {
  const found: Bar[] = [];
  const count = leadsTo === null ? BAR_COUNT : BRIDGE_BAR_COUNT;
  for (let index = 0; index < count; index++) {
    const offset = BAR0 + index * 4;
    writeConfig(port, bdf, offset, 4, 0xffff_ffff);
    const mask = readConfig(port, bdf, offset, 4);
    writeConfig(port, bdf, offset, 4, 0);
    if (mask === 0) continue;
    const io = (mask & SPACE) !== 0;
    const wide = !io && (mask & TYPE) === TYPE_64;
    // No function here decodes 4 GiB: the upper half of a size is all ones.
    if (wide) index++;
    const bytes = (~(mask & (io ? ~3 : ~15)) + 1) >>> 0;
    found.push({ bdf, offset, io, wide, bytes, size: io ? bytes : Math.max(PAGE, bytes) });
  }
  return found;
}
