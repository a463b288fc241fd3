import * as v from 'valibot';
import { BalloonWatch } from '../../rules/virtio/balloon/balloon.ts';
import { VirtioBalloon, type VirtioBalloonOptions } from '../../virtio/balloon/device.ts';
import type { BalloonStat } from '../../virtio/balloon/registers.ts';
import { flag } from '../option-kinds.ts';
import type { ProfileName } from '../profile.ts';
import type { WatchOf } from '../watches.ts';
import type { DeviceDescriptor } from './descriptor.ts';
import { OTHER_CLASS, plugVirtio } from './virtio.ts';

/** The memory balloon as a host holds it. All counts are pages of 4 KiB. */
export interface Balloon {
  /** Pages that the host asks for; a driver at work is told. What is no number of pages of RAM throws MisuseError. */
  target: number;
  /** Pages in the balloon, as the driver wrote it. */
  readonly actual: number;
  /** Pages in the balloon, as the device counts them. */
  readonly pages: number;
  /** What the driver told of its memory last; null before it told anything. */
  readonly stats: ReadonlyMap<BalloonStat, bigint> | null;
  /** Asks for statistics: they are in `stats` when the driver has answered. A driver without STATS_VQ never does. */
  askStats(): void;
}

export interface BalloonFacade {
  /** Null without the option. */
  readonly balloon: Balloon | null;
}

const options = {
  /** A virtio-balloon beside the rest. Default false. */
  balloon: v.optional(flag),
};
const RING_SIZE: Record<ProfileName, number> = { 'gce-n1': 256, 'qemu-pc': 128 };

export const balloonWatch: WatchOf<VirtioBalloon> = (facts, { board }, journal) =>
  new BalloonWatch(facts, board.memory, journal);

export const BALLOON: DeviceDescriptor<typeof options, VirtioBalloonOptions | null, BalloonFacade> = {
  options,
  logged: options,

  plan: ({ balloon = false }, { profile, virtio }) =>
    balloon ? { ringSize: RING_SIZE[profile.name], ...virtio } : null,

  plug(site, settings) {
    if (settings === null) return { balloon: null };
    const balloon = new VirtioBalloon('balloon0', site.board, settings);
    plugVirtio(site, balloon, { class: OTHER_CLASS, watch: balloonWatch });
    return { balloon: new HeldBalloon(balloon) };
  },
};

class HeldBalloon implements Balloon {
  private readonly device: VirtioBalloon;

  constructor(device: VirtioBalloon) {
    this.device = device;
  }

  get target(): number {
    return this.device.target;
  }

  set target(pages: number) {
    const { device } = this;
    device.checkTarget(pages);
    device.board.clock.mishaps.act(`${device.name}.target`, () => {
      device.target = pages;
    });
  }

  get actual(): number {
    return this.device.actual;
  }

  get pages(): number {
    return this.device.pages;
  }

  get stats(): Balloon['stats'] {
    return this.device.stats;
  }

  askStats(): void {
    const { device } = this;
    device.board.clock.mishaps.act(`${device.name}.askStats`, () => device.askStats());
  }
}
