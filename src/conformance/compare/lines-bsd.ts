import { SMBHSTCFG } from '../../chipset/registers/piix4-acpi.ts';
import { hex } from '../../core/bits.ts';
import { DEVICE_FEATURES } from '../../virtio/registers.ts';
import type { Asked, Line } from './asked.ts';
import { bar, lineOf, named, size } from './lines-pci.ts';
import { amlOf, ioapicOf, sleepStatesOf } from './lines-tables.ts';

/** As OpenBSD names the functions of these machines. */
const OPENBSD: Readonly<Record<string, string>> = {
  'Intel 82441FX': '8086:1237',
  'Intel 82371AB PIIX4 ISA': '8086:7110',
  'Intel 82371AB Power': '8086:7113',
  'Qumranet Virtio SCSI': '1af4:1004',
  'Qumranet Virtio Network': '1af4:1000',
  'Qumranet Virtio RNG': '1af4:1005',
};
/** As FreeBSD names virtio's functions. */
const FREEBSD: Readonly<Record<string, string>> = {
  Network: '1af4:1000',
  Balloon: '1af4:1002',
  SCSI: '1af4:1004',
  Entropy: '1af4:1005',
};
const { HST_EN } = SMBHSTCFG.mask;
/** Of the FADT's flags: a timer of 32 bits. */
const TMR_VAL_EXT = 0x100;
const PIIX4_PM = (1 << 3) | 3;

const PCI: readonly Line[] = [
  {
    pattern: /^\S+ at pci0 dev (\d+) function ([0-7])(?: |: )"?([^"]+?)"? \(?rev\.? 0x([\da-f]{2})/,
    says: ([, device = '', fn = '', name = '', revision = ''], asked) => {
      const ids = /^vendor ([\da-f]{4}) product ([\da-f]{4})$/.exec(name);
      const known = ids === null ? OPENBSD[name] : `${ids[1]}:${ids[2]}`;
      return named(asked, bdfOf(device, fn), known, null, revision);
    },
  },
  {
    pattern:
      /^vendor "Google", unknown product 0x([\da-f]{4}) \(.*, rev 0x([\da-f]{2})\) at pci0 dev (\d+) function (\d)/,
    says: ([, id = '', revision = '', device = '', fn = ''], asked) =>
      named(asked, bdfOf(device, fn), `1ae0:${id}`, null, revision),
  },
  {
    pattern: /^\S+ at pci0 dev (\d+) function ([0-7]):? *$/,
    says: ([, device = '', fn = ''], asked) => {
      asked.current = bdfOf(device, fn);
      return null;
    },
  },
  {
    pattern: /^virtio\d+: (?:irq|interrupting at ioapic0 pin) (\d+)$/,
    says: ([, irq = ''], asked) => lineOf(asked, irq),
  },
  {
    // What NetBSD's driver knows of what the device offers.
    pattern: /^vio(?:if|scsi)\d+(?: at virtio\d+)?: [Ff]eatures: 0x([\da-f]{1,8})\b/,
    says: ([, bits = ''], asked) => {
      const at = asked.view(asked.current)?.bars[0]?.mapped ?? null;
      const offered = at === null ? 0 : asked.machine.port.in(at + DEVICE_FEATURES.offset, 4);
      const known = Number.parseInt(bits, 16);
      return { there: `features ${hex(known, 8)}`, here: `features ${hex((offered & known) >>> 0, 8)}` };
    },
  },
  {
    pattern:
      /^(?:virtio_pci|vtpci)\d+: <VirtIO PCI (?:\(legacy\) )?(\w+) adapter> port 0x([\da-f]+)-0x([\da-f]+) (?:mem 0x[\da-f]+-0x[\da-f]+ )?(?:irq \d+ )?at device (\d+)\.(\d) on pci0$/,
    says: ([, name = '', begin = '', end = '', device = '', fn = ''], asked) => {
      const found = named(asked, bdfOf(device, fn), FREEBSD[name], null, '00');
      const ports = bar(asked, asked.current, 'io', begin, size(begin, end));
      return found && { there: `${found.there}, ${ports.there}`, here: `${found.here}, ${ports.here}` };
    },
  },
  {
    pattern: /^piixpm0(?: at .*)?: (SMBus disabled)$/,
    says: ([, text = ''], asked) => ({
      there: text,
      here: (asked.config(PIIX4_PM, SMBHSTCFG.offset, 1) & HST_EN) === 0 ? text : 'SMBus',
    }),
  },
];

const TABLES: readonly Line[] = [
  {
    pattern: /^ioapic0 at mainbus0:? apid (\d+):? pa 0x([\da-f]+), version (?:0x)?([\da-f]+), \d+ pins/,
    says: ([, id = '', address = '', version = ''], asked) =>
      ioapicOf(asked, id, Number.parseInt(version, 16), address),
  },
  {
    pattern: /^acpitimer0 at acpi0: 3579545 Hz, (24|32) bits/,
    says: ([, bits = ''], asked) => ({ there: `${bits} bits`, here: `${timerBits(asked)} bits` }),
  },
  {
    pattern: /^acpi_timer0: <(24|32)-bit timer at 3\.579545MHz> port 0x([\da-f]+)-/,
    says: ([, bits = '', at = ''], asked) => ({
      there: `PM timer ${at}, ${bits} bits`,
      here: `${asked.pmTimer}, ${timerBits(asked)} bits`,
    }),
  },
  {
    pattern: /^acpi0: sleep states ((?:S[1-5] ?)+)/,
    says: ([, states = ''], asked) => ({ there: states.trim(), here: sleepStatesOf(asked) }),
  },
  {
    pattern: /^acpi0: tables ((?:[A-Z]{4} ?)+)/,
    says: ([, names = ''], asked) => ({
      there: names.trim(),
      here: names
        .split(' ')
        .filter((name) => asked.table(name) !== null)
        .join(' '),
    }),
  },
  {
    pattern: /^(?:ACPI APIC Table|acpi0): <(.{6}) ?(GOOG\w{4})>/,
    says: ([, oem = '', id = ''], asked) => {
      const head = asked.table(id.slice(4))?.toString('latin1', 10, 24);
      return { there: `${oem.trim()} ${id}`, here: `${head?.slice(0, 6).trim()} ${head?.slice(6)}` };
    },
  },
  {
    pattern: /^"([A-Z]{4}[\dA-F]{4})" at acpi0 not configured/,
    says: ([, id = ''], asked) => ({
      there: id,
      here: amlOf(asked).includes(id) ? id : 'no such device',
    }),
  },
  {
    pattern: /^(?:bios0 at mainbus0: SMBIOS rev\.|smbios0: (?:Entry point: .*)?Version:) (\d\.\d)/,
    says: ([, version = ''], asked) => ({ there: `SMBIOS ${version}`, here: asked.smbios }),
  },
  {
    pattern: /^bios0: vendor (\S+) version "(\S+)" date (\S+)/,
    says: ([, vendor = '', version = '', date = ''], asked) => {
      const [ours, build, day] = asked.strings(0);
      return { there: `${vendor}, ${version}, ${date}`, here: `${ours}, ${build}, ${day}` };
    },
  },
  {
    pattern: /^bios0: (Google Google Compute Engine)$/,
    says: ([, text = ''], asked) => ({ there: text, here: asked.strings(1).slice(0, 2).join(' ') }),
  },
];

const DEVICES: readonly Line[] = [
  {
    // The IRQ is what the kernel was configured with.
    pattern: /^com([0-3]) at isa0 port 0x([\da-f]+)(?:-0x[\da-f]+|\/8) irq \d+: (\S+),/,
    says: ([, index = '', at = '', type = ''], { machine }) => ({
      there: `${at}, ${type}`,
      here: `${machine.serial[Number(index)]?.port.toString(16)}, ns16550a`,
    }),
  },
  {
    pattern: /^uart([0-3]): <16550 or compatible> port 0x([\da-f]+)-0x[\da-f]+ irq (\d+) /,
    says: ([, index = '', at = '', irq = ''], { machine }) => {
      const port = machine.serial[Number(index)];
      return { there: `${at}, IRQ ${irq}`, here: `${port?.port.toString(16)}, IRQ ${port?.irq}` };
    },
  },
  {
    pattern: /^scsibus\d+ at vioscsi0: (\d+) targets/,
    says: ([, targets = ''], { disk }) => ({
      there: `${targets} targets`,
      here: `${disk.maxTarget} targets`,
    }),
  },
  {
    pattern:
      /^(?:sd\d+ at scsibus\d+ targ(?:et)? \d+ lun 0|da\d+): <(Google),? (PersistentDisk),? (\S+)>(?: Fixed Direct Access SPC-(\d))?/,
    says: ([, vendor = '', product = '', revision = '', spc], { disk, diskName }) => {
      const standard = (version: string | number) => (spc === undefined ? '' : `, SPC-${version}`);
      return {
        there: `${vendor} ${product} ${revision}${standard(spc ?? '')}`,
        // SPC-3 is version 5.
        here: `${diskName}${standard(disk.inquiry(1)!.version - 2)}`,
      };
    },
  },
  {
    pattern: /^(?:sd\d+: \d+ ?MB, .*?|da\d+: \d+MB \(\d+ )(\d+)(?: bytes\/sect| byte sectors)/,
    says: ([, bytes = ''], { disk }) => ({
      there: `sectors of ${bytes}`,
      here: `sectors of ${disk.readCapacity(1).blockLength}`,
    }),
  },
];

/** Lines of OpenBSD, NetBSD and FreeBSD. */
export const BSD_LINES: readonly Line[] = [...PCI, ...TABLES, ...DEVICES];

/** These systems count devices in decimal. */
function bdfOf(device: string, fn: string): number {
  return (Number(device) << 3) | Number(fn);
}

function timerBits(asked: Asked): number {
  return ((asked.fadt('Flags') ?? 0) & TMR_VAL_EXT) === 0 ? 24 : 32;
}
