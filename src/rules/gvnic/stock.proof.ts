import type { Journal } from '../../core/journal.ts';
import { gqi_rx_desc } from '../../gvnic/registers/gqi.ts';
import { type ScriptClock, scripts } from '../script.proof.ts';
import { makeStoring, prepared, RECEIVE, receiveQueue, type StoringScript } from './script-rig.proof.ts';
import { type GVNIC_STOCK, PATIENCE } from './stock.ts';

/** A receive queue whose only buffer is used, and whose driver took the frame. */
function dryFor(time: number, { events, stores, journal, clock }: Timed): void {
  prepared(events);
  receiveQueue(events);
  events.receiveRung(0, 1, 256, 1);
  events.received(0, 1);
  stores.loaded(RECEIVE + gqi_rx_desc.offset.flags_seq, 2, 0);
  events.starved(0);
  clock.now += time;
  journal.end();
}

interface Timed extends StoringScript {
  readonly journal: Journal;
  readonly clock: ScriptClock;
}

export const GVNIC_STOCK_PROOFS = scripts<Timed, keyof typeof GVNIC_STOCK>(
  (journal, clock) => ({ ...makeStoring(journal), journal, clock }),
  {
    'gvnic/RX-STOCK': {
      breaks: (timed) => dryFor(PATIENCE + 1, timed),
      keeps: (timed) => dryFor(PATIENCE, timed),
    },
  },
);
