import * as v from 'valibot';
import { judgeRng } from '../../rules/virtio/rng/rng.ts';
import { VirtioRng } from '../../virtio/rng/device.ts';
import type { VirtioPlan } from '../machine-plan.ts';
import { flag } from '../option-kinds.ts';
import type { Maker } from '../profile.ts';
import type { WatchOf } from '../watches.ts';
import type { DeviceDescriptor } from './descriptor.ts';
import { OTHER_CLASS, plugVirtio } from './virtio.ts';

export interface RngSettings extends VirtioPlan {
  readonly ringSize: number;
}

const options = {
  /** A virtio-rng. Default false; true on gceC3 and gceT2A. */
  rng: v.optional(flag),
};
const RING_SIZE: Record<Maker, number> = { gce: 256, qemu: 8 };

export const rngWatch: WatchOf<VirtioRng> = (facts, _device, journal) => judgeRng(facts, journal);

export const RNG: DeviceDescriptor<typeof options, RngSettings | null, object> = {
  options,
  logged: options,
  virtio: { name: 'rng', driver: 'virtio-rng', options: { rng: true } },

  plan: ({ rng }, { profile, virtio }) =>
    (rng ?? profile.rng) ? { ringSize: RING_SIZE[profile.maker], ...virtio } : null,

  plug(site, settings) {
    if (settings === null) return {};
    const { ringSize, ringFeatures, manners } = settings;
    const rng = new VirtioRng('rng0', site.board, ringSize, ringFeatures, manners);
    plugVirtio(site, rng, { class: OTHER_CLASS, watch: rngWatch });
    return {};
  },
};
