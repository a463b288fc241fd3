/** Messages of Linux whose words changed between 4.4, 4.20 or 5.10 and 6.12 (2024), and said the same all the time. */
const REWORDED: readonly (readonly [from: RegExp, to: string])[] = [
  [/ mapped at \[(\(____ptrval____\)|[0-9a-f]+)\]$/, ''],
  [/^Using ACPI \(MADT\)/, 'ACPI: Using ACPI (MADT)'],
  [
    /^smpboot: Allowing (\d+) CPUs, (\d+) hotplug CPUs/,
    'CPU topo: Allowing $1 present CPUs plus $2 hotplug CPUs',
  ],
  [/^smpboot: Max logical packages: (\d+)/, 'CPU topo: Max. logical packages:   $1'],
  // 6.12 names one range from RAM to RAM, whatever lies between.
  [
    /^PM: Registered nosave memory: \[mem 0x000(9f000-0x0009ffff|a0000-0x000effff|f0000-0x000fffff)\]/,
    'PM: hibernation: Registered nosave memory: [mem 0x0009f000-0x000fffff]',
  ],
  [/^(PM: hibernation: .*) 0x000(98000-0x0009ffff|a0000-0x000fffff)\]/, '$1 0x00098000-0x000fffff]'],
  [
    /^(PM: hibernation: .*) 0x2(5eed000-0x25fec|5fed000-0x260ec|60ed000-0x2616c|616d000-0x2617e|617f000-0x261fe)fff\]/,
    '$1 0x25eed000-0x261fefff]',
  ],
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

/** A line of an older kernel in the words of 6.12. */
export function reword(line: string): string {
  return REWORDED.reduce((text, [from, to]) => text.replace(from, to), line);
}
