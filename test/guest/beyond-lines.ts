import type { Beyond } from './beyond.ts';

// Lines of ours that a log has not, by their cause.

function line(cause: Beyond['cause'], why: string, lines: RegExp): Beyond {
  return { lines, cause, why };
}

const QUEUES = line(
  'kernel',
  'not said by older kernels; logs of 2024 say the same',
  /^virtio_scsi virtio0: 1\/0\/0 default\/read\/poll queues$/,
);
const CLOCK_NOT_KEPT = line('not kept', "lines on the processor's clock were not kept", /^kvm-clock: /);
/** In every boot of ours, and in no log. */
const OURS: readonly Beyond[] = [
  line('v86', 'its processor has cache lines of another size', /^PCI: pci_cache_line_size set to 32 bytes$/),
  line('v86', 'its processor has cache lines of another size', /^PCI: CLS 0 bytes, default 32$/),
  line(
    'CPU count',
    'one CPU is run: what the driver began last has not come to its turn',
    /^work still pending$/,
  ),
  QUEUES,
  line('kernel', 'a kernel without NUMA takes node 0 for granted', /^pci_bus 0000:00: on NUMA node 0$/),
];
const ONE_CPU = line('CPU count', 'one CPU is run', /^smp: Brought up 1 node, 1 CPU$/);
const ONE_NODE = line(
  'v86',
  'v86 has no RAM above 4 GiB',
  /^Initmem setup node 0 \[mem 0x0000000000001000-<end of RAM - \w+h>\]$/,
);
const NO_PAE = line(
  'kernel',
  'an i386 kernel without PAE knows of 32 bits',
  /^last_pfn = 0x\w+ max_arch_pfn = 0x100000$/,
);
const NEW_WORDS = line(
  'kernel',
  'said since 5.13, where SMBIOS has structures of type 17',
  /^DMI: Memory slots populated: 1\/1$/,
);
const RESERVING = line(
  'kernel',
  'said since 5.9, of the same places as the lines above',
  /^ACPI: Reserving \w+ table memory at /,
);
const NO_CONTROL = line(
  'kernel',
  'not said by older kernels where there is no _OSC',
  /^acpi PNP0A03:00: _OSC: not requesting OS control; OS requires \[ExtendedConfig ASPM ClockPM MSI\]$/,
);
const NO_E820 = line(
  'kernel',
  'not said by older kernels',
  /^PCI: (Using|Ignoring) E820 reservations for host bridge windows$/,
);
const SYMMETRIC = line('kernel', 'not said by 4.4', /^APIC: Switch to symmetric I\/O mode setup$/);
const BEFORE_6: readonly Beyond[] = [NO_PAE, NEW_WORDS, NO_CONTROL, NO_E820];
const NO_DRIVER = 'its kernel had no such driver, or it came later, as a module';
const MOUSE = line(
  'kernel',
  NO_DRIVER,
  /^(mousedev: PS\/2 mouse device common for all mice|input: ImExPS\/2 Generic Explorer Mouse as .*\/input4)$/,
);
const FLOPPY = line('kernel', NO_DRIVER, /^floppy0: no floppy controllers found$/);
const SMBUS = line('kernel', NO_DRIVER, /^piix4_smbus 0000:00:01\.3: SMBus base address uninitialized/);
const KEYBOARD = line('kernel', NO_DRIVER, /^input: AT Translated Set 2 keyboard as .*\/input2$/);
const CLOCK = line(
  'kernel',
  'that kernel did not set its clock so',
  /^rtc_cmos 00:00: setting system clock to /,
);
const FOR_DEVELOPERS = line(
  'not kept',
  'said to developers, and not on the console that the log is of',
  /^(e820: (update|remove|reserve RAM buffer) |pci 0000:00:0[0134]\.[03]: (\[|BAR )|pci_bus 0000:00: resource |sd .* Mode Sense: )/,
);

export const BEYOND_TWO: readonly Beyond[] = [
  ...OURS,
  ONE_CPU,
  ...BEFORE_6,
  RESERVING,
  ONE_NODE,
  CLOCK,
  FOR_DEVELOPERS,
];

export const BEYOND_FOUR: readonly Beyond[] = [
  ...OURS,
  CLOCK_NOT_KEPT,
  ONE_CPU,
  ...BEFORE_6,
  RESERVING,
  ONE_NODE,
  SYMMETRIC,
  MOUSE,
  KEYBOARD,
  SMBUS,
  FLOPPY,
  line(
    'not kept',
    'the log of August has it, from the same kernel',
    /^ACPI: 2 ACPI AML tables successfully acquired and loaded$/,
  ),
  line('not kept', 'ranges follow it', /^Early memory node ranges$/),
];

/** Of August only lines from ACPI on were kept, and of these an excerpt. */
export const BEYOND_AUGUST: readonly Beyond[] = [
  ...OURS,
  ONE_CPU,
  RESERVING,
  ONE_NODE,
  SYMMETRIC,
  MOUSE,
  SMBUS,
  CLOCK,
  NO_CONTROL,
  NO_E820,
  line(
    'not kept',
    'the other log of this kernel has it',
    /^(ACPI: Added _OSI\(|ACPI: Interpreter enabled$|PCI: Using host bridge windows from ACPI|pci_bus 0000:00: resource )/,
  ),
  line('not kept', 'ranges follow it', /^Early memory node ranges$/),
  line(
    'not kept',
    'the other log of this kernel says 2 of as many CPUs',
    /^CPU topo: Max\. logical packages: +2$/,
  ),
];

export const BEYOND_UEFI: readonly Beyond[] = [
  ...OURS,
  ...BEFORE_6,
  MOUSE,
  SMBUS,
  FLOPPY,
  line(
    'kernel',
    'there this driver was a module, so another device came first',
    /^input: ((Power|Sleep) Button as .*\/input[01]|AT Translated Set 2 keyboard as .*\/input2)$/,
  ),
  line('not modelled', 'no TPM is modelled', /^ima: No TPM chip found, activating TPM-bypass!$/),
];

export const BEYOND_MARCH: readonly Beyond[] = [
  ...OURS,
  NO_E820,
  line(
    'not kept',
    'of memory, serial ports, input, disks and drivers nothing was kept',
    /^(e820: reserve|Serial: |00:0[3-6]: ttyS|s(d|csi) |scsi host0| sda: |i8042: |serio: |mousedev: |input: |rtc_cmos |piix4_smbus |virtio-pci |floppy0: |ima: )/,
  ),
  line(
    'not kept',
    'an excerpt of what ACPI and PCI said',
    /^(ACPI: (Interpreter enabled|button: |\\_SB_\.LNK)|PCI: Using host bridge|pci_bus 0000:00: resource |pci 0000:00:00\.0: Limiting|pci 0000:00:05\.0: vgaarb: bridge|vgaarb: loaded|pnp: PnP ACPI init)/,
  ),
];

export const BEYOND_2024: readonly Beyond[] = [
  ...OURS,
  CLOCK_NOT_KEPT,
  ONE_CPU,
  NO_PAE,
  NO_E820,
  FOR_DEVELOPERS,
  line('kernel', 'its command line made up two nodes', /^Initmem setup node 0 /),
  line(
    'not kept',
    'the report ends before ACPI, PCI and drivers are started',
    /^(PCI|ACPI: (Added|2 ACPI AML|Interpreter|PM: |Using IOAPIC|Enabled|PCI|button: |\\_SB_)|acpi |pci|vgaarb: |pnp: |clocksource: acpi_pm)/,
  ),
  line(
    'not kept',
    'the report ends before ACPI, PCI and drivers are started',
    /^(Serial: |00:0[3-6]: ttyS|s(d|csi) |scsi host0| sda: |i8042: |serio: |mousedev: |input: |rtc_cmos |piix4_smbus |virtio-pci |floppy0: |ima: )/,
  ),
];
