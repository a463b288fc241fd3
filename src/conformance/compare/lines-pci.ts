import { hex } from '../../core/bits.ts';
import type { Asked, Line, Saying } from './asked.ts';

export const bdfOf = (device: string, fn: string) => (Number.parseInt(device, 16) << 3) | Number(fn);
const size = (begin: string, end: string) => Number.parseInt(end, 16) - Number.parseInt(begin, 16) + 1;

/** Kind, place and size of a base address. */
function bar(asked: Asked, bdf: number | null, kind: 'io' | 'mem', begin: string, bytes: number): Saying {
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
  type: string,
  revision: string | null,
): Saying {
  asked.current = bdf;
  const view = asked.view(bdf);
  const text = (ids: string, code: string, rev: string) =>
    `${ids}, class ${code}${revision === null ? '' : `, rev ${rev}`}`;
  const code = asked.config(bdf, 8, 4) >>> 8;
  const shown = type.length === 4 ? hex(code >>> 8, 4) : hex(code, 6);
  return {
    there: text(`${vendor}:${device}`, type, revision ?? ''),
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

const DEVSEL = ['fast', 'medium', 'slow', 'reserved'];

const LISTING: readonly Line[] = [
  {
    pattern:
      /^(?:0000:)?00:([\da-f]{2})\.([0-7]) .*?\[([\da-f]{4})\]: .*\[([\da-f]{4}):([\da-f]{4})\](?: \(rev ([\da-f]{2})\))?/,
    says: ([, device = '', fn = '', type = '', vendor = '', id = '', rev = '00'], asked) =>
      identity(asked, bdfOf(device, fn), vendor, id, type, rev),
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
      const line = asked.config(asked.current, 0x3c, 1);
      const link = asked.current === 4 << 3 ? ' of LNKD' : '';
      return {
        there: `${speed} devsel${irq === undefined ? '' : `, IRQ ${irq}${link}`}`,
        here: `${DEVSEL[(asked.config(asked.current, 6, 2) >> 9) & 3]} devsel${irq === undefined ? '' : `, IRQ ${line}`}`,
      };
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
      /^pci 0000:00:([\da-f]{2})\.([0-7]): (?:reg 0x1[04]:|BAR [01]) \[(io|mem) +0x([\da-f]+)-0x([\da-f]+)\]/,
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
