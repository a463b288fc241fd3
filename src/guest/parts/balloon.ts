import { BalloonDriver, virtioBalloon } from '../drivers/virtio-balloon.ts';
import { pciPart } from './part.ts';

/** What a balloon requested, and what it got, in pages of 4 KiB. */
export interface BalloonFacts {
  readonly asked: number;
  readonly given: number;
}

export const balloonsPart = pciPart<BalloonDriver, BalloonFacts>({
  driver: virtioBalloon,
  handle: BalloonDriver,
  prober: ({ memory }) =>
    virtioBalloon(memory === undefined ? {} : { stats: () => ({ MEMTOT: BigInt(memory) }) }),
  use: (balloon) => balloon.follow(),
  probe: (balloon) => ({ asked: balloon.target, given: balloon.follow() }),
});
