import { MisuseError } from '../core/misuse.ts';
import type { Window } from './resources.ts';

/** The interrupt input of a function. */
export interface InterruptPin {
  readonly slot: number;
  readonly pin: number;
  readonly irq: number;
}

/** The machine that the tables describe. */
export interface TablesConfig {
  /** RAM in bytes: from 0, and from 4 GiB up. Multiples of 4096; the tables are at the end of the former. */
  readonly ram: { readonly below4G: number; readonly above4G: number };
  /** Processors, with the APIC ids 0 to `vcpus` - 1. */
  readonly vcpus: number;
  /** Maximum number of processors, by which the firmware sizes its tables. */
  readonly maxCpus: number;
  /** 16550A ports, COM1 first. */
  readonly serial: readonly { readonly port: number; readonly irq: number }[];
  readonly pci: {
    /** The ranges that the root bridge forwards. */
    readonly io: readonly Window[];
    readonly memory: readonly Window[];
    /** PIRQRC[A:D] as set by firmware. */
    readonly links: readonly [number, number, number, number];
    /** Whether each slot but 0 has a number that guests are told. */
    readonly numbersSlots: boolean;
    /** Functions with an interrupt pin (1 is INTA), and its IRQ. */
    readonly functions: readonly InterruptPin[];
  };
  readonly pm: {
    /** PMBA. */
    readonly base: number;
    /** First of the four ports of GPE0. */
    readonly gpe0: number;
    /** Port of SMI_CMD, and the commands that enable and disable ACPI. */
    readonly smiCommand: number;
    readonly acpiEnable: number;
    readonly acpiDisable: number;
  };
  /** Leaf 1 of CPUID: the processor's signature and its features. */
  readonly cpuid: { readonly eax: number; readonly edx: number };
  /** The firmware's date, month first. Default: that of the logs. */
  readonly released?: string | undefined;
  /** For a BIOS: the build whose tables these are. Default 2018. */
  readonly build?: 2018 | 2024 | undefined;
  /** Of a BIOS: where the MP pointer lies, if not where that build has it. */
  readonly mpPointer?: number | undefined;
  /** 128 bits as 32 hexadecimal digits: the machine's UUID in SMBIOS. */
  readonly uuid: string;
}

/** IRQs that a link may use, all of them level-triggered and active high; and the SCI's. */
export const LINK_IRQS = [5, 10, 11] as const;
export const SCI_IRQ = 9;
const PAGE = 4096;
const RAM_MIN = 2 << 20;
const RAM_MAX = 0xc000_0000;
const PM_PORTS = 64;
const MAX_CPUS = 256;

/**
 * @throws MisuseError for values that tables cannot express, with the path: `tables.vcpus: 0 is not …`.
 * @returns `config`.
 */
export function checkConfig(config: TablesConfig): TablesConfig {
  const { ram, vcpus, maxCpus, serial, pci, pm, uuid } = config;
  const pages = (n: number, from: number, to: number) => whole(n, from, to) && n % PAGE === 0;
  need(pages(ram.below4G, RAM_MIN, RAM_MAX), 'ram.below4G', ram.below4G, 'whole pages from 2 MiB to 3 GiB');
  need(pages(ram.above4G, 0, 2 ** 44), 'ram.above4G', ram.above4G, 'whole pages up to 16 TiB');
  need(whole(vcpus, 1, 64), 'vcpus', vcpus, 'a number of processors from 1 to 64');
  need(
    whole(maxCpus, vcpus, MAX_CPUS),
    'maxCpus',
    maxCpus,
    `a number of processors from ${vcpus} to ${MAX_CPUS}`,
  );
  need(serial.length <= 4, 'serial', serial.length, 'a list of at most four ports');
  for (const [i, { port, irq }] of serial.entries()) {
    need(whole(port, 0, 0xfff8), `serial[${i}].port`, port, 'a port with seven more after it');
    need(whole(irq, 0, 15), `serial[${i}].irq`, irq, 'an IRQ from 0 to 15');
  }
  checkWindows('pci.io', pci.io, 0xffff);
  checkWindows('pci.memory', pci.memory, 0xffff_ffff);
  for (const [i, irq] of pci.links.entries())
    need(whole(irq, 0, 15), `pci.links[${i}]`, irq, 'an IRQ from 0 to 15');
  const aligned = whole(pm.base, PM_PORTS, 0xffff) && pm.base % PM_PORTS === 0;
  need(aligned, 'pm.base', pm.base, 'a multiple of 64 ports');
  need(whole(pm.gpe0, 0, 0xfffc), 'pm.gpe0', pm.gpe0, 'a port with three more after it');
  need(whole(pm.smiCommand, 0, 0xffff), 'pm.smiCommand', pm.smiCommand, 'a port');
  for (const key of ['acpiEnable', 'acpiDisable'] as const)
    need(whole(pm[key], 0, 0xff), `pm.${key}`, pm[key], 'a byte');
  need(/^[0-9a-f]{32}$/.test(uuid), 'uuid', uuid, '32 hexadecimal digits in lower case');
  return config;
}

function checkWindows(path: string, windows: readonly Window[], last: number): void {
  for (const [i, window] of windows.entries()) {
    const inOrder = whole(window.first, 0, last) && whole(window.last, window.first, last);
    // A descriptor also holds the length, in as many bits as the addresses.
    const fits = window.last - window.first < last;
    need(
      inOrder && fits,
      `${path}[${i}]`,
      window,
      `a range of addresses up to ${last.toString(16)}h, not all of them`,
    );
  }
}

function whole(n: number, from: number, to: number): boolean {
  return Number.isInteger(n) && n >= from && n <= to;
}

function need(held: boolean, path: string, value: unknown, expected: string): void {
  if (!held) throw new MisuseError(`tables.${path}`, value, expected);
}
