import { blankDqo, blankGqi, type DqoPacket, type GqiPacket, type GvnicEvents } from '../../gvnic/events.ts';
import { makeFrame, partsOf } from '../../net/frame/make.ts';
import { type Script, scripts } from '../script.proof.ts';
import { makeWatch } from './script-rig.proof.ts';
import type { GVNIC_TRANSMIT } from './transmit.ts';

/** 500 bytes over TCP and IPv4. */
const FRAME = makeFrame({ payload: new Uint8Array(500) });
const HEADERS = partsOf({}).payload;
const LONG = new Uint8Array(1479);

const gqi =
  (more: Partial<GqiPacket> = {}) =>
  (events: GvnicEvents) =>
    events.gqiPacket({
      ...blankGqi(),
      frame: FRAME,
      count: 2,
      said: FRAME.length,
      length: FRAME.length,
      first: HEADERS,
      ...more,
    });
const dqo =
  (more: Partial<DqoPacket> = {}) =>
  (events: GvnicEvents) =>
    events.dqoPacket({ ...blankDqo(), frame: FRAME, pieces: 1, length: FRAME.length, ...more });
const { upper, field } = partsOf({});
const SUMMED = { summed: true, start: upper, offset: field };
const gqiCut = { isCut: true, mss: 100, ip: 14, ...SUMMED };
const dqoCut = { isCut: true, mss: 100, headers: HEADERS, payload: FRAME.length - HEADERS };

const ofGqi = (wrong: Partial<GqiPacket>, right: Partial<GqiPacket> = {}): Script<GvnicEvents> => ({
  breaks: gqi({ ...right, ...wrong }),
  keeps: gqi(right),
});
const ofDqo = (wrong: Partial<DqoPacket>, right: Partial<DqoPacket> = {}): Script<GvnicEvents> => ({
  breaks: dqo({ ...right, ...wrong }),
  keeps: dqo(right),
});

export const GVNIC_TRANSMIT_PROOFS = scripts<GvnicEvents, keyof typeof GVNIC_TRANSMIT>(makeWatch, {
  'gvnic/TX-TYPES': ofGqi({ isSound: false }),
  'gvnic/TX-LENGTH': ofGqi({ said: FRAME.length - 1 }),
  'gvnic/TX-BUFFER': ofDqo({ isInside: false }),
  'gvnic/TX-CSUM': ofGqi({ offset: HEADERS - 35 }, { frame: makeFrame({ sum: 'partial' }), ...SUMMED }),
  'gvnic/TX-TSO': ofGqi({ first: HEADERS + 1 }, gqiCut),
  'gvnic/TX-SHORT': ofGqi({ mss: 500 }, gqiCut),
  'gvnic/TX-PSEUDO': ofGqi({ frame: makeFrame() }, { frame: makeFrame({ sum: 'partial' }), ...SUMMED }),
  'gvnic/TX-OPEN': ofDqo({ frame: makeFrame({ sum: 'partial' }) }),
  'gvnic/TX-META': ofGqi({ rest: 1 }),
  'gvnic/TX-MTU': ofDqo({ frame: LONG }),
  'gvnic/DQO-TYPES': ofDqo({ isSound: false }),
  'gvnic/DQO-EMPTY': ofDqo({ empty: 1 }),
  'gvnic/DQO-WHOLE': ofDqo({ rest: 1 }),
  'gvnic/DQO-LENGTH': ofDqo({ frame: FRAME.subarray(0, 16) }),
  'gvnic/DQO-SUMS': ofDqo({ summed: 1, pieces: 2 }, { summed: 2, pieces: 2 }),
  'gvnic/DQO-MOST': ofDqo({ isTooLong: true }),
  'gvnic/DQO-TSO': ofDqo({ headers: HEADERS - 1 }, dqoCut),
  'gvnic/DQO-REPORT': ofDqo({ reportsWithin: 1 }),
});
