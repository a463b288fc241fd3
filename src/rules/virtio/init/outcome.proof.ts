import { Journal } from '../../../core/journal.ts';
import { DEVICE_FEATURES, DEVICE_STATUS, VIRTIO_ID } from '../../../virtio/registers.ts';
import { scripts } from '../../script.proof.ts';
import { factsOfNobody } from '../facts.proof.ts';
import { QueueSetupWatch } from '../transport/queue-setup-watch.ts';
import { InitWatch } from './init-watch.ts';
import { type OUTCOME, OutcomeWatch } from './outcome.ts';

const { ACKNOWLEDGE, DRIVER, FAILED } = DEVICE_STATUS.mask;

/** A device that offers less than it can, its driver before the features, and the watches. */
class Begun {
  readonly outcome: OutcomeWatch;
  private readonly init: InitWatch;

  constructor(journal: Journal) {
    const facts = { ...factsOfNobody('net0', VIRTIO_ID.net, [8]), offersLess: () => true };
    // The initialisation itself is judged elsewhere.
    const elsewhere = new Journal({ now: 0 }, journal.trail);
    this.init = new InitWatch(facts, elsewhere, new QueueSetupWatch(facts, elsewhere));
    this.outcome = new OutcomeWatch(facts, journal, this.init);
    this.write(ACKNOWLEDGE | DRIVER);
  }

  fail(): void {
    this.write(ACKNOWLEDGE | DRIVER | FAILED);
  }

  readOffer(): void {
    this.init.read('legacy', DEVICE_FEATURES);
  }

  private write(status: number): void {
    this.init.written('legacy', DEVICE_STATUS, DEVICE_STATUS.offset, 1, status);
  }
}

export const OUTCOME_PROOFS = scripts<Begun, keyof typeof OUTCOME>((journal) => new Begun(journal), {
  'virtio/STATUS-D4': {
    breaks: ({ outcome }) => {
      outcome.kicked(0, true);
      outcome.brokeDown();
      outcome.ended(true);
    },
    keeps: ({ outcome }) => {
      outcome.kicked(0, true);
      outcome.brokeDown();
      outcome.reset(false);
      outcome.ended(true);
    },
  },
  'virtio/INIT-D11': {
    breaks: ({ outcome }) => {
      outcome.vectorRefused();
      outcome.ended(false);
    },
    keeps: (begun) => {
      begun.outcome.vectorRefused();
      begun.fail();
      begun.outcome.ended(false);
    },
  },
  'virtio/FEAT-D10': {
    breaks: (begun) => {
      begun.readOffer();
      begun.outcome.ended(false);
    },
    keeps: (begun) => {
      begun.readOffer();
      begun.fail();
      begun.outcome.ended(false);
    },
  },
});
