import { hex } from '../../../core/bits.ts';
import { facts, kept, type StoreRules, since } from './knows.ts';
import { LENT } from './lent-rules.ts';
import { LISTS, PACKED_STORE_RULES } from './packed-rules.ts';

/** Rules for drivers of either ring format. */
const BUFFERS = {
  'virtio/CLEAN-D2': {
    strength: 'MUST',
    where: 'virtio 1.4, Device Cleanup',
    text: 'Take the buffers of a chain back only when it was used, or when the device or the queue was reset',
    advice:
      'Free or rewrite a buffer only when the used ring tells of its chain, or after a reset; write the next request elsewhere.',
    on: ['returned', 'rewritten', 'freed'],
    when: (k) => k.readsBuffers || k.isFreed,
    kept,
    said: (k) =>
      k.isFreed
        ? `${hex(k.address, 8)} was given back while the device had chain ${k.chain}, to which it belongs`
        : `${hex(k.address, 8)} was rewritten while the device had chain ${k.chain}, which reads it`,
    since,
    facts,
  },
  'virtio/VQ-IMP-34': {
    strength: 'SHOULD',
    where: 'virtio 1.4, Receiving Used Buffers From The Device',
    text: 'A driver that lives on interrupts looks into the used ring once more after it has asked for them',
    advice:
      'Empty the ring, ask for interrupts again, and behind a barrier look whether anything was used meanwhile: the device sends no interrupt for that.',
    needs: 'loads',
    on: 'woken',
    kept,
    said: () =>
      'the device used a buffer just before the driver asked for interrupts again, so that none came, and the driver did not look: it waits for what is there',
    since,
    facts,
  },
  'virtio/VQ-USED-D2': {
    strength: 'SHOULD',
    where: 'virtio 1.4, The Virtqueue Used Ring',
    text: 'Bytes of a buffer beyond the used length are ignored',
    advice: 'Read no more of a buffer than len of its used entry says.',
    needs: 'loads',
    on: 'left',
    kept,
    said: (k) =>
      `${hex(k.address, 8)} was read, beyond the ${k.written} bytes that the device wrote into chain ${k.chain}`,
    since,
    facts,
  },
  'virtio/VQ-IMP-23': {
    strength: 'SHOULD NOT',
    where: 'virtio 1.4, Receiving Used Buffers From The Device',
    text: 'A buffer that the device writes is not read before it was used',
    advice: 'Look into the used ring, not into the buffer, to learn whether the device is done.',
    needs: 'loads',
    on: ['returned', 'peeked'],
    when: (k) => k.writesBuffers,
    kept,
    said: (k) => `${hex(k.address, 8)} was read while the device had chain ${k.chain}, which writes it`,
    since,
    facts,
  },
} as const satisfies StoreRules;

/** A descriptor that is used again too early is written anew, from its address on. */
const REUSED = ['virtio/VQ-IMP-4', 'virtio/VQ-IMP-32'] as const;

/** Rules for drivers of split rings only. */
const SPLIT_ONLY = {
  'virtio/VQ-BARRIER-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Updating idx',
    text: 'Descriptors and the ring entry are written before avail.idx moves past them',
    advice: 'The device may read them as soon as it sees avail.idx: write it last, behind a barrier.',
    needs: 'order',
    on: ['exposed', 'late'],
    follows: REUSED,
    apart: (k) => !k.field.endsWith('.addr'),
    kept,
    said: (k) => `avail.idx moved to ${k.idx} before ${k.field} was written`,
    since,
    facts,
  },
  'virtio/CLEAN-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Device Cleanup',
    text: 'Ring entries of buffers that the device still has are not altered',
    advice: 'Leave descriptors and indirect tables as they are until their chain came back in the used ring.',
    on: ['returned', 'changed'],
    follows: REUSED,
    apart: (k) => !k.field.endsWith('.addr'),
    kept,
    said: (k) => `${k.field} was changed while the device had chain ${k.chain}`,
    since,
    facts,
  },
  'virtio/VQ-IMP-32': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, The Virtqueue Descriptor Table',
    text: 'A descriptor is in one chain at a time of those that the device has',
    advice:
      'Write flags and next of every descriptor of a chain: a NEXT that is left of an earlier chain leads into another.',
    on: ['exposed', 'shared'],
    follows: ['virtio/VQ-IMP-4'],
    kept,
    said: (k) =>
      `chain ${k.chain} runs into descriptor ${k.slot}, which is part of ${k.other}, and the device has that`,
    since,
    facts,
  },
  'virtio/VQ-IMP-22': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Receiving Used Buffers From The Device',
    text: 'An entry of the used ring is not read before used.idx was seen to cover it',
    advice: 'Read used.idx, then a barrier, then the entries below it.',
    needs: 'loads',
    on: 'entryRead',
    kept,
    said: (k) => `${k.field} was read when used.idx had been read as ${k.seenIdx}`,
    facts,
  },
} as const satisfies StoreRules;

/** Rules on what a driver stores to rings and buffers, and loads from them. */
export const STORES = { ...BUFFERS, ...SPLIT_ONLY, ...LENT, ...PACKED_STORE_RULES } as const;

export const SPLIT_STORES: StoreRules = { ...BUFFERS, ...SPLIT_ONLY, ...LENT };
export const PACKED_STORES: StoreRules = { ...BUFFERS, ...LENT, ...PACKED_STORE_RULES, ...LISTS };
