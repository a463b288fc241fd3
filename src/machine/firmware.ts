import type { Placement } from '../acpi/placement.ts';
import { PAMS } from '../chipset/registers/i440fx.ts';
import { PMBA, PMREGMISC } from '../chipset/registers/piix4-acpi.ts';
import { PIRQRC } from '../chipset/registers/piix4-isa.ts';
import type { Gpa } from '../core/bits.ts';
import type { GuestPort } from '../core/guest-port.ts';
import { FOUR_GIB, type GuestMemory } from '../core/memory.ts';
import { MisuseError } from '../core/misuse.ts';
import { BAR_COUNT, BAR0, COMMAND, CONFADD, INTERRUPT_LINE, INTERRUPT_PIN } from '../pci/registers.ts';
import { type BarPlan, BUS, type Found, placeBars, readConfig, scan, writeConfig } from './firmware-bars.ts';
import { setUpIsa } from './firmware-isa.ts';
import type { FirmwareChoice, FirmwareKind } from './firmware-option.ts';
import { setUpUarts } from './firmware-uarts.ts';

const { IO_SPACE, MEMORY_SPACE, BUS_MASTER, SERR_ENABLE } = COMMAND.mask;

/** How firmware leaves the chips of a PC. */
export interface PcPlan {
  /** PIRQRC[A:D]: the IRQ of each link. */
  readonly links: readonly [number, number, number, number];
  readonly elcr: readonly [number, number];
  /** Base of the power management block; PMREGMISC enables it. */
  readonly pmba: number;
  /** First port of GPE0, as the FADT names it: probable on Compute Engine, not observed there. */
  readonly gpe0: number;
  /** Whether its tables number the slots. */
  readonly numbersSlots: boolean;
}

/** What Compute Engine's firmware does to a machine, as far as a guest can see it afterwards. */
export interface FirmwarePlan extends BarPlan {
  /** What it does to the chips of a PC; null where there are none. */
  readonly pc: PcPlan | null;
  /** Whether Compute Engine's tables are placed. */
  readonly tables: boolean;
  /** The build of the BIOS whose tables they are, if not that of 2018. */
  readonly build?: 2024;
  /** Where its MP pointer lies, if not where that build has it. */
  readonly mpPointer?: Gpa | undefined;
}

/** What of the window below the IOAPIC the root bridge hands on in 2023, after a UEFI, and in 2024, after a BIOS. */
const MEMORY_END = 0xfebf_f000;

/**
 * The firmware's settings that were chosen; a BIOS's, if none were.
 *
 * @throws MisuseError for "uefi", or another build, if no such machine was observed.
 */
export function firmwarePlan(
  { maker, firmware }: { readonly maker: 'gce' | 'qemu'; readonly firmware: FirmwarePlan },
  choice: FirmwareChoice | null,
  { ranges }: GuestMemory,
): FirmwarePlan {
  const isSeen = maker === 'gce';
  // Without one there is no memory map but what a BIOS makes of a PC's RAM.
  if (choice === null) return firmware.pc === null ? firmware : { ...firmware, kind: 'bios' };
  const { build, kind, mpPointer, wideStart } = choice;
  if (!isSeen && mpPointer !== undefined)
    throw new MisuseError('firmware.mpPointer', mpPointer, 'left out on this machine');
  if (build === 2024) {
    if (!isSeen) throw new MisuseError('firmware.build', build, '2018 on this machine');
    return { ...firmware, kind, build, mpPointer, memoryEnd: MEMORY_END, wideStart };
  }
  if (kind !== 'uefi') return { ...firmware, kind, mpPointer, wideStart };
  if (!isSeen) throw new MisuseError('firmware', kind, 'true or false on this machine');
  if (firmware.pc === null) return { ...firmware, wideStart };
  const memoryStart = holeStart(ranges[0]!.size);
  return { ...firmware, kind, memoryStart, memoryEnd: MEMORY_END, wideStart };
}

/**
 * Where the memory of devices begins. OVMF has the largest power of two that fits between RAM and 4 GiB, so that one
 * MTRR can say that it is not cached (PlatformInitLib, PlatformQemuUc32BaseInitialization).
 */
function holeStart(below4G: number): number {
  return FOUR_GIB - 2 ** Math.floor(Math.log2(FOUR_GIB - below4G));
}

/** F0000 to FFFFF and C0000 to C3FFF are read-only RAM; between them is writable RAM, as without option ROMs. */
const SHADOW = { pam0: 0x10, pam1And2: 0x3331, pam3To6: 0x3333_3333 } as const;
const HOST = 0x00;
const ISA = 0x08;
const ACPI = 0x0b;
const SCI_IRQ = 9;

/** Runs from power-on to where an operating system is handed the machine. */
export function runFirmware(port: GuestPort, plan: FirmwarePlan, tables: readonly Placement[]): void {
  const functions = scan(port);
  placeBars(port, functions, plan);
  if (plan.pc === null) setUpUarts(port);
  else setUpChips(port, plan.kind, plan.pc, functions);
  for (const { bdf } of functions) finish(port, functions, bdf, plan);
  for (const { address, bytes } of tables) port.memory.write(address, bytes);
  if (plan.pc !== null) port.out(CONFADD.offset, 0, 4);
}

function setUpChips(
  port: GuestPort,
  kind: FirmwareKind,
  { links, elcr, pmba }: PcPlan,
  functions: readonly Found[],
): void {
  setUpIsa(port, kind, elcr);
  const has = (bdf: number) => functions.some((fn) => fn.bdf === bdf);
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

/** The IRQ that an interrupt pin leads to: by its link, but that of the power management function is the SCI. */
export function irqOf(bdf: number, pin: number, { links }: Pick<PcPlan, 'links'>): number {
  return bdf === ACPI ? SCI_IRQ : links[((bdf >> 3) + pin - 2) & 3]!;
}

/** The function on bus 0, and its pin, by which a function's pin comes there: each bridge turns it by the slot. */
function onBus0(functions: readonly Found[], bdf: number, pin: number): [bdf: number, pin: number] {
  if (bdf < BUS) return [bdf, pin];
  const bridge = functions.find(({ leadsTo }) => leadsTo === bdf >> 8)!;
  return onBus0(functions, bridge.bdf, (((bdf >> 3) + pin - 1) & 3) + 1);
}

/**
 * Turns decoding on; turns bus mastering on for functions with base addresses, and, as a UEFI, for both
 * functions of the PIIX4.
 */
function finish(port: GuestPort, functions: readonly Found[], bdf: number, plan: FirmwarePlan): void {
  // A modern virtio function has no base address 0. A bridge has others in their place, which are not 0.
  const bars = Array.from({ length: BAR_COUNT }, (_, index) => readConfig(port, bdf, BAR0 + index * 4, 4));
  const decodes = bars.some((bar) => bar !== 0);
  const { kind, pc } = plan;
  const masters = decodes || (kind === 'uefi' && pc !== null && (bdf === ISA || bdf === ACPI));
  const command = IO_SPACE | MEMORY_SPACE | SERR_ENABLE | (masters ? BUS_MASTER : 0);
  writeConfig(port, bdf, COMMAND.offset, 2, command);
  if (pc !== null) writeLine(port, functions, bdf, pc);
}

/** Writes Interrupt Line: the IRQ to which its pin leads. */
export function writeLine(port: GuestPort, functions: readonly Found[], bdf: number, pc: PcPlan): void {
  const pin = readConfig(port, bdf, INTERRUPT_PIN.offset, 1);
  if (pin > 0) writeConfig(port, bdf, INTERRUPT_LINE.offset, 1, irqOf(...onBus0(functions, bdf, pin), pc));
}
