import { PMBA, SMBBA } from '../../chipset/registers/piix4-acpi.ts';
import { hex } from '../../core/bits.ts';
import type { Asked, Line, Saying } from './asked.ts';

export const bdfOf = (device: string, fn: string, bus = '0') =>
  (Number.parseInt(bus, 16) << 8) | (Number.parseInt(device, 16) << 3) | Number(fn);
export const size = (begin: string, end: string) => Number.parseInt(end, 16) - Number.parseInt(begin, 16) + 1;

/** Kind, place and size of a base address. */
export function bar(
  asked: Asked,
  bdf: number | null,
  kind: 'io' | 'mem',
  begin: string,
  bytes: number,
): Saying {
  const found = asked
    .view(bdf)
    ?.bars.find((one) => one.kind.startsWith(kind) && one.mapped === Number.parseInt(begin, 16));
  const any = asked.view(bdf)?.bars.find((one) => one.kind.startsWith(kind));
  const ours = found ?? any;
  return {
    there: `${kind} ${Number.parseInt(begin, 16).toString(16)} [${bytes}]`,
    here:
      ours === undefined
        ? 'none'
        : `${kind} ${ours.mapped?.toString(16) ?? 'unmapped'} [${ours.region.size}]`,
  };
}

function identity(
  asked: Asked,
  bdf: number,
  vendor: string,
  device: string,
  type: string | null,
  revision: string | null,
): Saying {
  asked.current = bdf;
  const view = asked.view(bdf);
  const text = (ids: string, code: string, rev: string) =>
    `${ids}${type === null ? '' : `, class ${code}`}${revision === null ? '' : `, rev ${rev}`}`;
  const code = asked.config(bdf, 8, 4) >>> 8;
  const shown = type?.length === 4 ? hex(code >>> 8, 4) : hex(code, 6);
  return {
    there: text(`${vendor}:${device}`, type ?? '', revision ?? ''),
    here:
      view === undefined
        ? 'no function'
        : text(
            `${hex(view.readConfig(0, 2), 4)}:${hex(view.readConfig(2, 2), 4)}`,
            shown,
            hex(view.readConfig(8, 1), 2),
          ),
  };
}

/** Of a function whose name stands for these ids, `8086:1237`; null for a name that is not known. */
export function named(
  asked: Asked,
  bdf: number,
  ids: string | undefined,
  type: string | null,
  revision: string,
): Saying | null {
  asked.current = bdf;
  const [vendor = '', id = ''] = ids?.split(':') ?? [];
  return ids === undefined ? null : identity(asked, bdf, vendor, id, type, revision);
}

/** The line of the function that a listing speaks of. A guest may move LNKD. */
export function lineOf(asked: Asked, irq: string): Saying {
  const line = asked.config(asked.current, 0x3c, 1);
  const isMoved = asked.current === 4 << 3 && Number(irq) !== line;
  return { there: `IRQ ${irq}${isMoved ? ' of LNKD' : ''}`, here: `IRQ ${line}` };
}

/** As lspci names classes and functions if it prints no numbers. */
const CLASSES: Readonly<Record<string, string>> = {
  'Non-VGA unclassified device': '0000',
  'Unclassified device': '00ff',
  'SCSI storage controller': '0100',
  'Non-Volatile memory controller': '0108',
  'Ethernet controller': '0200',
  'VGA compatible controller': '0300',
  'Host bridge': '0600',
  'ISA bridge': '0601',
  'PCI bridge': '0604',
  Bridge: '0680',
};
const NAMES: readonly (readonly [name: RegExp, ids: string])[] = [
  [/^Intel Corporation 440FX - 82441FX PMC \[Natoma\]/, '8086:1237'],
  [/^Intel Corporation 82371AB\/EB\/MB PIIX4 ISA/, '8086:7110'],
  [/^Intel Corporation 82371AB\/EB\/MB PIIX4 ACPI/, '8086:7113'],
  [/^Red Hat, Inc\.? Virtio network device/, '1af4:1000'],
  [/^Red Hat, Inc\.? Virtio memory balloon/, '1af4:1002'],
  [/^Red Hat, Inc\.? Virtio SCSI/, '1af4:1004'],
  [/^Red Hat, Inc\.? Virtio RNG/, '1af4:1005'],
  [/^Google, Inc\. NVMe device/, '1ae0:001f'],
  [/^Google, Inc\. .*\[gVNIC\]/, '1ae0:0042'],
];
/** Of a function that lspci has no name for. */
const VENDORS: Readonly<Record<string, string>> = {
  'Intel Corporation': '8086',
  'Red Hat, Inc.': '1af4',
  'Google, Inc.': '1ae0',
};

function idsOf(name: string): string | undefined {
  const [, vendor = '', device] = /^(.+) Device ([\da-f]{4})\b/.exec(name) ?? [];
  if (vendor in VENDORS) return `${VENDORS[vendor]}:${device}`;
  return NAMES.find(([known]) => known.test(name))?.[1];
}

const DEVSEL = ['fast', 'medium', 'slow', 'reserved'];
const speedOf = (asked: Asked) => `${DEVSEL[(asked.config(asked.current, 6, 2) >> 9) & 3]} devsel`;
const PLACE = String.raw`^(?:0000:)?([\da-f]{2}):([\da-f]{2})\.([0-7]) `;
const REVISION = String.raw`(?: \(rev ([\da-f]{2})\))?`;
const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** `Region 1: ` is of `-vv`. */
function listed(asked: Asked, kind: 'io' | 'mem', at: string, count: string, unit: string): Saying {
  return bar(asked, asked.current, kind, at, Number(count) * UNITS[unit]!);
}

const LISTING: readonly Line[] = [
  {
    pattern: new RegExp(
      String.raw`${PLACE}(?:.*?\[([\da-f]{4})\]: .*\[|([\da-f]{4}): )([\da-f]{4}):([\da-f]{4})(?:\]|\b)${REVISION}`,
    ),
    says: ([, bus = '', device = '', fn = '', type, numeric = '', vendor = '', id = '', rev = '00'], asked) =>
      identity(asked, bdfOf(device, fn, bus), vendor, id, type ?? numeric, rev),
  },
  {
    pattern: new RegExp(
      String.raw`${PLACE}([^:[]+?)(?: \[[\da-f]{4}\])?: (.+?)${REVISION}(?: \(prog-if .*\))?$`,
    ),
    says: ([, bus = '', device = '', fn = '', type = '', name = '', rev = '00'], asked) =>
      named(asked, bdfOf(device, fn, bus), idsOf(name), CLASSES[type] ?? null, rev),
  },
  {
    pattern: /^\s+Subsystem: .*\[([\da-f]{4}):([\da-f]{4})\]$/,
    says: ([, vendor = '', device = ''], asked) => ({
      there: `subsystem ${vendor}:${device}`,
      here: `subsystem ${hex(asked.config(asked.current, 0x2c, 2), 4)}:${hex(asked.config(asked.current, 0x2e, 2), 4)}`,
    }),
  },
  {
    pattern: /^\s+Flags: (?:bus master, )?(\w+) devsel(?:.*IRQ (\d+))?/,
    says: ([, speed = '', irq], asked) => {
      const ours = speedOf(asked);
      if (irq === undefined) return { there: `${speed} devsel`, here: ours };
      const { there, here } = lineOf(asked, irq);
      return { there: `${speed} devsel, ${there}`, here: `${ours}, ${here}` };
    },
  },
  {
    pattern: /^\s+Status: .* DEVSEL=(\w+) /,
    says: ([, speed = ''], asked) => ({ there: `${speed} devsel`, here: speedOf(asked) }),
  },
  {
    pattern: /^\s+Interrupt: pin [A-D] routed to IRQ (\d+)$/,
    says: ([, irq = ''], asked) => lineOf(asked, irq),
  },
  {
    pattern: /^\s+(?:Region \d: )?I\/O ports at ([\da-f]+) .*\[size=(\d+)([KM]?)\]/,
    says: ([, at = '', count = '', unit = ''], asked) => listed(asked, 'io', at, count, unit),
  },
  {
    pattern:
      /^\s+(?:Region \d: )?Memory at ([\da-f]+) \((?:32|64)-bit, (?:non-)?prefetchable\) .*\[size=(\d+)([KMG]?)\]/,
    says: ([, at = '', count = '', unit = ''], asked) => listed(asked, 'mem', at, count, unit),
  },
];

const LINUX_PCI: readonly Line[] = [
  {
    pattern:
      /^pci 0000:([\da-f]{2}):([\da-f]{2})\.([0-7]): \[([\da-f]{4}):([\da-f]{4})\] type 0[01] class 0x([\da-f]{6})/,
    says: ([, bus = '', device = '', fn = '', vendor = '', id = '', type = ''], asked) =>
      identity(asked, bdfOf(device, fn, bus), vendor, id, type, null),
  },
  {
    pattern:
      /^pci 0000:([\da-f]{2}):([\da-f]{2})\.([0-7]): (?:reg (?:0x)?1[04]:|BAR [01]) \[(io|mem) +0x([\da-f]+)-0x([\da-f]+)\]/,
    says: ([, bus = '', device = '', fn = '', kind = '', begin = '', end = ''], asked) =>
      bar(asked, bdfOf(device, fn, bus), kind as 'io' | 'mem', begin, size(begin, end)),
  },
  {
    pattern:
      /^pci 0000:00:01\.3: quirk: (?:\[io +0x|region )([\da-f]+)-(?:0x)?[\da-f]+\]? claimed by PIIX4 (ACPI|SMB)/,
    says: ([, at = '', what = ''], asked) => {
      const { BASE } = (what === 'ACPI' ? PMBA : SMBBA).mask;
      const base = asked.config((1 << 3) | 3, (what === 'ACPI' ? PMBA : SMBBA).offset, 4) & BASE;
      return {
        there: `${what} at ${Number.parseInt(at, 16).toString(16)}`,
        here: `${what} at ${base.toString(16)}`,
      };
    },
  },
  {
    pattern:
      /^(?:ACPI: )?(?:PCI Interrupt Link|PCI: Interrupt link) \[?LNK([A-D])\]? (?:\(IRQs [\d ]*\*(\d+)[\d ]*\)|configured for IRQ (\d+))/,
    says: ([, link = '', one, other], asked) => ({
      there: `LNK${link} on ${one ?? other}`,
      here: `LNK${link} on ${asked.config(1 << 3, 0x60 + link.charCodeAt(0) - 65, 1)}`,
    }),
  },
];

/** Lines of lspci -v, and of Linux, about functions, their base addresses and their interrupts. */
export const PCI_LINES: readonly Line[] = [...LISTING, ...LINUX_PCI];
