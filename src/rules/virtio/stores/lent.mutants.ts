import { type BareRing, bareDriver } from '../../../conformance/broken/bare-ring.ts';
import { behind, rewriteHeader } from '../../../conformance/broken/behind.ts';
import { changeDescriptors } from '../../../conformance/broken/behind-ring.ts';
import { type BrokenDriver, breaking, brokenNet } from '../../../conformance/broken/broken-driver.ts';
import { rewriteRings } from '../../../conformance/broken/rewrite-rings.ts';
import { FRAME } from '../../../conformance/reference.ts';
import type { Gpa } from '../../../core/bits.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { virtioBalloon, virtioNet } from '../../../guest/index.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import type { MachineOptions } from '../../../machine/options.ts';
import { BALLOON_QUEUE } from '../../../virtio/balloon/registers.ts';
import {
  DEVICE_STATUS,
  FEATURE,
  LEGACY_QUEUE_ALIGN,
  PVIRTQ_DESC_F,
  QUEUE_ADDRESS,
  VIRTQ_USED_F_NO_NOTIFY,
} from '../../../virtio/registers.ts';
import type { ClauseId } from '../../index.ts';
import { LATE } from '../queue/split.mutants.ts';

const { NEXT, WRITE, AVAIL, USED } = PVIRTQ_DESC_F;
const SIZE = 4;
/** Text of a colour display. */
const DISPLAY = 0xb_8000;
const BYTES = 32;
const MILLISECOND = 1_000_000;

/** Stocks the second receive buffer with the memory of the first. */
function lendsTwice(port: GuestPort): GuestPort {
  let first: Gpa | null = null;
  let done = false;
  return rewriteRings(port, {
    'desc.low': ({ index, value }) => {
      if (index === 0) first ??= value;
      if (index !== 1 || done) return value;
      done = true;
      return first;
    },
  });
}

/** The first receive buffer lies where the ring does. */
function lendsRing(port: GuestPort): GuestPort {
  let done = false;
  return rewriteRings(port, {
    'desc.low': ({ at, value }) => {
      if (done) return value;
      done = true;
      return at % 2 ** 32;
    },
  });
}

/** Frees its rings, and only then resets the device. */
function freesRings(port: GuestPort, bdf: number): GuestPort {
  const rings = new Set<Gpa>();
  const noting = behind(port, {
    allocate: (bytes, align) => {
      const at = port.allocate(bytes, align);
      if (align === LEGACY_QUEUE_ALIGN) rings.add(at);
      return at;
    },
    release: (at) => {
      if (!rings.has(at)) port.release(at);
    },
  });
  return rewriteHeader(noting, bdf, DEVICE_STATUS, (value) => {
    if (value === 0) for (const at of rings) port.release(at);
    return value;
  });
}

const comesAndGoes = breaking(virtioNet({ interrupts: 'polled' }), (nic) => {
  nic.post(FRAME);
  nic.close();
});

/** A driver that writes a packed ring of four by hand, of a slow device. */
function byHand(
  name: string,
  clause: ClauseId,
  act: (ring: BareRing) => void,
  features: readonly 'RING_PACKED'[] = ['RING_PACKED'],
): BrokenDriver {
  const machine: MachineOptions = { virtio: 'modern', rng: true, ringFeatures: [...features], ...LATE };
  const use = { size: SIZE, features: features.map((feature) => FEATURE[feature]) };
  return {
    clause,
    machine: () => gceN1(machine),
    model: { name, drivers: [bareDriver(name, use, act)], run: () => {} },
  };
}

/** This many buffers of one descriptor each, from slot 0 of the first lap on. */
function stock(ring: BareRing, count: number): void {
  for (let i = 0; i < count; i++) ring.put(i, { address: ring.room(BYTES), length: BYTES }, i, WRITE | AVAIL);
  ring.kick();
}

export const MUTANTS: readonly BrokenDriver[] = [
  brokenNet('lends one buffer twice', 'virtio/VQ-IMP-24', lendsTwice),
  brokenNet('lends the memory of a ring as a buffer', 'virtio/VQ-IMP-25', lendsRing),
  comesAndGoes('frees its rings before the reset', 'virtio/VQ-IMP-26', freesRings),
  // Gives away a page in use: instead of the first that it sends, that of the ring that it set up last.
  breaking(virtioBalloon({ interrupts: 'polled' }), (balloon) => balloon.follow())(
    'gives the page of a ring',
    'virtio/VQ-IMP-26',
    (port, bdf) => {
      let ring = 0;
      const noting = rewriteHeader(port, bdf, QUEUE_ADDRESS, (value) => {
        ring = value;
        return value;
      });
      return changeDescriptors(noting, bdf, BALLOON_QUEUE.inflate, ({ memory, address }) =>
        memory.store(address, ring, 4),
      );
    },
  ),
  byHand('frees a buffer that the device has', 'virtio/CLEAN-D2', (ring) => {
    const address = ring.room(BYTES);
    ring.put(0, { address, length: BYTES }, 0, WRITE | AVAIL);
    ring.kick();
    ring.port.release(address);
  }),
  byHand('lends the memory of the display', 'virtio/VQ-IMP-35', (ring) => {
    ring.put(0, { address: DISPLAY, length: BYTES }, 0, WRITE | AVAIL);
    ring.kick();
  }),
  byHand('writes a descriptor again unseen', 'virtio/PACKED-DESC-D1', (ring) => {
    stock(ring, SIZE);
    ring.wait(2 * MILLISECOND);
    ring.put(0, { address: ring.room(BYTES), length: BYTES }, 0, WRITE | USED);
    ring.kick();
  }),
  byHand(
    'switches kicks off for the device',
    'virtio/VQ-IMP-28',
    ({ memory, device }) => memory.store(device, VIRTQ_USED_F_NO_NOTIFY, 2),
    [],
  ),
  byHand('begins a list that does not fit', 'virtio/PACKED-SG-D4', (ring) => {
    stock(ring, SIZE - 1);
    ring.put(SIZE - 1, { address: ring.room(BYTES), length: BYTES }, SIZE, WRITE | NEXT | AVAIL);
    ring.kick();
  }),
  byHand('writes over what the device has', 'virtio/PACKED-SG-D5', (ring) => {
    stock(ring, SIZE);
    ring.put(0, { address: ring.room(BYTES), length: BYTES }, SIZE, WRITE | USED);
    ring.kick();
  }),
];
