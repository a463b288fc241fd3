import { describe, expect, test } from 'vitest';
import { buildMachine } from '../../machine/computer.ts';
import { GCE_N1 } from '../../machine/gce-n1.ts';
import { planFor } from '../../machine/plan.ts';
import { compareText, machineOfText, optionsOfText } from './texts.ts';

describe('a text', () => {
  test.each([
    ['00:05.0 PCI bridge [0604]: Google, Inc. Device [1ae0:0f48]\n03:00.0 [0108]: [1ae0:001f]', 'gce-c4'],
    ['00:0c.0 Non-Volatile memory controller [0108]: Google, Inc. Device [1ae0:001f]', 'gce-c3'],
    ['pci 0000:00:05.0: [1ae0:001f] type 00 class 0x010802', 'gce-c3'],
    ['pci 0000:00:05.0: [1ae0:001f] type 00 class 0x010802\nscsi host0: Virtio SCSI HBA', 'gce-n1'],
    ['ACPI: Using GIC for interrupt routing\n00:02.0 [0108]: [1ae0:001f]', 'gce-t2a'],
  ])('of %j is of a machine', (text, machine) => {
    expect(machineOfText(text)).toBe(machine);
  });

  test.each([
    ['CPU topo: Allowing 4 present CPUs plus 0 hotplug CPUs', { vcpus: 4 }],
    ['smpboot: Allowing 2 CPUs, 0 hotplug CPUs', { vcpus: 2 }],
    ['ACPI: APIC 0x00000000BFFFF000 00007E (v01 Google)', { vcpus: 3 }],
    ['ACPI: APIC 0x00000000BFFFF000 000090 (v01 Google)', { vcpus: 1 }],
    ['pci 0000:00:04.0: BAR 1 [mem 0xc0000000-0xc000005f]', {}],
    ['FreeBSD/SMP: Multiprocessor System Detected: 2 CPUs', { vcpus: 2 }],
    [
      'cpu0 at mainbus0: apid 0 (boot processor)\ncpu1 at mainbus0: apid 2 (application processor)',
      { vcpus: 2 },
    ],
  ])('that says %j has so many processors', (text, options) => {
    expect(optionsOfText(text)).toEqual(options);
  });

  test.each([
    '00:04.0 Ethernet controller [0200]: Google, Inc. Compute Engine Virtual Ethernet [gVNIC] [1ae0:0042]',
    '00:04.0 Ethernet controller: Google, Inc. Compute Engine Virtual Ethernet [gVNIC]',
    '00:04.0 0200: 1ae0:0042',
    'pci 0000:00:04.0: [1ae0:0042] type 00 class 0x020000 conventional PCI endpoint',
    'vendor "Google", unknown product 0x0042 (class network subclass ethernet, rev 0x00) at pci0 dev 4 function 0 not configured',
  ])('is compared with a machine that has its card: %s', (text) => {
    const machine = buildMachine(planFor(GCE_N1, optionsOfText(text)));

    expect(compareText(text, machine).map(({ outcome }) => outcome)).toEqual(['equal']);
  });
});
