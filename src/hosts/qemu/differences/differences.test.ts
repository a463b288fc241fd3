import { expect, test } from 'vitest';
import { DIFFERENCES, differsFrom, explanationOf } from './index.ts';

const ALL = Object.values(DIFFERENCES).flat();
const of = (place: string, ours: string, qemu: string, about = '') =>
  explanationOf({ place, ours, qemu, about })?.id ?? null;

test('each has a name of its own, a sentence and a source', () => {
  expect(new Set(ALL.map(({ id }) => id)).size).toBe(ALL.length);
  for (const { said, source, where } of ALL) {
    expect(said).toMatch(/^[A-Z].*[^.]$/);
    expect(source).toMatch(/\d|Compute Engine/);
    expect(where.length).toBeGreaterThan(2);
  }
});

test.each([
  ['pci 00:00.0 44/1 written', '00', 'ff', '', 'pci/reserved-bits'],
  ['pci 00:00.0 44/1 written', '0f', 'f0', '', null],
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

test('tells why a line of the document does not hold', () => {
  expect(differsFrom('gce/SCSI-SPC4')).toMatch(/SPC-3/);
  expect(differsFrom('gce/SCSI-READ')).toBeNull();
});
