import { expect, test } from 'vitest';
import { AccessTrail } from '../../core/access.ts';
import { Journal } from '../../core/journal.ts';
import { blankDqo } from '../../gvnic/events.ts';
import { destroy_queue, OPCODE } from '../../gvnic/registers/admin.ts';
import { QUEUE_FORMAT } from '../../gvnic/registers/descriptor.ts';
import { DQO_COMPLETION_TYPE, DQO_TX_TYPE, dqo_tx_pkt_desc } from '../../gvnic/registers/dqo.ts';
import {
  askTypes,
  configure,
  give,
  makeStoring,
  RING,
  type StoringScript,
  transmitQueue,
} from './script-rig.proof.ts';

const FRAME = 0x3_5000;
const TAG = 5;

/** What is said of a driver that sends a frame with a DQO ring, after which the device does something and the driver stores there. */
function saidOf(then: (script: StoringScript) => void): readonly string[] {
  const clock = { now: 0 };
  const journal = new Journal(clock, new AccessTrail(clock));
  const script = makeStoring(journal);
  const { events, stores, memory } = script;
  configure(events, { queue_format: QUEUE_FORMAT.DQO_RDA });
  askTypes(events);
  transmitQueue(events, { tx_comp_ring_size: 256, queue_page_list_id: 0xffff_ffff });
  const packet = { buf_addr: BigInt(FRAME), type_flags: DQO_TX_TYPE.PACKET, buf_size: 60 };
  dqo_tx_pkt_desc.encode(packet, memory.ranges[0]!.bytes, RING);
  events.tailRung(0, 1, 256, 1, true, 1);
  events.dqoPacket({ ...blankDqo(), tag: TAG, count: 1 });
  then(script);
  stores.stored(FRAME + 56, 4, 1, 0);
  return journal.findings.filter(({ clause }) => clause === 'gvnic/TX-BUSY').map(({ said }) => said);
}

const BUSY = '00035038 was written to, which is of a packet that transmit queue 0 has';

test('a packet that missed is the device’s until it is injected again', () => {
  const { MISS, REINJECTION } = DQO_COMPLETION_TYPE;

  expect(saidOf(({ events }) => events.dqoCompleted(0, MISS, TAG))).toEqual([BUSY]);
  expect(
    saidOf(({ events }) => {
      events.dqoCompleted(0, MISS, TAG);
      events.dqoCompleted(0, REINJECTION, TAG);
    }),
  ).toEqual([]);
});

test('the completion of another packet gives nothing back', () => {
  const { PACKET } = DQO_COMPLETION_TYPE;

  expect(saidOf(({ events }) => events.dqoCompleted(0, PACKET, TAG + 1))).toEqual([BUSY]);
});

test.each<[string, (script: StoringScript) => void]>([
  [
    'its queue is destroyed',
    ({ events }) => give(events, OPCODE.DESTROY_TX_QUEUE, destroy_queue, { queue_id: 0 }),
  ],
  ['the card is reset', ({ events }) => events.reset()],
])('a packet is the driver’s again once %s', (_what, then) => {
  expect(saidOf(then)).toEqual([]);
});
