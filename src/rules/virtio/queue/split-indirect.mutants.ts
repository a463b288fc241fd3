import { behind } from '../../../conformance/broken/behind.ts';
import { asksDisk, type BrokenDriver } from '../../../conformance/broken/broken-driver.ts';
import { rewriteRings } from '../../../conformance/broken/rewrite-rings.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { findStructures } from '../../../guest/virtio/modern-structures.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import { FEATURE, VIRTQ_DESC_F, virtq_desc } from '../../../virtio/registers.ts';
import { driver_feature, queue_enable, queue_size } from '../../../virtio/transport/modern/registers.ts';
import { astray } from './split.mutants.ts';

const { NEXT, INDIRECT } = VIRTQ_DESC_F;
const NO_RAM = 0xf000_0000;
const INDIRECT_DESC = 1 << FEATURE.INDIRECT_DESC;
const SPLIT = () => gceN1({ virtio: 'modern', ringFeatures: ['INDIRECT_DESC'] });
const PACKED = () => gceN1({ virtio: 'modern', ringFeatures: ['INDIRECT_DESC', 'RING_PACKED'] });

/** Uses tables because they were offered, and never accepts the feature. */
const usesUnasked = (port: GuestPort, bdf: number): GuestPort => {
  const at = findStructures(port, bdf)!.common + driver_feature.offset;
  return behind(port, {
    write: (address, value, width) =>
      port.write(address, address === at ? (value & ~INDIRECT_DESC) >>> 0 : value, width),
  });
};

/** Requests queues of two entries, and ignores that. */
const shrinksQueues = (port: GuestPort, bdf: number): GuestPort => {
  const { common } = findStructures(port, bdf)!;
  return behind(port, {
    write: (address, value, width) => {
      if (address === common + queue_enable.offset) port.write(common + queue_size.offset, 2, 2);
      port.write(address, value, width);
    },
  });
};

const split = (broken: BrokenDriver): BrokenDriver => ({ ...broken, machine: SPLIT });
const packed = (broken: BrokenDriver): BrokenDriver => ({ ...broken, machine: PACKED });

export const MUTANTS: readonly BrokenDriver[] = [
  split(asksDisk('uses indirect tables that it did not negotiate', 'virtio/VQ-IND-D1', usesUnasked)),
  split(
    asksDisk('puts a table into a table', 'virtio/VQ-IND-D2', (port) =>
      rewriteRings(port, { 'table.flags': ({ value }) => value | INDIRECT }),
    ),
  ),
  split(asksDisk('offers more buffers than the queue has entries', 'virtio/VQ-IND-D3', shrinksQueues)),
  split(
    asksDisk('goes on behind a table', 'virtio/VQ-IND-D4', (port) =>
      rewriteRings(port, { 'desc.flags': ({ value }) => ((value & INDIRECT) !== 0 ? value | NEXT : value) }),
    ),
  ),
  {
    ...asksDisk('chains a table out of order, with IN_ORDER', 'virtio/VQ-IND-D5', (port) =>
      rewriteRings(port, astray('table')),
    ),
    machine: () => gceN1({ virtio: 'modern', ringFeatures: ['INDIRECT_DESC', 'IN_ORDER'] }),
  },
  split(
    asksDisk('puts a table where no RAM is', 'virtio/RFEAT-D4', (port) =>
      rewriteRings(port, { 'desc.low': () => NO_RAM }),
    ),
  ),
  split(
    asksDisk('offers half an entry of a table', 'virtio/VQ-IMP-13', (port) =>
      rewriteRings(port, { 'desc.len': ({ value }) => value + virtq_desc.size / 2 }),
    ),
  ),
  packed(
    asksDisk('uses indirect tables that it did not negotiate, packed', 'virtio/PACKED-IND-D1', usesUnasked),
  ),
  packed(
    asksDisk('chains the entries of a table, packed', 'virtio/PACKED-IND-D2', (port) =>
      rewriteRings(port, { 'table.next': ({ value }) => value | NEXT }),
    ),
  ),
  packed(
    asksDisk('goes on behind a table, packed', 'virtio/PACKED-IND-D4', (port) =>
      rewriteRings(port, { 'desc.flags': ({ value }) => ((value & INDIRECT) !== 0 ? value | NEXT : value) }),
    ),
  ),
];
