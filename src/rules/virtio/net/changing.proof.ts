import type { Width } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import { NET_CTRL } from '../../../virtio/net/registers/commands.ts';
import { scripts } from '../../script.proof.ts';
import { type CHANGING, ChangingWatch } from './changing.ts';
import { CONTROL, chainOf, FACTS } from './rig.proof.ts';

const { ANNOUNCE } = NET_CTRL;
const SECONDS = 1_000_000_000;
const [STATUS, SPEED] = [6, 12];

/** A watch with a clock. */
class Timed {
  private readonly watch: ChangingWatch;
  private readonly time = { now: 0 };

  constructor(journal: Journal) {
    this.watch = new ChangingWatch(FACTS, journal, this.time);
    this.watch.msixSwitched(true);
  }

  /** After `change` the driver does this, and then uses the card now and again, for three seconds. */
  sees(change: (watch: ChangingWatch) => void, does: (timed: Timed) => void): void {
    change(this.watch);
    does(this);
    for (let i = 0; i < 3; i++) {
      this.time.now += SECONDS;
      this.watch.command(CONTROL, chainOf([2]), 0, 0);
    }
  }

  acknowledges(): void {
    this.watch.command(CONTROL, chainOf([2]), ANNOUNCE.class, ANNOUNCE.ACK);
  }

  sends(): void {
    this.watch.sends();
  }

  reads(offset: number, width: Width): void {
    this.watch.configAccessed('modern', offset, width, 1, false);
  }
}

type Does = (timed: Timed) => void;

const announced =
  (does: Does): Does =>
  (timed) =>
    timed.sees((watch) => watch.announces(true), does);

const faster =
  (does: Does): Does =>
  (timed) =>
    timed.sees((watch) => watch.speedChanged(true), does);

const link =
  (does: Does): Does =>
  (timed) =>
    timed.sees((watch) => watch.linkChanged(true), does);

const answers = announced((timed) => {
  timed.sends();
  timed.acknowledges();
});

export const CHANGING_PROOFS = scripts<Timed, keyof typeof CHANGING>((journal) => new Timed(journal), {
  'virtio/NET-ANN-D1': { breaks: announced((timed) => timed.acknowledges()), keeps: answers },
  'virtio/NET-ANN-D2': { breaks: announced((timed) => timed.sends()), keeps: answers },
  'virtio/NET-CFG-D6': { breaks: link(() => {}), keeps: link((timed) => timed.reads(STATUS, 2)) },
  'virtio/NET-CFG-D12': {
    breaks: faster((timed) => timed.reads(SPEED, 4)),
    keeps: faster((timed) => {
      timed.reads(SPEED, 4);
      timed.reads(SPEED + 4, 1);
    }),
  },
});
