import { blankGqi, type GvnicEvents } from '../../gvnic/events.ts';
import { DEVICE_STATUS } from '../../gvnic/registers/bar0.ts';
import { type ScriptClock, scripts } from '../script.proof.ts';
import { type GVNIC_CONDUCT, RESET_WITHIN } from './conduct.ts';
import { makeWatch } from './script-rig.proof.ts';

interface Timed {
  readonly events: GvnicEvents;
  readonly clock: ScriptClock;
}

const resetsAfter = ({ events, clock }: Timed, time: number) => {
  events.resetAsked();
  clock.now = time;
  events.reset();
};
const sends = ({ events }: Timed, status: number) => {
  events.registerRead(DEVICE_STATUS as never, 0, 4, status);
  events.gqiPacket({ ...blankGqi(), count: 1 });
};

export const GVNIC_CONDUCT_PROOFS = scripts<Timed, keyof typeof GVNIC_CONDUCT>(
  (journal, clock) => ({ events: makeWatch(journal), clock }),
  {
    'gvnic/RESET-ASKED': {
      breaks: (timed) => resetsAfter(timed, RESET_WITHIN),
      keeps: (timed) => resetsAfter(timed, RESET_WITHIN - 1),
    },
    'gvnic/LINK-DOWN': {
      breaks: (timed) => sends(timed, 0),
      keeps: (timed) => sends(timed, DEVICE_STATUS.mask.LINK_STATUS),
    },
  },
);
