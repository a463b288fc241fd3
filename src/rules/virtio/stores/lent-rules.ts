import { hex } from '../../../core/bits.ts';
import { facts, kept, type StoreKnows, type StoreRules, since } from './knows.ts';

/** Rules on the memory that a driver lends, for either format of rings. */
export const LENT = {
  'virtio/VQ-IMP-24': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Virtqueues',
    text: 'Memory that a device is to write is lent once: no other buffer that a device has overlaps it (but for a header that all frames received have in common)',
    advice: 'Keep a buffer out of the pool until its chain came back; give each chain memory of its own.',
    on: 'lent',
    when: isWritten,
    kept: (k) => k.clash !== 'buffer',
    said: (k) => `${hex(k.address, 8)} is lent in chain ${k.chain}, and ${k.other} has it already`,
    since,
    facts,
  },
  'virtio/VQ-IMP-25': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Virtqueues',
    text: 'No buffer that a device is to write lies over a ring, or over an indirect table that a device has',
    advice: 'Allocate rings, tables and buffers apart, each for as long as the device may use it.',
    on: 'lent',
    when: isWritten,
    kept: (k) => k.clash !== 'ring' && k.clash !== 'table',
    said: (k) => `${hex(k.address, 8)} is lent in chain ${k.chain} to be written, and is part of ${k.other}`,
    since,
    facts,
  },
  'virtio/VQ-IMP-35': {
    strength: 'MUST NOT',
    where: 'ACPI 6.5, System Address Map Interfaces',
    text: 'No buffer lies at a0000 to bffff: the display adapter answers there, and no RAM',
    advice: 'Take buffers from what the address map says is RAM.',
    on: 'lent',
    when: isWritten,
    kept: (k) => k.clash !== 'display',
    said: (k) => `${hex(k.address, 8)} is lent in chain ${k.chain}, which is in ${k.other}`,
    since,
    facts,
  },
  'virtio/VQ-IMP-26': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Device Cleanup',
    text: 'The memory of a ring is not given back while the device may use the ring',
    advice: 'Reset the device, or the queue, and see that it is done; free the rings then.',
    needs: 'order',
    on: ['ringLeft', 'ringFreed'],
    kept,
    said: (k) => `${hex(k.address, 8)} was given back, and ${k.other} lies there, which the device may use`,
    facts,
  },
  'virtio/VQ-IMP-28': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, The Virtqueue Used Ring',
    text: 'Flags, index and event of what the device writes of a ring are not written by the driver',
    advice: 'Zero the used ring before it is handed over; from then on only read it.',
    follows: ['virtio/VQ-SPLIT-LEG-D2', 'virtio/VQ-IMP-27'],
    needs: 'order',
    on: ['ringLeft', 'deviceStored'],
    kept,
    said: (k) => `${k.field} was written, which is for the device to write`,
    facts,
  },
} as const satisfies StoreRules;

/** A buffer that a device only reads is judged where it overlaps one that a device writes. */
function isWritten(k: StoreKnows): boolean {
  return k.writesBuffers || k.clash !== 'none';
}
