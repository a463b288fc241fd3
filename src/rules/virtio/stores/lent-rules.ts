import { hex } from '../../../core/bits.ts';
import { facts, kept, type StoreKnows, type StoreRules, since } from './knows.ts';

/** Rules on the memory that a driver lends, for either format of rings. */
export const LENT = {
  'virtio/VQ-IMP-24': {
    where: 'virtio 1.4, Virtqueues',
    text: 'A driver MUST NOT lend device-writable memory that overlaps another buffer the device has (except a header that received frames share).',
    advice: 'Keep a buffer out of the pool until its chain came back; give each chain its own memory.',
    on: 'lent',
    when: isWritten,
    kept: (k) => k.clash !== 'buffer',
    said: (k) => `${hex(k.address, 8)} is lent in chain ${k.chain}, and ${k.other} has it already`,
    since,
    facts,
  },
  'virtio/VQ-IMP-25': {
    where: 'virtio 1.4, Virtqueues',
    text: 'A driver MUST NOT lend a device-writable buffer that overlaps a ring, or an indirect table the device has.',
    advice: 'Allocate rings, tables and buffers apart, each for as long as the device may use it.',
    on: 'lent',
    when: isWritten,
    kept: (k) => k.clash !== 'ring' && k.clash !== 'table',
    said: (k) => `${hex(k.address, 8)} is lent in chain ${k.chain} to be written, and is part of ${k.other}`,
    since,
    facts,
  },
  'virtio/VQ-IMP-35': {
    where: 'ACPI 6.5, System Address Map Interfaces',
    text: 'A driver MUST NOT lend a buffer at a0000 to bffff: the display adapter answers there, not RAM.',
    advice: 'Take buffers from what the address map lists as RAM.',
    on: 'lent',
    when: isWritten,
    kept: (k) => k.clash !== 'display',
    said: (k) => `${hex(k.address, 8)} is lent in chain ${k.chain}, which is in ${k.other}`,
    since,
    facts,
  },
  'virtio/VQ-IMP-26': {
    where: 'virtio 1.4, Device Cleanup',
    text: 'A driver MUST NOT free the memory of a ring while the device may use the ring.',
    advice: 'Reset the device, or the queue, and check that it is done; free the rings then.',
    needs: 'order',
    on: ['ringLeft', 'ringFreed'],
    kept,
    said: (k) =>
      `${hex(k.address, 8)} was given back, but ${k.other} is there, which the device may still use`,
    facts,
  },
  'virtio/VQ-IMP-28': {
    where: 'virtio 1.4, The Virtqueue Used Ring',
    text: 'A driver MUST NOT write the flags, index or event field of the part of a ring that the device writes.',
    advice: 'Zero the used ring before handing it over; from then on only read it.',
    follows: ['virtio/VQ-SPLIT-LEG-D2', 'virtio/VQ-SPLIT-LEG-D3', 'virtio/VQ-IMP-27'],
    anywhere: true,
    needs: 'order',
    on: ['ringLeft', 'deviceStored'],
    kept,
    said: (k) => {
      const isTurned = k.field === 'used.idx' && k.idx === 0;
      const hint = isTurned
        ? ', and avail.idx is still 0: queue_driver and queue_device may be exchanged'
        : '';
      return `${k.field} was written, which is for the device to write${hint}`;
    },
    facts,
  },
} as const satisfies StoreRules;

/** A buffer that a device only reads is judged where it overlaps one that a device writes. */
function isWritten(k: StoreKnows): boolean {
  return k.writesBuffers || k.clash !== 'none';
}
