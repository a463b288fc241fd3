import type { Journal } from '../../../core/journal.ts';
import { scripts } from '../../script.proof.ts';
import { type CHANGING, ChangingWatch } from './changing.ts';
import { FACTS } from './rig.proof.ts';

const SECONDS = 1_000_000_000;
const [STATUS, SPEED] = [6, 12];

/** A watch with a clock. */
class Timed {
  readonly watch: ChangingWatch;
  private readonly time = { now: 0 };

  constructor(journal: Journal) {
    this.watch = new ChangingWatch(FACTS, journal, this.time);
  }

  /** Uses the card now and again, for three seconds. */
  goOn(): void {
    for (let i = 0; i < 3; i++) {
      this.time.now += SECONDS;
      this.watch.used();
    }
  }
}

const announced =
  (does: (watch: ChangingWatch) => void) =>
  (timed: Timed): void => {
    timed.watch.announces(true);
    does(timed.watch);
    timed.goOn();
  };

const faster =
  (does: (watch: ChangingWatch) => void) =>
  (timed: Timed): void => {
    timed.watch.speedChanged(true);
    does(timed.watch);
    timed.goOn();
  };

const link =
  (does: (watch: ChangingWatch) => void) =>
  (timed: Timed): void => {
    timed.watch.linkChanged();
    does(timed.watch);
    timed.goOn();
  };

const answers = announced((watch) => {
  watch.sends();
  watch.acknowledged();
});

export const CHANGING_PROOFS = scripts<Timed, keyof typeof CHANGING>((journal) => new Timed(journal), {
  'virtio/NET-ANN-D1': { breaks: announced((watch) => watch.acknowledged()), keeps: answers },
  'virtio/NET-ANN-D2': { breaks: announced((watch) => watch.sends()), keeps: answers },
  'virtio/NET-CFG-D6': { breaks: link(() => {}), keeps: link((watch) => watch.read(STATUS, 2)) },
  'virtio/NET-CFG-D12': {
    breaks: faster((watch) => watch.read(SPEED, 4)),
    keeps: faster((watch) => {
      watch.read(SPEED, 4);
      watch.read(SPEED + 4, 1);
    }),
  },
});
