import * as v from 'valibot';
import { judgeBalloon } from '../../rules/virtio/balloon/balloon.ts';
import { VirtioBalloon, type VirtioBalloonOptions } from '../../virtio/balloon/device.ts';
import type { BalloonStat } from '../../virtio/balloon/registers.ts';
import type { MachinePlan } from '../machine-plan.ts';
import { flag } from '../option-kinds.ts';
import type { Maker } from '../profile.ts';
import type { WatchOf } from '../watches.ts';
import type { DeviceDescriptor } from './descriptor.ts';
import { OTHER_CLASS, plugVirtio } from './virtio.ts';

/** The memory balloon from the host's side. All counts are pages of 4 KiB. */
export interface Balloon {
  /**
   * Pages that the host asks for; a running driver is notified. Throws MisuseError unless it is a number of pages
   * that RAM has.
   */
  target: number;
  /** Pages in the balloon, as the driver wrote it. */
  readonly actual: number;
  /** Pages in the balloon, as the device counts them. */
  readonly pages: number;
  /** What the driver reported of its memory last; null before its first report. */
  readonly stats: ReadonlyMap<BalloonStat, bigint> | null;
  /** Asks for statistics: they are in `stats` when the driver has answered. A driver without STATS_VQ never does. */
  askStats(): void;
}

export interface BalloonFacade {
  /** Null without the option. */
  readonly balloon: Balloon | null;
}

const options = {
  /** A virtio-balloon. Default false. */
  balloon: v.optional(flag),
};
const RING_SIZE: Record<Maker, number> = { gce: 256, qemu: 128 };
/** Dates of Compute Engine's firmware behind which the balloon has MSI-X. Without it: April 2021, and 09/13/2024 on. */
const WITH_MSIX = { from: '2022-01-01', before: '2024-09-13' } as const;

export interface BalloonSettings extends VirtioBalloonOptions {
  readonly hasMsix: boolean;
}

export const balloonWatch: WatchOf<VirtioBalloon> = (facts, device, journal) =>
  judgeBalloon(facts, device.board.memory, () => device.target, journal);

export const BALLOON: DeviceDescriptor<typeof options, BalloonSettings | null, BalloonFacade> = {
  options,
  logged: options,
  virtio: { name: 'balloon', driver: 'virtio-balloon', options: { balloon: true } },

  plan: ({ balloon = false }, machine) =>
    balloon
      ? { ringSize: RING_SIZE[machine.profile.maker], hasMsix: hasMsix(machine), ...machine.virtio }
      : null,

  plug(site, settings) {
    if (settings === null) return { balloon: null };
    const balloon = new VirtioBalloon('balloon0', site.board, settings);
    const vectors = settings.hasMsix ? {} : { vectors: 0 };
    plugVirtio(site, balloon, { class: OTHER_CLASS, watch: balloonWatch, ...vectors });
    return { balloon: new HeldBalloon(balloon) };
  },
};

function hasMsix({ profile, released, firmware }: MachinePlan): boolean {
  if (profile.maker !== 'gce') return true;
  if (released === undefined) return firmware?.kind === 'uefi' || firmware?.build === 2024;
  const [month, day, year] = released.split('/');
  const date = `${year}-${month}-${day}`;
  return WITH_MSIX.from <= date && date < WITH_MSIX.before;
}

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
    device.board.clock.userCalls.act(`${device.name}.target`, () => {
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
    device.board.clock.userCalls.act(`${device.name}.askStats`, () => device.askStats());
  }
}
