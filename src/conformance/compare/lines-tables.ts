import { FADT } from '../../acpi/fadt.ts';
import { hex } from '../../core/bits.ts';
import { type Asked, type Line, type Saying, TABLE_HEADER } from './asked.ts';

/** A kind of entry of the MADT. */
const LAPIC_NMI = 4;
/** Of the FADT's flags. */
const [PWR_BUTTON, SLP_BUTTON, RTC_S4] = [1 << 4, 1 << 5, 1 << 7];
/** A name in AML. */
const SLEEP_STATE = /_S([1-5])_/g;

/** Lines of Linux about the firmware's tables, and of dmidecode. */
export const TABLE_LINES: readonly Line[] = [
  {
    pattern:
      /^ACPI: (RSDT|FACP|DSDT|FACS|SSDT|APIC|WAET|SRAT) (?:0x)?[\dA-Fa-f]+ ([\dA-F]{5,6})(?: \((v\d\d) (\S+) +(\S+) +([\dA-F]{8}) (\S+) +([\dA-F]{8})\))?/,
    says: ([, name = '', length = '', revision, oem, id, rev, creator, last], asked) => {
      const table = (id === undefined ? null : asked.table(id)) ?? asked.table(name);
      const head = (from: number, to: number) => table!.toString('latin1', from, to).trim();
      const ours =
        table === null
          ? 'none'
          : revision === undefined || table.length < TABLE_HEADER || name === 'FACS'
            ? `${name} of ${table.length} bytes`
            : `${name} of ${table.length} bytes v${String(table[8]).padStart(2, '0')} ${head(10, 16)} ${head(16, 24)} ${hex(table.readUInt32LE(24), 8)} ${head(28, 32)} ${hex(table.readUInt32LE(32), 8)}`;
      const theirs =
        revision === undefined
          ? ''
          : ` ${revision} ${oem} ${id} ${rev?.toLowerCase()} ${creator} ${last?.toLowerCase()}`;
      return { there: `${name} of ${Number.parseInt(length, 16)} bytes${theirs}`, here: ours };
    },
  },
  {
    pattern: /^ACPI: PM-Timer IO Port: 0x([\da-f]+)/,
    says: ([, at = ''], asked) => ({
      there: `PM timer ${at}`,
      here: asked.pmTimer,
    }),
  },
  {
    pattern: /^ACPI: Enabled (\d+) GPEs in block 00 to/,
    says: ([, count = ''], asked) => ({
      there: `${count} GPEs`,
      here: `${(asked.table('FACP')?.[TABLE_HEADER + FADT.offset.GPE0_BLK_LEN] ?? 0) * 4} GPEs`,
    }),
  },
  {
    pattern: /^(?:ACPI: )?IOAPIC\[0\]: apic_id (\d+), version (\d+), address 0x([\da-f]+), GSI 0-23/,
    says: ([, id = '', version = '', address = ''], asked) => ioapicOf(asked, id, Number(version), address),
  },
  {
    pattern: /^ACPI: INT_SRC_OVR \(bus 0 bus_irq (\d+) global_irq (\d+) (high|low) (level|edge)\)/,
    says: ([, irq = '', global = '', polarity = '', mode = ''], asked) => {
      const entry = madtEntry(asked, 2, (one) => one[3] === Number(irq));
      const flags = entry?.readUInt16LE(8) ?? 0;
      return {
        there: `IRQ ${irq} is ${global}, ${polarity} ${mode}`,
        here:
          entry === null
            ? `IRQ ${irq} is not overridden`
            : `IRQ ${irq} is ${entry.readUInt32LE(4)}, ${(flags & 3) === 1 ? 'high' : 'low'} ${(flags & 12) === 12 ? 'level' : 'edge'}`,
      };
    },
  },
  {
    pattern:
      /^ACPI: LAPIC_NMI \(acpi_id\[0x([\da-f]+)\] (dfl|high|low) (dfl|edge|level) lint\[(?:0x)?([01])\]\)/,
    says: ([, id = '', polarity = '', mode = '', pin = ''], asked) => {
      const entry = madtEntry(asked, LAPIC_NMI, (one) => one[2] === Number.parseInt(id, 16));
      const flags = entry?.readUInt16LE(3) ?? 0;
      return {
        there: `NMI of ${id}: ${polarity} ${mode}, LINT${pin}`,
        here:
          entry === null
            ? `NMI of ${id}: none`
            : `NMI of ${id}: ${['dfl', 'high', 'reserved', 'low'][flags & 3]} ${['dfl', 'edge', 'reserved', 'level'][(flags >> 2) & 3]}, LINT${entry[5]}`,
      };
    },
  },
  {
    pattern: /^ACPI: (?:PM: )?\(supports S0((?: S[1-5])+)\)/,
    says: ([, states = ''], asked) => ({ there: states.trim(), here: sleepStatesOf(asked) }),
  },
  {
    // A fixed button has no flag (ACPI 6.5, 5.2.9).
    pattern: /^ACPI: (?:button: )?(Power|Sleep) Button \[(?:PWRF|SLPF)\]/,
    says: ([, name = ''], asked) => {
      const isFixed = ((asked.fadt('Flags') ?? 0) & (name === 'Power' ? PWR_BUTTON : SLP_BUTTON)) === 0;
      return { there: `${name} Button is fixed`, here: `${name} Button is ${isFixed ? 'fixed' : 'not'}` };
    },
  },
  {
    pattern: /^rtc_cmos \S+: alarms up to one (day|month|year)(, y3k)?, /,
    says: ([, longest = '', century = ''], asked) => {
      const fadt = asked.table('FACP')?.subarray(TABLE_HEADER);
      const ours = fadt?.[FADT.offset.MON_ALRM] ? 'year' : fadt?.[FADT.offset.DAY_ALRM] ? 'month' : 'day';
      return {
        there: `alarms up to one ${longest}${century}`,
        here: `alarms up to one ${ours}${fadt?.[FADT.offset.CENTURY] ? ', y3k' : ''}`,
      };
    },
  },
  {
    pattern: /^rtc_cmos \S+: RTC can wake from S4/,
    says: (_match, asked) => ({
      there: 'RTC wakes from S4',
      here: `RTC wakes from ${((asked.fadt('Flags') ?? 0) & RTC_S4) === 0 ? 'S3' : 'S4'}`,
    }),
  },
  {
    pattern: /^(?:BIOS-e820: )?\[?mem 0x([\da-f]{16})-0x([\da-f]{16})\] (usable|reserved)$/,
    says: ([, begin = '', end = '', kind = ''], asked) =>
      rangeOf(asked, Number.parseInt(begin, 16), Number.parseInt(end, 16), kind),
  },
  {
    pattern: /^BIOS-e820: ([\da-f]{16}) - ([\da-f]{16}) \((usable|reserved)\)$/,
    says: ([, begin = '', end = '', kind = ''], asked) =>
      rangeOf(asked, Number.parseInt(begin, 16), Number.parseInt(end, 16) - 1, kind),
  },
  {
    pattern: /^\s+(Vendor|Product Name|Address|Runtime Size|ROM Size): (\S.*)$/,
    says: ([, name = '', value = ''], asked) => {
      const bios = asked.structure(0);
      const segment = bios.length > 8 ? bios.readUInt16LE(6) : 0;
      const ours: Readonly<Record<string, string | undefined>> = {
        Vendor: asked.strings(0)[0],
        'Product Name': asked.strings(1)[1],
        Address: `0x${hex(segment << 4, 5).toUpperCase()}`,
        'Runtime Size': `${(0x1_0000 - segment) / 64} kB`,
        'ROM Size': `${((bios[9] ?? 0) + 1) * 64} kB`,
      };
      return { there: `${name} ${value}`, here: `${name} ${ours[name]}` };
    },
  },
  {
    pattern: /^SMBIOS (\d\.\d)(?:\.\d)? present/,
    says: ([, version = ''], asked) => ({ there: `SMBIOS ${version}`, here: asked.smbios }),
  },
  {
    pattern: /^DMI: Google (.+)\/(.+), BIOS (\S+) (\S+)/,
    says: ([, product = '', board = '', version = ''], asked) => ({
      there: `${product}, ${board}, BIOS ${version}`,
      here:
        asked.table('DMI') === null
          ? 'no SMBIOS'
          : `${asked.strings(1)[1]}, ${asked.strings(2)[1]}, BIOS ${asked.strings(0)[1] ?? asked.strings(0)[0]}`,
    }),
  },
];

export function ioapicOf(asked: Asked, id: string, version: number, address: string): Saying {
  const entry = madtEntry(asked, 1);
  return {
    there: `IOAPIC ${id}, version ${version}, at ${address}`,
    here: `IOAPIC ${entry?.[2]}, version ${asked.machine.profile.ioapic.version}, at ${entry?.readUInt32LE(4).toString(16)}`,
  };
}

/** A range of the memory map, but for what depends on how much RAM there is. */
function rangeOf({ machine }: Asked, from: number, to: number, kind: string): Saying | null {
  const isOfRam = (to >= 0x10_0000 && from < 0xf000_0000) || from >= 2 ** 32;
  if (machine.profile.firmware.kind !== 'bios' || isOfRam) return null;
  const found = machine.e820.find(({ base }) => base === from);
  const text = (last: number, type: string) => `${hex(from, 8)} to ${hex(last, 8)} ${type}`;
  return {
    there: text(to, kind),
    here:
      found === undefined
        ? 'nothing begins there'
        : text(found.base + found.size - 1, found.type === 1 ? 'usable' : 'reserved'),
  };
}

export function amlOf(asked: Asked): string {
  return ['DSDT', 'SSDT'].map((name) => asked.table(name)?.toString('latin1') ?? '').join('');
}

/** `S3 S4 S5`, as the tables declare them. */
export function sleepStatesOf(asked: Asked): string {
  const states = [...amlOf(asked).matchAll(SLEEP_STATE)].map(([, state]) => `S${state}`);
  return states.sort().join(' ');
}

const ENTRIES = 44;

/** An entry of the MADT, by its type. */
function madtEntry(
  asked: Asked,
  type: number,
  wanted: (entry: Buffer) => boolean = () => true,
): Buffer | null {
  const madt = asked.table('APIC') ?? Buffer.alloc(0);
  for (let at = ENTRIES; at + 2 <= madt.length && madt[at + 1]! >= 2; at += madt[at + 1]!) {
    const entry = madt.subarray(at, at + madt[at + 1]!);
    if (entry[0] === type && wanted(entry)) return entry;
  }
  return null;
}
