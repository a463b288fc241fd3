import { scripts } from '../script.proof.ts';
import { makeStoring, PAGES, prepared, type StoringScript, transmitQueue } from './script-rig.proof.ts';
import type { GVNIC_SENDS } from './sends.ts';

/** The first descriptor of the ring names the beginning of the list. */
function send({ events }: StoringScript): void {
  prepared(events);
  transmitQueue(events);
  events.transmitRung(0, 1, 256, 1);
}

export const GVNIC_SENDS_PROOFS = scripts<StoringScript, keyof typeof GVNIC_SENDS>(makeStoring, {
  'gvnic/TX-BUSY': {
    breaks: (script) => {
      send(script);
      script.stores.stored(PAGES.good + 4, 4, 1, 0);
    },
    keeps: (script) => {
      send(script);
      script.events.gqiCounted(0, 1);
      script.stores.stored(PAGES.good + 4, 4, 1, 0);
    },
  },
});
