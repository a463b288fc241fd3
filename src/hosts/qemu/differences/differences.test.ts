import { describe, expect, test } from 'vitest';
import type { ProfileName } from '../../../machine/profile.ts';
import { DIFFERENCES, differsFrom, explanationOf } from './index.ts';

const ALL = Object.values(DIFFERENCES).flat();
const of = (place: string, ours: string, qemu: string, about = '', profile: ProfileName = 'gce-n1') =>
  explanationOf({ place, ours, qemu, about }, profile)?.id ?? null;

test('each has a name of its own, a sentence and a source', () => {
  expect(new Set(ALL.map(({ id }) => id)).size).toBe(ALL.length);
  for (const { said, source, where } of ALL) {
    expect(said).toMatch(/^[A-Z].*[^.]$/);
    expect(source).toMatch(/\d|Compute Engine/);
    expect(where.length).toBeGreaterThan(2);
  }
});

test.each([
  ['pci 00:00.0 44/1 written', '00', 'ff', '00:00.0 44/1 = ff', 'pci/reserved-bits'],
  ['pci 00:00.0 44/2 written', '0000', 'ab00', '00:00.0 44/2 = ab17', 'pci/reserved-bits'],
  ['pci 00:00.0 44/1 written', '00', 'fe', '00:00.0 44/1 = ff', null],
  ['pci 00:00.0 44/1 written', '0f', 'f0', '00:00.0 44/1 = f0', null],
  ['pm 02/2 written', '0721', 'ffff', '02/2 = ffff', 'pm/reserved-bits'],
  ['pm 02/2 written', '0721', '0fff', '02/2 = ffff', null],
  ['uart MSR', 'f3', 'f0', '', 'uart/loopback-deltas'],
  ['uart MSR', 'f3', '30', '', null],
  ['uart LSR', '61', '60', 'THR=08 FCR=22 LSR?', 'uart/fcr-without-enable'],
  ['uart LSR', '61', '60', 'THR=08 FCR=23 LSR?', null],
  ['uart SCR', '61', '60', '', null],
  ['virtio-modern net device_status', '0b', '4b', 'queue_enable=0000', 'virtio/enable-zero'],
  ['virtio-modern net device_status', '0b', '4b', '', null],
  ['virtio-modern net num_queues', '0003', '0004', '', null],
  ['scsi VERIFY(10): status', '02 5/20/00', '00', '', 'scsi/commands'],
  ['scsi VERIFY(10): status', '02 5/24/00', '00', '', null],
  ['scsi READ(10): byte 0', '00', '01', '', null],
  ['scsi INQUIRY: byte 8', '47', '48', '', null],
])('%s, %s and QEMU %s %j, is %s', (place, ours, qemu, about, id) => {
  expect(of(place, ours, qemu, about)).toBe(id);
});

describe('a row of registers explains what it names, and nothing else', () => {
  test.each([
    ['pci 00:01.0 64/1 read', '10', '00', 'pci/isa-reset'],
    ['pci 00:01.0 76/2 after', '0404', '0c0c', 'pci/isa-reset'],
    ['pci 00:01.0 74/4 read', '04040000', '0c0c0000', 'pci/isa-reset'],
    // Another value; a register beside it; one that differs rightly and one that does not.
    ['pci 00:01.0 64/1 read', '10', '20', null],
    ['pci 00:01.0 65/1 read', '00', '10', null],
    ['pci 00:01.0 64/2 read', '0010', '0100', null],
    ['pci 00:01.0 82/1 read', '00', '01', null],
    ['pci 00:01.0 64/1 written', '10', '0f', null],
    ['pci 00:01.3 5f/1 read', '00', '10', 'pci/acpi-reset'],
    ['pci 00:01.3 90/4 after', '00000001', '0000b101', 'pci/acpi-reset'],
    ['pci 00:01.3 5f/1 read', '00', '90', null],
    ['pci 00:01.3 44/4 read', '00000000', '00000001', null],
    ['pci 00:01.3 90/4 after', '00000001', '0000c101', null],
    ['pci 00:01.3 40/4 written', '00007c81', 'f41c7c98', 'pci/acpi-bases'],
    ['pci 00:01.3 90/2 written', 'c851', 'c852', 'pci/acpi-bases'],
    ['pci 00:01.3 40/4 written', '00007d81', 'f41c7c98', null],
    ['pci 00:01.3 90/2 written', 'c841', 'c852', null],
    ['pci 00:00.0 57/1 read', '01', '10', 'pci/dram'],
    ['pci 00:00.0 57/1 read', '01', '11', null],
    ['pm 10/4 written', '00003e1e', 'ffffffff', 'pm/absent'],
    ['pm 35/1 read', 'bf', 'ff', 'pm/absent'],
    ['pm 04/4 read', '00000000', 'ffff0000', 'pm/absent'],
    ['pm 04/4 written', '00001001', '00000000', 'pm/doubleword'],
    ['pm 10/4 read', '00000000', 'ffffff7f', null],
    ['pm 10/4 read', '00000010', 'ffffffff', null],
    ['pm 04/4 read', '00000001', 'ffff0000', null],
    ['pm 08/4 read', '00000000', 'ff000000', null],
  ])('%s, %s and QEMU %s, is %s', (place, ours, qemu, id) => {
    expect(of(place, ours, qemu)).toBe(id);
  });
});

describe("a row of a disk's pages explains what it names, and nothing else", () => {
  test.each([
    ['INQUIRY with EVPD: byte 3', '06', '05', '12010000ff00', 'scsi/page-list'],
    ['INQUIRY with EVPD: status', '00', '02 5/24/00', '12018000ff00', 'scsi/serial'],
    ['INQUIRY with EVPD: byte 3', '15', '06', '12018300ff00', 'scsi/names'],
    ['INQUIRY with EVPD: byte 41', '00', '3f', '1201b000ff00', 'scsi/limits'],
    ['INQUIRY with EVPD: byte 5', '84', 'e0', '1201b200ff00', 'scsi/thin-commands'],
    // The same elsewhere, and another in the same place.
    ['INQUIRY with EVPD: byte 3', '06', '05', '1201b100ff00', null],
    ['INQUIRY with EVPD: byte 3', '06', '07', '12010000ff00', null],
    ['INQUIRY with EVPD: status', '00', '02 5/24/00', '12018600ff00', null],
    ['INQUIRY with EVPD: status', '02 5/24/00', '00', '12018000ff00', null],
    ['INQUIRY with EVPD: byte 28', '00', '3f', '1201b000ff00', null],
    ['INQUIRY with EVPD: byte 41', '00', '40', '1201b000ff00', null],
    ['INQUIRY with EVPD: byte 5', '84', 'a4', '1201b200ff00', null],
    ['MODE SENSE(6): status', '02 5/24/00', '00', '1a080100ff00', 'scsi/mode-pages'],
    ['MODE SENSE(10): byte 1', '22', '66', '5a003f0000000000ff00', 'scsi/mode-pages'],
    ['MODE SENSE(6): byte 6', '00', '04', '1a084800ff00', 'scsi/write-cache'],
    ['MODE SENSE(6): status', '02 5/24/00', '00', '1a080a00ff00', null],
    ['MODE SENSE(6): status', '00', '02 5/24/00', '1a080100ff00', null],
    ['MODE SENSE(6): byte 0', '1f', '63', '1a000800ff00', null],
    ['MODE SENSE(6): byte 2', '00', '10', '1a003f00ff00', 'scsi/dpo-fua-told'],
    ['MODE SENSE(6): byte 2', '00', '80', '1a003f00ff00', null],
    ['MODE SENSE(6): byte 6', '00', '04', '1a080800ff00', null],
    ['INQUIRY: byte 2', '06', '05', '12000000ff00', 'scsi/version'],
    ['INQUIRY: byte 2', '06', '04', '12000000ff00', null],
    ['FORMAT UNIT: status', '00', '02 5/20/00', '040000000000', null],
  ])('%s, %s and QEMU %s, %s, is %s', (place, ours, qemu, cdb, id) => {
    expect(of(`scsi ${place}`, ours, qemu, `${place.split(':')[0]} ${cdb}`)).toBe(id);
  });
});

test.each([
  ['gce-n1', 'pci 00:03.0 08/4 read', '00000000', '01000000', 'pci/storage-class'],
  ['qemu-pc', 'pci 00:03.0 08/4 read', '00000000', '01000000', null],
  ['qemu-pc', 'pci 00:01.0 04/2 written', '0109', '0501', 'qemu-pc/command'],
  ['qemu-pc', 'pci 00:01.0 04/4 written', '02000001', '00000001', null],
  ['qemu-pc', 'pci 00:04.0 10/4 written', '5e23ccc1', '5e23cce1', 'qemu-pc/nic-ports'],
  ['gce-n1', 'pci 00:01.0 44/1 read', '00', '20', null],
] as const)('%s: %s, %s and QEMU %s, is %s', (profile, place, ours, qemu, id) => {
  expect(of(place, ours, qemu, '', profile)).toBe(id);
});

test('gives the reason why a line of the document does not hold', () => {
  expect(differsFrom('gce/SCSI-SPC4')).toMatch(/SPC-3/);
  expect(differsFrom('gce/SCSI-READ')).toBeNull();
});
