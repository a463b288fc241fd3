import type { Clause } from './shape.ts';

const RESERVED = 'virtio 1.4, Reserved Feature Bits';

/** Rules for drivers of the modern interface: negotiation, capabilities, common configuration, kicks. */
export const modern = {
  'virtio/RFEAT-D3': {
    strength: 'MUST',
    where: RESERVED,
    text: 'With ACCESS_PLATFORM, give addresses that the platform resolves',
    advice: 'Map each buffer for the device first; on a machine without an IOMMU its address is that of RAM.',
  },
} as const satisfies Record<string, Clause>;
