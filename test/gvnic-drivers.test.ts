import { describe, expect, test } from 'vitest';
import { AccessTrail } from '../src/core/access.ts';
import { Journal } from '../src/core/journal.ts';
import { DQO_CARD, DQO_DRIVERS, sendDqoFrame } from '../src/gvnic/bring-ups-dqo-rig.ts';
import { DRIVERS, FRAME, sendFrame } from '../src/gvnic/bring-ups-rig.ts';
import { CardRig } from '../src/gvnic/card-rig.ts';
import { blankGqi, type GvnicEvents } from '../src/gvnic/events.ts';
import * as reg from '../src/gvnic/registers/bar0.ts';
import { QUEUE_FORMAT } from '../src/gvnic/registers/descriptor.ts';
import type { GvnicSettings } from '../src/gvnic/settings.ts';
import { factsOf } from '../src/machine/devices/gvnic.ts';
import { makeFrame } from '../src/net/frame/make.ts';
import { judgeGvnic } from '../src/rules/gvnic/gvnic.ts';
import {
  askTypes,
  configure,
  makeWatch,
  prepared,
  receiveQueue,
  transmitQueue,
} from '../src/rules/gvnic/script-rig.proof.ts';

const clock = { now: 0 };
const accusations = (journal: Journal) =>
  journal.findings
    .filter(({ severity }) => severity !== 'note')
    .map(({ clause, said }) => `${clause}: ${said}`);

describe('of a good driver nothing is said when it brings the card up, as', () => {
  const judged = (journal: Journal, more: Partial<GvnicSettings>) => {
    const made = new CardRig({ pairs: 1, ...more });
    made.fn.device.events = judgeGvnic(factsOf(made.fn, { stores: null }), journal);
    return made;
  };

  test.each(Object.entries(DQO_DRIVERS))('%s, with DQO rings', (_name, bringUp) => {
    const journal = new Journal(clock, new AccessTrail(clock));
    const { rig } = bringUp(() => judged(journal, DQO_CARD));

    sendDqoFrame(rig);
    rig.fn.device.arrive(FRAME);

    expect(accusations(journal)).toEqual([]);
    expect(journal.reached('gvnic/DQO-TAIL')).toBe(true);
  });

  test.each(Object.entries(DRIVERS))('%s', (_name, bringUp) => {
    const journal = new Journal(clock, new AccessTrail(clock));
    const { rig } = bringUp((revision) => judged(journal, { revision }));

    sendFrame(rig);
    rig.fn.device.arrive(FRAME);

    expect(accusations(journal)).toEqual([]);
    expect(journal.reached('gvnic/RING-APART')).toBe(true);
  });
});

const dqo = (format: number) => (events: GvnicEvents) => {
  configure(events, { queue_format: format });
  askTypes(events);
};
const listed = (queue_page_list_id: number) => (events: GvnicEvents) => {
  dqo(QUEUE_FORMAT.DQO_RDA)(events);
  transmitQueue(events, { tx_comp_ring_size: 256, queue_page_list_id });
};
const buffered = (packet_buffer_size: number) => (events: GvnicEvents) => {
  prepared(events);
  receiveQueue(events, { packet_buffer_size });
};
const first = (bytes: number) => (events: GvnicEvents) => {
  const frame = makeFrame({ payload: new Uint8Array(500) });
  events.gqiPacket({
    ...blankGqi(),
    frame,
    count: 2,
    said: frame.length,
    length: frame.length,
    first: bytes,
  });
};
const acknowledged = (word: number) => (events: GvnicEvents) => events.blockRung(0, word);
const shown = (tail: number) => (events: GvnicEvents) => events.buffersRung(0, tail, tail, 256);
const counted = (tails: readonly number[]) => (events: GvnicEvents) => {
  for (const tail of tails) events.buffersRung(0, tail, 248, 256);
};
const based = (registers: readonly (typeof reg.ADMINQ_BASE_ADDRESS_HI)[]) => (events: GvnicEvents) => {
  for (const register of registers) events.registerWritten(register as never, register.offset, 4, 1, true);
};
const HI = reg.ADMINQ_BASE_ADDRESS_HI;
const LO = reg.ADMINQ_BASE_ADDRESS_LO as never as typeof HI;

describe('where public drivers differ, neither is accused:', () => {
  test.each<[string, (events: GvnicEvents) => void]>([
    ['the high half of an address first', based([HI, LO])],
    ['the low half first', based([LO, HI])],
    ['a list of pages with addresses in descriptors', listed(7)],
    ['no list with them', listed(0xffff_ffff)],
    ['list 0 with them', listed(0)],
    ['buffers of 2048 bytes', buffered(2048)],
    ['buffers of a size that is not said', buffered(0)],
    ['a first descriptor of 182 bytes', first(182)],
    ['a first descriptor of the headers', first(54)],
    ['a first descriptor of less than Linux has', first(60)],
    ['a format', (events) => configure(events, { queue_format: QUEUE_FORMAT.GQI_QPL })],
    ['no format', (events) => configure(events, { queue_format: 0 })],
    ['blocks from the second vector on', (events) => configure(events, { ntfy_blk_msix_base_idx: 1 })],
    ['an acknowledgment with EVENT', acknowledged(0xa000_0000)],
    ['an acknowledgment without', acknowledged(0x8000_0000)],
    ['buffers by multiples of 32', shown(224)],
    ['any number of buffers', shown(255)],
    ['a tail within the ring', counted([248, 16])],
    ['a tail that counts on', counted([248, 264])],
    [
      'a register of which nothing is meant',
      (events) => events.registerWritten(reg.DEVICE_STATUS as never, 0, 4, 0, true),
    ],
  ])('%s', (_way, goes) => {
    const journal = new Journal(clock, new AccessTrail(clock));

    goes(makeWatch(journal));

    expect(accusations(journal)).toEqual([]);
  });
});

test('buffers as DPDK makes them, which the card tells nothing of, are met with advice and not refused', () => {
  const journal = new Journal(clock, new AccessTrail(clock));
  const events = makeWatch(journal);

  dqo(QUEUE_FORMAT.DQO_RDA)(events);
  receiveQueue(events, {
    packet_buffer_size: 16_256,
    rx_buff_ring_size: 256,
    queue_page_list_id: 0xffff_ffff,
  });

  expect(accusations(journal)).toEqual(['gvnic/BUFFER-TOLD: buffers of 16256 bytes; it told of 2048']);
});
