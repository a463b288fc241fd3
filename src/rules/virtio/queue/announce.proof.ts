import type { RingPlace } from '../../../virtio/queue/events.ts';
import { PVIRTQ_EVENT_WRAP } from '../../../virtio/registers.ts';
import { type Script, scripts } from '../../script.proof.ts';
import type { ANNOUNCE } from './announce.ts';
import { PACKED, Pair, SPLIT } from './announce-rig.ts';

/** Two buffers. The bad run does not announce the second. */
function announces(how: { eventIdx?: boolean; decoys?: boolean }): Script<Pair> {
  const begin = (pair: Pair) => {
    pair.place(SPLIT, how);
    pair.publish(1);
    pair.kick(1);
    pair.publish(2);
  };
  return {
    breaks: (pair) => {
      begin(pair);
      pair.watch.ended();
    },
    keeps: (pair) => {
      begin(pair);
      pair.kick(2);
      pair.watch.ended();
    },
  };
}

const slot = (index: number) => index | PVIRTQ_EVENT_WRAP;

/** The second buffer comes while the device has asked not to be kicked. The bad run kicks. */
function hushes(place: RingPlace, more: (pair: Pair) => void): Script<Pair> {
  const begin = (pair: Pair) => {
    pair.place(place);
    more(pair);
    pair.watch.kicked();
    pair.ask(place, 1);
  };
  return {
    breaks: (pair) => {
      begin(pair);
      pair.publish(2);
      pair.watch.kicked();
    },
    keeps: (pair) => {
      begin(pair);
      pair.publish(2);
      pair.watch.dry(place.packed ? slot(2) : 2);
    },
  };
}

export const ANNOUNCE_PROOFS = scripts<Pair, keyof typeof ANNOUNCE>((journal) => new Pair(journal), {
  'virtio/VQ-AVSUP-D4': announces({}),
  'virtio/VQ-AVSUP-D2': announces({ decoys: true }),
  'virtio/VQ-AVSUP-D6': announces({ eventIdx: true }),
  'virtio/VQ-AVSUP-D5': announces({ eventIdx: true, decoys: true }),
  'virtio/PACKED-IMP-13': {
    breaks: (pair) => {
      pair.place(PACKED);
      pair.expose(0);
      pair.kick(slot(1));
      pair.expose(1);
      pair.watch.ended();
    },
    keeps: (pair) => {
      pair.place(PACKED);
      pair.expose(0);
      pair.kick(slot(1));
      pair.watch.ended();
    },
  },
  'virtio/VQ-AVSUP-D3': hushes(SPLIT, (pair) => pair.publish(1)),
  'virtio/VQ-AVSUP-D7': {
    breaks: (pair) => {
      pair.place(SPLIT, { eventIdx: true });
      pair.publish(1);
      pair.watch.kicked();
      pair.publish(2);
      pair.watch.kicked();
    },
    keeps: (pair) => {
      pair.place(SPLIT, { eventIdx: true });
      pair.publish(1);
      pair.watch.kicked();
      pair.publish(2);
      pair.watch.dry(2);
    },
  },
  'virtio/PACKED-IMP-14': hushes(PACKED, (pair) => pair.expose(0)),
});
