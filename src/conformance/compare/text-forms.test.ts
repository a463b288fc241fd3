import { describe, expect, test } from 'vitest';
import { buildMachine } from '../../machine/computer.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { planFor } from '../../machine/plan.ts';
import { PROFILES } from '../../machine/profiles.ts';
import { compareText, optionsOfText } from './texts.ts';

describe('a log', () => {
  test.each([
    ['syslog', 'Sep 11 20:16:57 vm kernel: '],
    ['syslog, and the kernel', 'Sep 11 20:16:57 vm kernel: [    0.431200] '],
    ['the journal, by the day', 'Sep 11 20:16:57.123456 vm kernel: '],
    ['the journal, in ISO 8601', '2018-09-11T20:16:57+0000 vm kernel: '],
    ['the journal, from the start', '[    0.431200] vm kernel: '],
    ['rsyslog', '2018-09-11T20:16:57.123456+00:00 vm kernel: [    0.431200] '],
    ['dmesg', '[    0.431200] '],
    ['dmesg -r', '<6>[    0.431200] '],
    ['dmesg -T', '[Tue Sep 11 20:16:57 2018] '],
    ['dmesg -e', '[Sep11 20:16] '],
    ['dmesg -e, behind its first line', '[  +0.000012] '],
    ['dmesg -d', '[    0.431200 <    0.000012>] '],
    ['dmesg -x', 'kern  :info  : [    0.431200] '],
    ['dmesg --time-format iso', '2018-09-11T20:16:57,123456+00:00 '],
    ['/dev/kmsg', '6,339,431200,-;'],
    ['CONFIG_PRINTK_CALLER', '[    0.431200][    T1] '],
    ['Talos', '10.0.0.2: kern:    info: [2018-09-11T20:16:57.123456789Z]: '],
    ['NetBSD', '[   1.0000000] '],
    ['a quotation', '> > [    0.431200] '],
    ['a quotation of dmesg -T', '> [Tue Sep 11 20:16:57 2018] '],
    ['an indented block', '    <6>[    0.431200] '],
    ['an indented block of a log without stamps', '                            '],
    ['a quotation of a log without stamps', '> > '],
    ['the log package of Go', '2017/11/28 23:13:29 '],
    ['a difference', '+[    0.431200] '],
    ['a CI', '2018-09-11T20:16:57.1234567Z   [    0.431200] '],
    ['a test of Go', '    boot.go:55: [    0.431200] '],
    ['the other end of a line', '\r'],
    ['colours', '\u001b[32m[    0.431200] \u001b[0m\u001b[33m'],
  ])('is compared behind what %s puts before its lines', (_name, before) => {
    const lines = ['ACPI: PM-Timer IO Port: 0xb008', 'SMBIOS 2.4 present.'];

    const outcomes = compareText(lines.map((line) => before + line).join('\n'), gceN1());

    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['equal', 'equal']);
  });

  test.each([
    [
      'Cloud Logging',
      '[\n  {\n    "textPayload": "[    0.431200] SMBIOS 2.4 present.\\r",\n    "severity": 1\n  }\n]',
    ],
    ['Cloud Logging, an entry a line', '{"textPayload":"SMBIOS 2.4 present."}\n{"textPayload":"x"}'],
    ['the journal', '{"PRIORITY":"6","MESSAGE":"SMBIOS 2.4 present."}'],
    [
      'get-serial-port-output',
      '{"contents": "\\u001b[2JSeaBIOS\\r\\nSMBIOS 2.4 present.\\r\\n", "next": "1"}',
    ],
  ])('is compared in the JSON of %s', (_name, text) => {
    expect(compareText(text, gceN1()).map(({ outcome }) => outcome)).toEqual(['equal']);
  });

  test('is compared in a quotation of lspci -v and of a BSD', () => {
    const lines = [
      '> 00:03.0 Non-VGA unclassified device: Red Hat, Inc. Virtio SCSI',
      '>         Flags: bus master, fast devsel, latency 0, IRQ 11',
      '> \tI/O ports at c000 [size=64]',
      '>',
      '> virtio0 at pci0 dev 3 function 0',
      '> virtio0: interrupting at ioapic0 pin 11',
    ];

    const outcomes = compareText(lines.join('\n'), gceN1());

    expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(4).fill('equal'));
  });

  test.each(['[    0.431200] ', '    ', '> '])('tells of its machine behind "%s", too', (before) => {
    const lines = ['smpboot: Allowing 4 CPUs, 0 hotplug CPUs', 'cpu0 at mainbus0', 'driver: gve'];

    const options = lines.map((line) => optionsOfText(before + line));

    expect(options).toEqual([{ vcpus: 4 }, { vcpus: 1 }, { vcpus: 1, nics: [{ type: 'gvnic' }] }]);
  });
});

describe('a line', () => {
  test.each([
    '00:01.3 "Bridge" "Intel Corporation" "82371AB/EB/MB PIIX4 ACPI" -r03 "" ""',
    '00:01.3 "Bridge [0680]" "Intel Corporation [8086]" "82371AB/EB/MB PIIX4 ACPI [7113]" -r03 -p00 "" ""',
    '0000:00:01.3 "0680" "8086" "7113" -r03 -p00 "" ""',
    '> 00:01.3 "0680" "8086" "7113" -r03 "" ""',
  ])('of lspci -mm is compared as any other: %s', (line) => {
    const outcomes = compareText(`${line}\n${line.replace('-r03', '-r02')}`, gceN1());

    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['equal', 'new']);
  });

  test.each([
    ['gve 0000:00:04.0: Driver is running with GQI QPL queue format', 'gce-n1', 'equal'],
    ['[    1.4] gve 0000:00:04.0: Driver is running with DQO RDA queue format', 'gce-c3', 'equal'],
    ['gve 0000:00:04.0: Driver is running with DQO QPL queue format.', 'gce-c3', 'new'],
  ] as const)('of the driver of a gVNIC names its rings: %s, on %s', (line, profile, outcome) => {
    const machine = buildMachine(planFor(PROFILES[profile], optionsOfText(line)));

    expect(compareText(line, machine).map((one) => one.outcome)).toEqual([outcome]);
  });

  test('of NetBSD names features that our device offers, or does not', () => {
    const lines = [
      'virtio1 at pci0 dev 4 function 0',
      'vioif0: Features: 0x30020<CTRL_VQ,STATUS,MAC>',
      'vioif0 at virtio1: features: 0x40030020<VERSION_1,CTRL_VQ,STATUS,MAC>',
    ];

    const outcomes = compareText(lines.join('\n'), gceN1());

    expect(outcomes.map(({ outcome, said }) => [outcome, said])).toEqual([
      ['equal', ''],
      ['new', 'features 40030020 there, features 00030020 here'],
    ]);
  });

  test.each([
    [
      'N1',
      '00:03.0 Non-VGA unclassified device: Red Hat, Inc. Virtio SCSI',
      '\tRegion 0: I/O ports at c000 [size=64]',
    ],
    [
      'N1',
      '00:03.0 Non-VGA unclassified device: Red Hat, Inc. Virtio SCSI',
      '\tRegion 1: Memory at febfe000 (32-bit, non-prefetchable) [size=128]',
    ],
    [
      'C3',
      '00:03.0 Ethernet controller: Google, Inc. Compute Engine Virtual Ethernet [gVNIC]',
      '\tRegion 0: Memory at 80203000 (32-bit, non-prefetchable) [size=4K]',
    ],
    [
      'C4',
      '03:00.0 Non-Volatile memory controller: Google, Inc. NVMe device (rev 01) (prog-if 02 [NVM Express])',
      '\tRegion 0: Memory at 80200000 (64-bit, non-prefetchable) [size=16K]',
    ],
    ['N1', '00:03.0 0000: 1af4:1004', '\tInterrupt: pin A routed to IRQ 11'],
    [
      'N1',
      '00:00.0 0600: 8086:1237 (rev 02)',
      '\tStatus: Cap- 66MHz- UDF- FastB2B+ ParErr- DEVSEL=medium >TAbort-',
    ],
  ])('of lspci -vv is compared with the function that it is of, on a %s: %s, %s', (series, place, line) => {
    const machine = buildMachine(planFor(PROFILES[`gce-${series.toLowerCase()}` as 'gce-n1'], {}));
    const other = line.replace(/\d+(?=K?\]$|$)|medium/, '1');

    const outcomes = compareText([place, line, other].join('\n'), machine).map(({ outcome }) => outcome);

    expect(outcomes).toEqual(['equal', 'equal', 'new']);
  });
});
