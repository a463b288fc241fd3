import { Journal } from '../../../core/journal.ts';
import { DEVICE_STATUS, VIRTIO_ID } from '../../../virtio/registers.ts';
import { scripts } from '../../script.proof.ts';
import { factsOfNobody } from '../facts.proof.ts';
import { InitWatch } from './init-watch.ts';
import { type OUTCOME, OutcomeWatch } from './outcome.ts';

const { ACKNOWLEDGE, DRIVER, FAILED } = DEVICE_STATUS.mask;

/** A device that offers less than it can, its driver before the features, and the watches. */
class Begun {
  readonly outcome: OutcomeWatch;
  readonly init: InitWatch;

  constructor(journal: Journal) {
    const facts = { ...factsOfNobody('net0', VIRTIO_ID.net, [8]), offersLess: () => true };
    // The initialisation itself is judged elsewhere.
    this.init = new InitWatch(facts, new Journal({ now: 0 }, journal.trail));
    this.outcome = new OutcomeWatch(facts, journal, this.init);
    this.init.statusWritten(ACKNOWLEDGE | DRIVER, 'legacy');
  }

  fail(): void {
    this.init.statusWritten(ACKNOWLEDGE | DRIVER | FAILED, 'legacy');
  }
}

export const OUTCOME_PROOFS = scripts<Begun, keyof typeof OUTCOME>((journal) => new Begun(journal), {
  'virtio/STATUS-D4': {
    breaks: ({ outcome }) => {
      outcome.brokeDown();
      outcome.ended(true);
    },
    keeps: ({ outcome }) => {
      outcome.brokeDown();
      outcome.reset();
      outcome.ended(true);
    },
  },
  'virtio/INIT-D11': {
    breaks: ({ outcome }) => {
      outcome.refuses('a vector');
      outcome.ended(false);
    },
    keeps: (begun) => {
      begun.outcome.refuses('a vector');
      begun.fail();
      begun.outcome.ended(false);
    },
  },
  'virtio/FEAT-D10': {
    breaks: ({ init, outcome }) => {
      init.offersRead();
      outcome.ended(false);
    },
    keeps: (begun) => {
      begun.init.offersRead();
      begun.fail();
      begun.outcome.ended(false);
    },
  },
});
