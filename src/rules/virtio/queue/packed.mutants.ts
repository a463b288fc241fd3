import { behind } from '../../../conformance/broken/behind.ts';
import {
  asksDisk,
  type BrokenDriver,
  brokenNet,
  sendsTwice,
  tapsDisk,
} from '../../../conformance/broken/broken-driver.ts';
import { rewriteRings } from '../../../conformance/broken/rewrite-rings.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import type { MachineOptions } from '../../../machine/options.ts';
import { PVIRTQ_DESC_F, pvirtq_event_suppress } from '../../../virtio/registers.ts';
import { LATE } from './split.mutants.ts';

const { NEXT, WRITE, AVAIL, USED } = PVIRTQ_DESC_F;

const on = (broken: BrokenDriver, options: MachineOptions = {}): BrokenDriver => ({
  ...broken,
  machine: () => gceN1({ virtio: 'modern', ringFeatures: ['RING_PACKED'], ...options }),
});

/** The first event structure lies two bytes beside its alignment: the first queue's, so that others can be used. */
function misaligned(port: GuestPort): GuestPort {
  const { size } = pvirtq_event_suppress;
  let before = true;
  return behind(port, {
    allocate: (bytes, align) => {
      const beside = before && bytes === size && align === size;
      if (!beside) return port.allocate(bytes, align);
      before = false;
      return port.allocate(2 * size, size) + size / 2;
    },
  });
}

export const MUTANTS: readonly BrokenDriver[] = [
  on(brokenNet('does not align an event structure', 'virtio/VQ-PACKED-D1', misaligned)),
  on(
    tapsDisk('sets NEXT in the last of a list', 'virtio/PACKED-SG-D2', (port) =>
      rewriteRings(port, { 'desc.flags': ({ value }) => value | NEXT }),
    ),
    // As many entries as the request has buffers, so that the list wraps.
    { scsi: { ringSize: 2 } },
  ),
  on(
    asksDisk('puts a readable buffer behind a writable one, packed', 'virtio/PACKED-SG-D3', (port) =>
      rewriteRings(port, { 'desc.flags': ({ value }) => value ^ WRITE }),
    ),
  ),
  on(
    asksDisk('shows a head before the rest of its list', 'virtio/PACKED-SG-D6', (port) =>
      rewriteRings(port, {
        'desc.flags': ({ index, value }) => (index === 1 ? value & ~(AVAIL | USED) : value),
      }),
    ),
  ),
  on(
    sendsTwice('gives every buffer the same id', 'virtio/PACKED-IMP-8', (port) =>
      rewriteRings(port, { 'desc.id': () => 0 }),
    ),
    LATE,
  ),
  on(
    brokenNet('sets reserved bits of its event structure', 'virtio/PACKED-IMP-11', (port) =>
      rewriteRings(port, { 'driver.flags': ({ value }) => value | 4 }),
    ),
  ),
];
