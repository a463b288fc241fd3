import * as v from 'valibot';
import { judgeBlock } from '../../rules/virtio/block/block.ts';
import { VirtioBlock } from '../../virtio/block/device.ts';
import type { VirtioPlan } from '../machine-plan.ts';
import { flag } from '../option-kinds.ts';
import type { WatchOf } from '../watches.ts';
import type { DeviceDescriptor } from './descriptor.ts';
import { plugVirtio } from './virtio.ts';

const SECTORS = 2048;
const RING_SIZE = 128;
const STORAGE_CLASS = 0x01_0000;

const options = {
  /** A virtio-blk of 1 MiB. Default false. */
  block: v.optional(flag),
};

const blockWatch: WatchOf<VirtioBlock> = (facts, { sectors }, journal) => judgeBlock(facts, sectors, journal);

export const BLOCK: DeviceDescriptor<typeof options, VirtioPlan | null, object> = {
  options,
  logged: options,
  virtio: { name: 'block', driver: 'virtio-blk', options: { block: true } },

  plan: ({ block = false }, { virtio }) => (block ? virtio : null),

  plug(site, settings) {
    if (settings === null) return {};
    const device = new VirtioBlock('block0', site.board, SECTORS, { ringSize: RING_SIZE, ...settings });
    plugVirtio(site, device, { class: STORAGE_CLASS, watch: blockWatch });
    return {};
  },
};
