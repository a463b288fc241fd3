import { hex } from '../../core/bits.ts';
import type { Asked, Line, Saying } from './asked.ts';

export const bdfOf = (device: string, fn: string) => (Number.parseInt(device, 16) << 3) | Number(fn);
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

const DEVSEL = ['fast', 'medium', 'slow', 'reserved'];

const LISTING: readonly Line[] = [
  {
    pattern:
      /^(?:0000:)?00:([\da-f]{2})\.([0-7]) .*?\[([\da-f]{4})\]: .*\[([\da-f]{4}):([\da-f]{4})\](?: \(rev ([\da-f]{2})\))?/,
    says: ([, device = '', fn = '', type = '', vendor = '', id = '', rev = '00'], asked) =>
      identity(asked, bdfOf(device, fn), vendor, id, type, rev),
  },
  {
    pattern:
      /^(?:0000:)?00:([\da-f]{2})\.([0-7]) ([\da-f]{4}): ([\da-f]{4}):([\da-f]{4})(?: \(rev ([\da-f]{2})\))?/,
    says: ([, device = '', fn = '', type = '', vendor = '', id = '', rev = '00'], asked) =>
      identity(asked, bdfOf(device, fn), vendor, id, type, rev),
  },
  {
    pattern:
      /^(?:0000:)?00:([\da-f]{2})\.([0-7]) ([^:[]+?)(?: \[[\da-f]{4}\])?: (.+?)(?: \(rev ([\da-f]{2})\))?$/,
    says: ([, device = '', fn = '', type = '', text = '', rev = '00'], asked) => {
      const ids = NAMES.find(([name]) => name.test(text))?.[1];
      return named(asked, bdfOf(device, fn), ids, CLASSES[type] ?? null, rev);
    },
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
      const ours = `${DEVSEL[(asked.config(asked.current, 6, 2) >> 9) & 3]} devsel`;
      if (irq === undefined) return { there: `${speed} devsel`, here: ours };
      const { there, here } = lineOf(asked, irq);
      return { there: `${speed} devsel, ${there}`, here: `${ours}, ${here}` };
    },
  },
  {
    pattern: /^\s+I\/O ports at ([\da-f]+) \[size=(\d+)\]/,
    says: ([, at = '', bytes = ''], asked) => bar(asked, asked.current, 'io', at, Number(bytes)),
  },
  {
    pattern: /^\s+Memory at ([\da-f]+) \(32-bit, non-prefetchable\) \[size=(\d+)\]/,
    says: ([, at = '', bytes = ''], asked) => bar(asked, asked.current, 'mem', at, Number(bytes)),
  },
];

const LINUX_PCI: readonly Line[] = [
  {
    pattern: /^pci 0000:00:([\da-f]{2})\.([0-7]): \[([\da-f]{4}):([\da-f]{4})\] type 00 class 0x([\da-f]{6})/,
    says: ([, device = '', fn = '', vendor = '', id = '', type = ''], asked) =>
      identity(asked, bdfOf(device, fn), vendor, id, type, null),
  },
  {
    pattern:
      /^pci 0000:00:([\da-f]{2})\.([0-7]): (?:reg (?:0x)?1[04]:|BAR [01]) \[(io|mem) +0x([\da-f]+)-0x([\da-f]+)\]/,
    says: ([, device = '', fn = '', kind = '', begin = '', end = ''], asked) =>
      bar(asked, bdfOf(device, fn), kind as 'io' | 'mem', begin, size(begin, end)),
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
