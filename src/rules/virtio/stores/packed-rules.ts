import { PACKED } from '../queue/packed.ts';
import { facts, kept, type StoreRules, since } from './knows.ts';

const SCATTER = 'virtio 1.4, Scatter-Gather Support (packed)';

/** Over a descriptor that is in use nothing is written rightly. */
const OVERWRITTEN = ['virtio/PACKED-SG-D5', 'virtio/PACKED-DESC-D2'] as const;

/** Rules for drivers of packed rings only. */
export const PACKED_STORE_RULES = {
  'virtio/PACKED-BARRIER-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Updating flags',
    text: 'Address, length and id of a descriptor are written before the flags that make it available',
    advice: 'The device may read it as soon as it sees the flags: write those last, behind a barrier.',
    needs: 'order',
    on: ['exposed', 'late'],
    kept,
    said: (k) => `${k.field} was written after the flags that made the descriptor available`,
    since,
    facts,
  },
  'virtio/PACKED-DESC-D2': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, The Virtqueue Descriptor Table (packed)',
    text: 'A descriptor is not changed after its AVAIL bit was flipped',
    advice: 'Leave descriptors and indirect tables as they are until the device has used them.',
    on: ['returned', 'changed'],
    follows: ['virtio/PACKED-IMP-8'],
    apart: (k) => !k.field.endsWith('.addr'),
    kept,
    said: (k) => `${k.field} was changed while the device had buffer ${k.chain}`,
    since,
    facts,
  },
  'virtio/PACKED-DESC-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, The Virtqueue Descriptor Table (packed)',
    text: 'A descriptor is not changed before its USED bit was seen to flip',
    advice: 'Read the flags of the descriptor at which the next used one is due, and write it only then.',
    needs: 'loads',
    on: 'reused',
    follows: ['virtio/PACKED-IMP-8'],
    kept,
    said: (k) => `${k.field} was written, and that the device had used it had not been read`,
    facts,
  },
  'virtio/PACKED-SG-D4': {
    strength: 'MUST NOT',
    where: SCATTER,
    text: 'A list is written out whole without waiting for the device',
    advice: 'Count the free descriptors first, and begin with no list that does not fit.',
    needs: 'order',
    on: 'exposed',
    when: (k) => k.isList,
    kept: (k) => k.noRoom !== 'waits',
    said: (k) =>
      `the head of buffer ${k.chain} was made available, and its list waits for descriptor ${k.slot}, which the device has`,
    facts,
  },
  'virtio/PACKED-SG-D5': {
    strength: 'MUST',
    where: SCATTER,
    text: 'There is room for all of a list before its head is made available',
    advice: 'Count the descriptors that came back; the list must fit into those.',
    needs: 'order',
    on: 'exposed',
    follows: ['virtio/PACKED-IMP-8', 'virtio/PACKED-DESC-D1'],
    kept: (k) => k.noRoom !== 'over',
    said: (k) => `buffer ${k.chain} was written over descriptor ${k.slot}, which the device has`,
    facts,
  },
  'virtio/PACKED-IMP-15': {
    strength: 'MUST',
    where: 'virtio 1.4, Driver and Device Ring Wrap Counters',
    text: 'AVAIL is made equal to the wrap counter of the driver, and USED its inverse',
    advice:
      'Begin with a wrap counter of 1, and change it each time the last descriptor of the ring was made available.',
    needs: 'order',
    on: ['exposed', 'lapped'],
    follows: OVERWRITTEN,
    kept,
    said: (k) =>
      `${k.field} was written by another wrap counter than there is at this descriptor: the device does not see it`,
    facts,
  },
  'virtio/PACKED-IMP-12': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Receiving Used Buffers From The Device',
    text: 'Id and length of a used descriptor are not read before its flags were seen to say that it is used',
    advice: 'Read the flags, then a barrier, then id and length.',
    needs: 'loads',
    on: 'entryRead',
    kept,
    said: (k) => `${k.field} was read before the flags of the descriptor were`,
    facts,
  },
} as const satisfies StoreRules;

const { strength, where, text, advice, follows } = PACKED['virtio/PACKED-SG-D6'];

/** A clause of another table. A device sees it broken only if it reaches the list in time. */
export const LISTS = {
  'virtio/PACKED-SG-D6': {
    strength,
    where,
    text,
    advice,
    follows,
    needs: 'order',
    on: 'exposed',
    when: (k) => k.isList,
    kept: (k) => k.slot < 0 || k.noRoom !== 'no',
    said: (k) =>
      `the flags of the head of buffer ${k.chain} were written before those of descriptor ${k.slot} of its list`,
    facts,
  },
} as const satisfies StoreRules;
