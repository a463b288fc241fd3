import { beforeAll, describe, expect, test } from 'vitest';
import { evaluate } from './linux-headers/evaluate.ts';
import { PCI_ROWS } from './linux-headers/pci.ts';
import { SERIAL_ROWS } from './linux-headers/serial.ts';
import { VIRTIO_ROWS } from './linux-headers/virtio.ts';
import { BALLOON_ROWS, NET_ROWS, SCSI_ROWS } from './linux-headers/virtio-devices.ts';

/**
 * Devices and reference drivers share our declarations, so a wrong one would deceive both alike. The kernel's
 * headers were written by others.
 */
describe.each([
  ['PCI', PCI_ROWS],
  ['UART', SERIAL_ROWS],
  ['virtio', VIRTIO_ROWS],
  ['virtio-net', NET_ROWS],
  ['virtio-scsi', SCSI_ROWS],
  ['virtio-balloon', BALLOON_ROWS],
])('the kernel headers for %s', (_room, rows) => {
  const theirs = new Map<string, number>();
  beforeAll(() => {
    const expressions = rows.map(([, c]) => c);
    const values = evaluate(expressions);
    for (const [index, c] of expressions.entries()) theirs.set(c, values[index]!);
  });

  test.each(rows)('%s is %s', (_ours, c, value) => {
    expect(value).toBe(theirs.get(c));
  });
});
