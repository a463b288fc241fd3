import { hex } from '../../../core/bits.ts';
import { facts, kept, type StoreRules, since } from './knows.ts';
import { LENT } from './lent-rules.ts';
import { LISTS, PACKED_STORE_RULES } from './packed-rules.ts';

/** Rules for drivers of either ring format. */
const BUFFERS = {
  'virtio/CLEAN-D2': {
    where: 'virtio 1.4, Device Cleanup',
    text: 'A driver MUST take back the buffers of a chain only after it was used, or after the device or the queue was reset.',
    advice:
      'Free or rewrite a buffer only when the used ring returns its chain, or after a reset; write the next request elsewhere.',
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
  'virtio/VQ-IMP-39': {
    where: 'virtio 1.4, The Virtqueue Used Ring',
    text: 'A driver MUST take back the chain that a used entry names: devices use chains in any order (unless IN_ORDER was negotiated).',
    advice: 'Read the id of each used entry, or used descriptor, and complete the request of that id.',
    on: ['overtaken', 'mistaken'],
    spoils: true,
    kept,
    said: (k) =>
      `${k.other} came back, and the driver took it for chain ${k.chain}, the next in order, which the device still has`,
    since,
    facts,
  },
  'virtio/VQ-IMP-34': {
    where: 'virtio 1.4, Receiving Used Buffers From The Device',
    text: 'A driver that waits for interrupts SHOULD check the used ring again after enabling them.',
    advice:
      'Empty the ring, enable interrupts again, and behind a barrier check whether anything was used meanwhile: the device sends no interrupt for that.',
    needs: 'loads',
    on: 'woken',
    kept,
    said: () =>
      'the device used a buffer just before the driver enabled interrupts again, so none came, and the driver did not check: it waits for what is already there',
    since,
    facts,
  },
  'virtio/VQ-IMP-37': {
    where: 'virtio 1.4, Receiving Used Buffers From The Device',
    text: 'A driver that serves a queue by interrupts MUST take all buffers that were used, on each interrupt.',
    advice:
      'Take buffers until the used ring is empty: one interrupt stands for all of them, and none follows for those that are left.',
    needs: 'loads',
    on: 'served',
    kept,
    said: (k) =>
      `an interrupt was served, and ${k.unread === 1 ? 'one used buffer' : `${k.unread} used buffers`} left in the ring, for which no other interrupt comes`,
    since,
    facts,
  },
  'virtio/VQ-USED-D2': {
    where: 'virtio 1.4, The Virtqueue Used Ring',
    text: 'A driver SHOULD ignore bytes of a buffer beyond the used length.',
    advice: 'Read no more of a buffer than len of its used entry says.',
    needs: 'loads',
    on: 'left',
    kept,
    said: (k) =>
      `${hex(k.address, 8)} was read, beyond the ${k.written} bytes that the device wrote into chain ${k.chain}`,
    // Of a request that it refuses a device writes nothing.
    follows: ['virtio/SCSI-IMP-2', 'virtio/SCSI-IMP-6'],
    since,
    facts,
  },
  'virtio/VQ-IMP-38': {
    where: 'virtio 1.4, Receiving Used Buffers From The Device',
    text: 'Do not write a device-writable buffer while the device has it.',
    advice:
      'Clear or fill in a buffer before you make it available: later your bytes and those of the device mix.',
    needs: 'order',
    on: ['returned', 'scribbled'],
    when: (k) => k.writesBuffers,
    kept,
    said: (k) => `${hex(k.address, 8)} was written while the device had chain ${k.chain}, which writes it`,
    since,
    facts,
    once: true,
  },
  'virtio/VQ-IMP-23': {
    where: 'virtio 1.4, Receiving Used Buffers From The Device',
    text: 'A driver SHOULD NOT read a device-writable buffer before it is used.',
    advice: 'Check the used ring, not the buffer, to learn whether the device is done.',
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
    where: 'virtio 1.4, Updating idx',
    text: 'A driver MUST write descriptors and the ring entry before moving avail.idx past them.',
    advice:
      'Write avail.idx last, behind a barrier: the device may read the rest as soon as it sees avail.idx. Entries are counted modulo the size of the queue, and a reset ring begins at index 0.',
    needs: 'order',
    on: ['exposed', 'late'],
    apart: (k) => !k.field.endsWith('.addr'),
    kept,
    said: (k) => `avail.idx moved to ${k.idx} before ${k.field} was written`,
    since,
    facts,
  },
  'virtio/CLEAN-D1': {
    where: 'virtio 1.4, Device Cleanup',
    text: 'A driver MUST NOT change ring entries of buffers that the device still has.',
    advice: 'Leave descriptors and indirect tables unchanged until their chain came back in the used ring.',
    on: ['returned', 'changed'],
    follows: REUSED,
    spoils: true,
    apart: (k) => !k.field.endsWith('.addr'),
    kept,
    said: (k) => `${k.field} was changed while the device had chain ${k.chain}`,
    since,
    facts,
  },
  'virtio/VQ-IMP-32': {
    where: 'virtio 1.4, The Virtqueue Descriptor Table',
    text: 'A driver MUST NOT use a descriptor twice in a chain, or in two chains that the device has at the same time.',
    advice:
      'Write flags and next of every descriptor of a chain: a NEXT left over from an earlier chain leads into another. Put a descriptor into the free list once.',
    on: ['exposed', 'shared'],
    follows: ['virtio/VQ-IMP-4'],
    spoils: true,
    kept,
    said: (k) =>
      k.other === ''
        ? `descriptor ${k.slot} was written twice for chain ${k.chain}: what it held first is lost, and what came between`
        : `chain ${k.chain} runs into descriptor ${k.slot}, which is part of ${k.other}, and the device has that`,
    since,
    facts,
  },
  'virtio/VQ-IMP-22': {
    where: 'virtio 1.4, Receiving Used Buffers From The Device',
    text: 'A driver MUST NOT read an entry of the used ring before it saw used.idx cover it.',
    advice:
      'Read used.idx, then a barrier, then the entries below it: entry n is at n modulo the size of the queue, and n begins at 0 after a reset.',
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
