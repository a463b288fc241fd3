import { blankDqo, type DqoPacket, type GvnicEvents } from '../../gvnic/events.ts';
import { DQO_COMPLETION_TYPE } from '../../gvnic/registers/dqo.ts';
import { scripts } from '../script.proof.ts';
import type { GVNIC_DQO_RING } from './dqo-ring.ts';
import { makeWatch } from './script-rig.proof.ts';

const { PACKET, DESCRIPTOR } = DQO_COMPLETION_TYPE;
const ENTRIES = 256;

const packet = (events: GvnicEvents, more: Partial<DqoPacket>) =>
  events.dqoPacket({ ...blankDqo(), count: 2, pieces: 1, summed: 0, ...more });
const tail = (events: GvnicEvents, at: number, added: number, isEnd = true) =>
  events.tailRung(0, at, ENTRIES, added, isEnd, added);
/** It asks for a completion, and gets it or not; then it fills all of the ring. */
const laps = (events: GvnicEvents, isReported: boolean) => {
  tail(events, 2, 2);
  packet(events, { tag: 1, reports: true });
  if (isReported) events.dqoCompleted(0, DESCRIPTOR, 2);
  tail(events, 0, ENTRIES - 2);
};

export const GVNIC_DQO_RING_PROOFS = scripts<GvnicEvents, keyof typeof GVNIC_DQO_RING>(makeWatch, {
  'gvnic/DQO-TAIL': {
    breaks: (events) => tail(events, ENTRIES, 2),
    keeps: (events) => tail(events, 2, 2),
  },
  'gvnic/DQO-END': {
    breaks: (events) => tail(events, 2, 2, false),
    keeps: (events) => tail(events, 2, 2),
  },
  'gvnic/DQO-SPACED': {
    breaks: (events) => {
      packet(events, { tag: 1, reports: true });
      packet(events, { tag: 2, reports: true, count: 31 });
    },
    keeps: (events) => {
      packet(events, { tag: 1, reports: true });
      packet(events, { tag: 2, reports: true, count: 32 });
    },
  },
  'gvnic/DQO-REUSE': {
    breaks: (events) => laps(events, false),
    keeps: (events) => laps(events, true),
  },
  'gvnic/DQO-TAG': {
    breaks: (events) => {
      tail(events, 4, 4);
      packet(events, { tag: 1 });
      events.dqoCompleted(0, PACKET, 1);
      packet(events, { tag: 1 });
    },
    keeps: (events) => {
      tail(events, 2, 2);
      packet(events, { tag: 1 });
      events.dqoCompleted(0, PACKET, 1);
      tail(events, 4, 2);
      packet(events, { tag: 1 });
    },
  },
});
