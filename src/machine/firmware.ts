import type { Placement } from '../acpi/placement.ts';
import { PAMS } from '../chipset/registers/i440fx.ts';
import { PMBA, PMREGMISC } from '../chipset/registers/piix4-acpi.ts';
import { PIRQRC } from '../chipset/registers/piix4-isa.ts';
import type { Gpa, Width } from '../core/bits.ts';
import type { GuestPort } from '../core/guest-port.ts';
import { FOUR_GIB } from '../core/memory.ts';
import {
  BAR_COUNT,
  BAR_MEMORY,
  BAR0,
  COMMAND,
  CONFADD,
  CONFDATA,
  INTERRUPT_LINE,
  INTERRUPT_PIN,
  VENDOR_ID,
} from '../pci/registers.ts';
import { setUpIsa } from './firmware-isa.ts';
import type { FirmwareKind } from './firmware-option.ts';

const { ENABLE } = CONFADD.mask;
/** Bytes of a function's configuration space by PCI Express. */
const ECAM_STEP = 4096;

/** Reads configuration space, as firmware does. */
function readConfig(port: GuestPort, bdf: number, offset: number, width: Width): number {
  if (port.ecam !== undefined) return port.read(port.ecam + bdf * ECAM_STEP + offset, width);
  port.out(CONFADD.offset, (ENABLE | (bdf << 8) | (offset & 0xfc)) >>> 0, 4);
  return port.in(CONFDATA + (offset & 3), width);
}

/** Writes configuration space, as firmware does. */
function writeConfig(port: GuestPort, bdf: number, offset: number, width: Width, value: number): void {
  if (port.ecam !== undefined) {
    port.write(port.ecam + bdf * ECAM_STEP + offset, value, width);
    return;
  }
  port.out(CONFADD.offset, (ENABLE | (bdf << 8) | (offset & 0xfc)) >>> 0, 4);
  port.out(CONFDATA + (offset & 3), value, width);
}

const { IO_SPACE, MEMORY_SPACE, BUS_MASTER, SERR_ENABLE } = COMMAND.mask;
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

/** How firmware leaves the chips of a PC. */
export interface PcPlan {
  /** PIRQRC[A:D]: the IRQ of each link. */
  readonly links: readonly [number, number, number, number];
  readonly elcr: readonly [number, number];
  /** Base of the power management block; PMREGMISC enables it. */
  readonly pmba: number;
  /** First port of GPE0, as the FADT names it: probable on Compute Engine, not observed there. */
  readonly gpe0: number;
}

/** What Compute Engine's firmware does to a machine, as far as a guest can see it afterwards. */
export interface FirmwarePlan {
  readonly kind: FirmwareKind;
  /** What it does to the chips of a PC; null where there are none. */
  readonly pc: PcPlan | null;
  /** First I/O base. */
  readonly ioBase: number;
  /** Where the memory begins that the root bridge hands on; a UEFI places memory bases from here. */
  readonly memoryStart: number;
  /** Where it ends, and a BIOS's memory bases, or as far below as the largest of them needs to be aligned. */
  readonly memoryEnd: number;
  /** Where memory bases of 64 bits are placed from; left out, with the others. */
  readonly wideStart?: Gpa | undefined;
  /** Whether Compute Engine's tables are placed. */
  readonly tables: boolean;
  /** The build of the BIOS whose tables they are, if not that of 2018. */
  readonly build?: 2024;
  /** Where its MP pointer lies, if not where that build has it. */
  readonly mpPointer?: Gpa | undefined;
}

/** F0000 to FFFFF and C0000 to C3FFF are read-only RAM; between them is writable RAM, as without option ROMs. */
const SHADOW = { pam0: 0x10, pam1And2: 0x3331, pam3To6: 0x3333_3333 } as const;
const HOST = 0x00;
const ISA = 0x08;
const ACPI = 0x0b;
const PAGE = 4096;
const SCI_IRQ = 9;

/** Runs from power-on to where an operating system is handed the machine. */
export function runFirmware(port: GuestPort, plan: FirmwarePlan, tables: readonly Placement[]): void {
  const functions = scan(port);
  placeBars(port, functions, plan);
  if (plan.pc !== null) setUpChips(port, plan.kind, plan.pc, functions);
  for (const bdf of functions) finish(port, bdf, plan);
  for (const { address, bytes } of tables) port.memory.write(address, bytes);
  if (plan.pc !== null) port.out(CONFADD.offset, 0, 4);
}

function setUpChips(
  port: GuestPort,
  kind: FirmwareKind,
  { links, elcr, pmba }: PcPlan,
  functions: readonly number[],
): void {
  setUpIsa(port, kind, elcr);
  const has = (bdf: number) => functions.includes(bdf);
  writeConfig(port, HOST, PAMS[0]!.offset, 1, SHADOW.pam0);
  writeConfig(port, HOST, PAMS[1]!.offset, 2, SHADOW.pam1And2);
  writeConfig(port, HOST, PAMS[3]!.offset, 4, SHADOW.pam3To6);
  if (has(ISA))
    for (const [link, irq] of links.entries()) writeConfig(port, ISA, PIRQRC[link]!.offset, 1, irq);
  if (has(ACPI)) {
    writeConfig(port, ACPI, PMBA.offset, 4, pmba | 1);
    writeConfig(port, ACPI, PMREGMISC.offset, 1, PMREGMISC.mask.PMIOSE);
  }
}

function scan(port: GuestPort): number[] {
  const found: number[] = [];
  for (let device = 0; device < 32; device++) {
    const first = device << 3;
    if (readConfig(port, first, VENDOR_ID.offset, 2) === 0xffff) continue;
    found.push(first);
    if ((readConfig(port, first, 0x0e, 1) & 0x80) === 0) continue;
    for (let bdf = first + 1; bdf < first + 8; bdf++)
      if (readConfig(port, bdf, VENDOR_ID.offset, 2) !== 0xffff) found.push(bdf);
  }
  return found;
}

function placeBars(port: GuestPort, functions: readonly number[], plan: FirmwarePlan): void {
  const found = functions.flatMap((bdf) => size(port, bdf));
  const bars = plan.kind === 'uefi' ? uefiOrder(found) : seabiosOrder(found);
  const { wideStart = 0 } = plan;
  const windowOf = ({ io, wide }: Bar) => (io ? 'io' : wide && wideStart > 0 ? 'wide' : 'memory');
  const below4G = bars.filter((bar) => windowOf(bar) !== 'wide');
  const next = {
    io: plan.ioBase,
    memory: plan.kind === 'uefi' ? plan.memoryStart : upTo(plan.memoryEnd, below4G),
    wide: wideStart,
  };
  for (const bar of bars) {
    const window = windowOf(bar);
    const at = Math.ceil(next[window] / bar.size) * bar.size;
    place(port, bar, at);
    next[window] = at + bar.size;
  }
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

function size(port: GuestPort, bdf: number): Bar[] {
  const found: Bar[] = [];
  for (let index = 0; index < BAR_COUNT; index++) {
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

/** The IRQ that an interrupt pin leads to: by its link, but that of the power management function is the SCI. */
export function irqOf(bdf: number, pin: number, { links }: Pick<PcPlan, 'links'>): number {
  return bdf === ACPI ? SCI_IRQ : links[((bdf >> 3) + pin - 2) & 3]!;
}

/**
 * Turns decoding on; turns bus mastering on for functions with base addresses, and, as a UEFI, for both
 * functions of the PIIX4.
 */
function finish(port: GuestPort, bdf: number, plan: FirmwarePlan): void {
  // A modern virtio function has no base address 0.
  const bars = Array.from({ length: BAR_COUNT }, (_, index) => readConfig(port, bdf, BAR0 + index * 4, 4));
  const decodes = bars.some((bar) => bar !== 0);
  const { kind, pc } = plan;
  const masters = decodes || (kind === 'uefi' && pc !== null && (bdf === ISA || bdf === ACPI));
  const command = IO_SPACE | MEMORY_SPACE | SERR_ENABLE | (masters ? BUS_MASTER : 0);
  writeConfig(port, bdf, COMMAND.offset, 2, command);
  const pin = readConfig(port, bdf, INTERRUPT_PIN.offset, 1);
  if (pin > 0 && pc !== null) writeConfig(port, bdf, INTERRUPT_LINE.offset, 1, irqOf(bdf, pin, pc));
}
