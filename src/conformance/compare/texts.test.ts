import { readdirSync, readFileSync } from 'node:fs';
import { assert as check, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildMachine } from '../../machine/computer.ts';
import { GCE_N1, gceN1 } from '../../machine/gce-n1.ts';
import { planFor } from '../../machine/plan.ts';
import { PROFILES } from '../../machine/profiles.ts';
import { compareText, optionsOfText } from './texts.ts';

const LOGS = 'test/guest/logs';

describe('a text of a real machine', () => {
  test.each(readdirSync(LOGS))('as %s has no difference that is not known', (name) => {
    const text = readFileSync(`${LOGS}/${name}`, 'utf8');
    const machine = buildMachine(planFor(GCE_N1, optionsOfText(text)));

    const rows = compareText(text, machine);

    expect(rows.filter(({ outcome }) => outcome === 'new')).toEqual([]);
    expect(rows.filter(({ outcome }) => outcome === 'equal').length).toBeGreaterThan(15);
  });

  test('as that of a T2A in January 2023 differs where the page says so', () => {
    const text = [
      'SMBIOS 3.4.0 present.',
      'ARMH0011:03: ttyAMA3 at MMIO 0x9003000 (irq = 15, base_baud = 0) is a SBSA',
      'pci 0000:00:00.0: [1ae0:0042] type 00 class 0x020000',
      'pci 0000:00:00.0: reg 0x10: [mem 0x10203000-0x10203fff]',
      'pci 0000:00:00.0: reg 0x14: [mem 0x10202000-0x1020203f]',
      'pci 0000:00:01.0: [1af4:1005] type 00 class 0x00ff00',
      'pci 0000:00:01.0: reg 0x10: [io  0x0000-0x001f]',
      'pci 0000:00:01.0: reg 0x14: [mem 0x10201000-0x1020103f]',
      'pci 0000:00:02.0: [1ae0:001f] type 00 class 0x010802',
    ].join('\n');
    const machine = buildMachine(planFor(PROFILES['gce-t2a'], { ...optionsOfText(text), vcpus: 2 }));

    const outcomes = compareText(text, machine).map(({ outcome }) => outcome);

    expect(outcomes).toEqual([
      'known',
      'equal',
      'equal',
      'equal',
      'equal',
      'equal',
      'known',
      'equal',
      'equal',
    ]);
  });

  test.each<[system: string, differences: readonly string[], text: string]>([
    [
      'OpenBSD 6.4 in September 2018',
      [
        'ACPI0006 there, no such device here',
        'QEMU0001 there, no such device here',
        'ACPI0007 there, no such device here',
      ],
      `
bios0 at mainbus0: SMBIOS rev. 2.4 @ 0xf2a70 (13 entries)
bios0: vendor Google version "Google" date 01/01/2011
bios0: Google Google Compute Engine
acpi0: sleep states S3 S4 S5
acpi0: tables DSDT FACP SSDT APIC WAET SRAT
acpitimer0 at acpi0: 3579545 Hz, 24 bits
ioapic0 at mainbus0: apid 0 pa 0xfec00000, version 11, 24 pins
"ACPI0006" at acpi0 not configured
"QEMU0001" at acpi0 not configured
"ACPI0007" at acpi0 not configured
pchb0 at pci0 dev 0 function 0 "Intel 82441FX" rev 0x02
com0 at isa0 port 0x3f8/8 irq 4: ns16550a, 16 byte fifo
com1 at isa0 port 0x2f8/8 irq 3: ns16550a, 16 byte fifo
com2 at isa0 port 0x3e8/8 irq 5: ns16550a, 16 byte fifo`,
    ],
    [
      'NetBSD in January 2016',
      [],
      `
pcib0 at pci0 dev 1 function 0: vendor 8086 product 7110 (rev. 0x03)
piixpm0 at pci0 dev 1 function 3: vendor 8086 product 7113 (rev. 0x03)
piixpm0: SMBus disabled
virtio0 at pci0 dev 3 function 0
vioscsi0: qsize 8192
scsibus0 at vioscsi0: 253 targets, 1 lun per target
virtio0: interrupting at ioapic0 pin 11
virtio1 at pci0 dev 4 function 0
virtio1: interrupting at ioapic0 pin 11
com0 at isa0 port 0x3f8-0x3ff irq 4: ns16550a, working fifo
com1 at isa0 port 0x2f8-0x2ff irq 3: ns16550a, working fifo
sd0 at scsibus0 target 2 lun 0: <Google, PersistentDisk, 1> disk fixed
sd0: 2048 MB, 2048 cyl, 64 head, 32 sec, 512 bytes/sect x 4194304 sectors`,
    ],
    [
      'FreeBSD',
      [],
      `
da1: <Google PersistentDisk 1> Fixed Direct Access SPC-4 SCSI device
da1: 10240MB (20971520 512 byte sectors)`,
    ],
  ])('as %s printed it has no difference that is not known', (_system, differences, text) => {
    const lines = text.trim().split('\n');

    const rows = compareText(lines.join('\n'), gceN1());

    expect(rows.filter(({ outcome }) => outcome === 'known').map(({ said }) => said)).toEqual(differences);
    // One line says only where the next ones are.
    const silent = lines.filter((line) => /^virtio\d+ at pci0 dev \d function 0$/.test(line));
    expect(rows.filter(({ outcome }) => outcome === 'equal')).toHaveLength(
      lines.length - differences.length - silent.length,
    );
  });

  /** As kernels before 3.9, 3.13 and 3.17 wrote them. */
  test.each([
    'BIOS-e820: 0000000000000000 - 000000000009fc00 (usable)',
    'ACPI: WAET 00000000bfffdfd0 00028 (v01 Google GOOGWAET 00000001 GOOG 00000001)',
    'pci 0000:00:03.0: reg 10: [io  0xc000-0xc03f]',
    '00:02: ttyS0 at I/O 0x3f8 (irq = 4) is a 16550A',
  ])('that an old Linux wrote is compared: %s', (line) => {
    expect(compareText(line, gceN1()).map(({ outcome }) => outcome)).toEqual(['equal']);
  });

  /** Of what was seen, each with one number changed. */
  test.each([
    [
      '00:01.3 Bridge [0680]: Intel Corporation PIIX4 ACPI [8086:7113] (rev 02)',
      '8086:7113, class 0680, rev 02 there',
    ],
    ['pci 0000:00:03.0: [1af4:1004] type 00 class 0x010000', '1af4:1004, class 010000 there'],
    [
      'pci 0000:00:03.0: reg 0x14: [mem 0xfebfe000-0xfebfe0ff]',
      'mem febfe000 [256] there, mem febfe000 [128] here',
    ],
    ['ACPI: PCI Interrupt Link [LNKA] (IRQs 5 10 *11)', 'LNKA on 11 there, LNKA on 10 here'],
    [
      'ACPI: INT_SRC_OVR (bus 0 bus_irq 0 global_irq 2 high edge)',
      'IRQ 0 is 2, high edge there, IRQ 0 is not overridden here',
    ],
    [
      'IOAPIC[0]: apic_id 0, version 32, address 0xfec00000, GSI 0-23',
      'IOAPIC 0, version 32, at fec00000 there',
    ],
    ['SMBIOS 2.8 present.', 'SMBIOS 2.8 there, SMBIOS 2.4 here'],
    ['BIOS-e820: [mem 0x0000000000000000-0x000000000009efff] usable', '00000000 to 0009efff usable there'],
    ['00:03: ttyS0 at I/O 0x3f8 (irq = 4, base_baud = 115200) is a 16450', '3f8, IRQ 4, 115200, 16450 there'],
    [
      'scsi 0:0:1:0: Direct-Access     Google   PersistentDisk   1    PQ: 0 ANSI: 5',
      'Google PersistentDisk 1 PQ 0 ANSI 5 there',
    ],
    ['sd 0:0:1:0: [sda] Mode Sense: 1f 00 10 08', '1f 00 10 08 there, 1f 00 00 08 here'],
    ['sd 0:0:1:0: [sda] Write Protect is on', 'write protect on there, write protect off here'],
    [
      'sd 0:0:1:0: [sda] Write cache: disabled, read cache: enabled, supports DPO and FUA',
      "disabled, enabled, supports FUA there, enabled, enabled, doesn't support FUA here",
    ],
    [
      'sd 0:0:1:0: [sda] 2621440 4096-byte logical blocks: (10.7 GB/10.0 GiB)',
      'blocks of 4096 there, blocks of 512 here',
    ],
    ['kvm-clock: Using msrs 12 and 11', 'clock at 12 there, clock at 4b564d01 here'],
    [
      'pci 0000:00:01.3: quirk: [io  0x0600-0x063f] claimed by PIIX4 ACPI',
      'ACPI at 600 there, ACPI at b000 here',
    ],
    ['pci 0000:00:01.3: quirk: region 0700-070f claimed by PIIX4 SMB', 'SMB at 700 there, SMB at 0 here'],
    [
      'ACPI: LAPIC_NMI (acpi_id[0xff] high edge lint[1])',
      'NMI of ff: high edge, LINT1 there, NMI of ff: dfl dfl, LINT1 here',
    ],
    ['ACPI: PM: (supports S0 S5)', 'S5 there, S3 S4 S5 here'],
    [
      'rtc_cmos 00:00: alarms up to one month, y3k, 114 bytes nvram',
      'alarms up to one month, y3k there, alarms up to one day here',
    ],
    [
      'ACPI: RSDT 0x00000000BFFFDBA0 000034 (v01 BOCHS  BXPCRSDT 00000001 BXPC 00000001)',
      'RSDT of 52 bytes v01 BOCHS BXPCRSDT',
    ],
    ['vioscsi0: qsize 1024', 'queues of 1024 there, queues of 8192 here'],
    [
      'pchb0 at pci0 dev 0 function 0 "Intel 82441FX" rev 0x03',
      '8086:1237, rev 03 there, 8086:1237, rev 02 here',
    ],
    [
      'pcib0 at pci0 dev 1 function 0: vendor 8086 product 7000 (rev. 0x03)',
      '8086:7000, rev 03 there, 8086:7110, rev 03 here',
    ],
    [
      'vendor "Google", unknown product 0x0042 (class network subclass ethernet, rev 0x00) at pci0 dev 4 function 0 not configured',
      '1ae0:0042, rev 00 there, 1af4:1000, rev 00 here',
    ],
    [
      'virtio_pci0: <VirtIO PCI (legacy) SCSI adapter> port 0xc000-0xc01f mem 0xfebfe000-0xfebfe07f irq 11 at device 3.0 on pci0',
      'io c000 [32] there, 1af4:1004, rev 00, io c000 [64] here',
    ],
    [
      'acpi_timer0: <32-bit timer at 3.579545MHz> port 0x608-0x60b on acpi0',
      'PM timer 608, 32 bits there, PM timer b008, 24 bits here',
    ],
    ['acpitimer0 at acpi0: 3579545 Hz, 32 bits', '32 bits there, 24 bits here'],
    ['acpi0: sleep states S5', 'S5 there, S3 S4 S5 here'],
    ['acpi0: tables DSDT FACP APIC HPET', 'DSDT FACP APIC HPET there, DSDT FACP APIC here'],
    ['ACPI APIC Table: <BOCHS  GOOGAPIC>', 'BOCHS GOOGAPIC there, Google GOOGAPIC here'],
    ['bios0 at mainbus0: SMBIOS rev. 2.8 @ 0xf68c0 (10 entries)', 'SMBIOS 2.8 there, SMBIOS 2.4 here'],
    [
      'smbios0: Entry point: v2.1 (32-bit), Version: 2.8, BCD Revision: 2.8',
      'SMBIOS 2.8 there, SMBIOS 2.4 here',
    ],
    [
      'bios0: vendor SeaBIOS version "1.10.2-1" date 04/01/2014',
      'SeaBIOS, 1.10.2-1, 04/01/2014 there, Google, Google, 01/01/2011 here',
    ],
    [
      'ioapic0 at mainbus0 apid 4: pa 0xfec00000, version 0x11, 32 pins',
      'IOAPIC 4, version 17, at fec00000 there, IOAPIC 0',
    ],
    ['com1 at isa0 port 0x2f8/8 irq 3: ns8250, no fifo', '2f8, ns8250 there, 2f8, ns16550a here'],
    ['uart2: <16550 or compatible> port 0x3e8-0x3ef irq 5 on acpi0', '3e8, IRQ 5 there, 3e8, IRQ 6 here'],
    ['scsibus1 at vioscsi0: 256 targets', '256 targets there, 253 targets here'],
    [
      'da0: <Google PersistentDisk 1> Fixed Direct Access SPC-3 SCSI device',
      'SPC-3 there, Google PersistentDisk 1, SPC-4 here',
    ],
    ['da0: 10240MB (2621440 4096 byte sectors)', 'sectors of 4096 there, sectors of 512 here'],
    ['	ROM Size: 128 kB', 'ROM Size 128 kB there, ROM Size 64 kB here'],
    ['PIIX3/PIIX4 init: elcr=00 0e', '00 0e there, 00 0c here'],
  ])('that says %j differs, which is new', (line, said) => {
    expect(compareText(line, gceN1())).toEqual([
      { name: 'text line 1', outcome: 'new', said: expect.stringContaining(said), reason: '' },
    ]);
  });

  test('of a disk is not compared with a machine that has no adapter', () => {
    const machine = buildMachine(planFor(PROFILES['gce-c3'], {}));

    const rows = compareText('sd 0:0:1:0: [sda] Mode Sense: 1f 00 10 08', machine);

    expect(rows.map(({ outcome }) => outcome)).toEqual(['not compared']);
  });

  test('of any characters is compared or passed over', () => {
    const machine = gceN1();

    check(
      property(string(), (text) => {
        compareText(`pci 0000:00:03.0: ${text}\nACPI: ${text}\nacpi0: ${text}\n${text}`, machine);
        planFor(GCE_N1, optionsOfText(text));
      }),
    );
  });
});
