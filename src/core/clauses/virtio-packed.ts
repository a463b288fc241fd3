import type { Clause } from './shape.ts';

/** Rules for the packed virtqueue and for used-in-order rings. */
export const packed = {
  'virtio/PACKED-DESC-D3': {
    strength: 'MUST',
    where: 'virtio 1.4, The Virtqueue Descriptor Table (packed)',
    text: 'A kick carries next_off/next_wrap of the next descriptor not yet available',
    advice: 'After publishing, write the slot that is filled next, with bit 15 the wrap counter it will get.',
  },
} as const satisfies Record<string, Clause>;
