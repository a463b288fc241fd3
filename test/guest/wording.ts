/** Messages of Linux whose words changed between 4.4, 4.20 or 5.10 and 6.12 (2024), with the same meaning. */
const REWORDED: readonly (readonly [from: RegExp, to: string])[] = [
  [/ mapped at \[(\(____ptrval____\)|[0-9a-f]+)\]$/, ''],
  [/^Using ACPI \(MADT\)/, 'ACPI: Using ACPI (MADT)'],
  [
    /^smpboot: Allowing (\d+) CPUs, (\d+) hotplug CPUs/,
    'CPU topo: Allowing $1 present CPUs plus $2 hotplug CPUs',
  ],
  [/^smpboot: Max logical packages: (\d+)/, 'CPU topo: Max. logical packages:   $1'],
  [/^PM: Registering ACPI NVS/, 'ACPI: PM: Registering ACPI NVS'],
  [/^PM: Registered nosave/, 'PM: hibernation: Registered nosave'],
  [/^(?:printk: )?console \[ttyS0\]/, 'printk: legacy console [ttyS0]'],
  [/^ACPI: \(supports/, 'ACPI: PM: (supports'],
  [/ClockPM Segments MSI\]$/, 'ClockPM Segments MSI HPX-Type3]'],
  [/extended PCI configuration space under this bridge\.$/, 'extended configuration space under this bridge'],
  [
    /^ACPI: PCI Interrupt Link \[(\w+)\] \(IRQs .*\*(\d+).*\)$/,
    'ACPI: PCI: Interrupt link $1 configured for IRQ $2',
  ],
  [/^(?:ACPI: )?PCI Interrupt Link \[(\w+)\] enabled/, 'ACPI: \\_SB_.$1: Enabled'],
  [/^ACPI: (Power|Sleep) Button/, 'ACPI: button: $1 Button'],
  [/(type 00 class 0x\w+)$/, '$1 conventional PCI endpoint'],
  [/reg 0x10: /, 'BAR 0 '],
  [/reg 0x14: /, 'BAR 1 '],
  [/^e820: (.*) available for PCI devices$/, '$1 available for PCI devices'],
  [/rtc core: registered rtc_cmos as rtc0/, 'registered as rtc0'],
  [/(setting system clock to \S+) (\S+) UTC/, '$1T$2 UTC'],
];

const NOSAVE = /(Registered nosave memory: \[mem 0x)([0-9a-f]+)-0x([0-9a-f]+)\]/;

/** What puts a line of an older kernel's log into the words of 6.12. */
export function wording(log: readonly string[]): (line: string) => string {
  const ranges = log.flatMap((line) => rangeOf(line) ?? []);
  return (line) => REWORDED.reduce((text, [from, to]) => text.replace(from, to), joined(line, ranges));
}

interface Range {
  readonly first: number;
  readonly last: number;
}

function rangeOf(line: string): Range | null {
  const [, , first, last] = NOSAVE.exec(line) ?? [];
  return first === undefined ? null : { first: Number.parseInt(first, 16), last: Number.parseInt(last!, 16) };
}

/** 6.12 names one range from RAM to RAM, whatever lies between: those that touch become one. */
function joined(line: string, ranges: readonly Range[]): string {
  const own = rangeOf(line);
  if (own === null) return line;
  let { first, last } = own;
  for (let next: Range | undefined; (next = ranges.find((one) => one.last + 1 === first)); )
    first = next.first;
  for (let next: Range | undefined; (next = ranges.find((one) => one.first === last + 1)); ) last = next.last;
  return line.replace(NOSAVE, (_all, words: string) => `${words}${hex(first)}-0x${hex(last)}]`);
}

function hex(address: number): string {
  return address.toString(16).padStart(8, '0');
}
