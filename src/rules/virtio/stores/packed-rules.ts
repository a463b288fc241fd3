import { PACKED } from '../queue/packed.ts';
import { facts, kept, type StoreRules, since } from './knows.ts';

const SCATTER = 'virtio 1.4, Scatter-Gather Support (packed)';

/** Rules for drivers of packed rings only. */
export const PACKED_STORE_RULES = {
  'virtio/PACKED-BARRIER-D1': {
    where: 'virtio 1.4, Updating flags',
    text: 'A driver MUST write address, length and id of a descriptor before the flags that make it available.',
    advice:
      'Write the flags last, behind a barrier: the device may read the descriptor as soon as it sees them.',
    needs: 'order',
    on: ['exposed', 'late'],
    kept,
    said: (k) => `${k.field} was written after the flags that made the descriptor available`,
    since,
    facts,
  },
  'virtio/PACKED-DESC-D2': {
    where: 'virtio 1.4, The Virtqueue Descriptor Table (packed)',
    text: 'A driver MUST NOT change a descriptor after flipping its AVAIL bit.',
    advice: 'Leave descriptors and indirect tables unchanged until the device has used them.',
    on: ['returned', 'changed'],
    spoils: true,
    apart: (k) => !k.field.endsWith('.addr'),
    kept,
    said: (k) => `${k.field} was changed while the device had buffer ${k.chain}`,
    since,
    facts,
  },
  'virtio/PACKED-DESC-D1': {
    where: 'virtio 1.4, The Virtqueue Descriptor Table (packed)',
    text: 'A driver MUST NOT change a descriptor before it saw its USED bit flip.',
    advice: 'Read the flags of the descriptor at which the next used one is due, and write it only then.',
    needs: 'loads',
    on: 'reused',
    kept,
    said: (k) => `${k.field} was written before the driver read that the device had used it`,
    facts,
  },
  'virtio/PACKED-SG-D4': {
    where: SCATTER,
    text: 'A driver MUST NOT wait for the device halfway through a descriptor list.',
    advice: 'Count the free descriptors first, and do not begin a list that does not fit.',
    needs: 'order',
    on: 'exposed',
    when: (k) => k.isList,
    kept: (k) => k.noRoom !== 'waits',
    said: (k) =>
      `the head of buffer ${k.chain} was made available, but its list waits for descriptor ${k.slot}, which the device has`,
    facts,
  },
  'virtio/PACKED-SG-D5': {
    where: SCATTER,
    text: 'A driver MUST have room for a whole list before making its head available.',
    advice: 'Count the descriptors that came back; the list must fit into them.',
    needs: 'order',
    on: 'exposed',
    follows: ['virtio/PACKED-DESC-D1'],
    spoils: true,
    kept: (k) => k.noRoom !== 'over',
    said: (k) => `buffer ${k.chain} was written over descriptor ${k.slot}, which the device has`,
    facts,
  },
  'virtio/PACKED-IMP-15': {
    where: 'virtio 1.4, Driver and Device Ring Wrap Counters',
    text: 'A driver MUST set AVAIL to its wrap counter, and USED to the inverse.',
    advice:
      'Begin with a wrap counter of 1, and flip it each time the last descriptor of the ring was made available.',
    needs: 'order',
    on: ['exposed', 'lapped'],
    mislays: 'some',
    kept,
    said: (k) => `${k.field} was written with the wrong wrap counter: the device does not see it`,
    facts,
  },
  'virtio/PACKED-IMP-12': {
    where: 'virtio 1.4, Receiving Used Buffers From The Device',
    text: 'A driver MUST NOT read id and length of a used descriptor before its flags say that it is used.',
    advice: 'Read the flags, then a barrier, then id and length.',
    needs: 'loads',
    on: 'entryRead',
    kept,
    said: (k) => `${k.field} was read before the flags of the descriptor were`,
    facts,
  },
} as const satisfies StoreRules;

const { where, text, advice, follows } = PACKED['virtio/PACKED-SG-D6'];

/** A clause of another table. A device sees it broken only if it reaches the list in time. */
export const LISTS = {
  'virtio/PACKED-SG-D6': {
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
