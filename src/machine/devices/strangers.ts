import * as v from 'valibot';
import { Stranger, type StrangerId } from '../../pci/stranger.ts';
import { TRANSITIONAL_ID, VIRTIO_ID, VIRTIO_VENDOR_ID } from '../../virtio/registers.ts';
import { MODERN_ID } from '../../virtio/transport/modern/registers.ts';
import { flag } from '../option-kinds.ts';
import type { DeviceDescriptor } from './descriptor.ts';

const INTEL = 0x8086;
/** Shared memory between machines: it has the Vendor ID of virtio, but is no virtio device. */
const IVSHMEM = 0x1110;
const [NETWORK, MEMORY] = [0x02_0000, 0x05_0000];

/** Intel's first gigabit card has the transitional Device ID of a virtio one; nothing of Intel has the modern one. */
const STRANGERS_IDS: readonly StrangerId[] = [
  { vendor: INTEL, device: TRANSITIONAL_ID.net, class: NETWORK },
  { vendor: INTEL, device: MODERN_ID + VIRTIO_ID.net, class: NETWORK },
  { vendor: VIRTIO_VENDOR_ID, device: IVSHMEM, class: MEMORY },
];

const options = {
  /** Functions that have a Device ID or the Vendor ID of virtio, but are no virtio devices. Default false. */
  strangers: v.optional(flag),
};

export const STRANGERS: DeviceDescriptor<typeof options, boolean, object> = {
  options,
  logged: options,

  plan: ({ strangers = false }) => strangers,

  plug(site, wanted) {
    if (!wanted) return {};
    for (const [n, id] of STRANGERS_IDS.entries())
      site.plug(new Stranger(`stranger${n}`, site.board, id), {});
    return {};
  },
};
