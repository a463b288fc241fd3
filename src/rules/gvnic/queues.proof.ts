import type { GvnicEvents } from '../../gvnic/events.ts';
import { OPCODE, unregister_page_list } from '../../gvnic/registers/admin.ts';
import { QUEUE_FORMAT } from '../../gvnic/registers/descriptor.ts';
import { type Script, scripts } from '../script.proof.ts';
import type { GVNIC_MEMORY } from './memory.ts';
import type { GVNIC_QUEUES } from './queues.ts';
import {
  askTypes,
  configure,
  give,
  makeStoring,
  makeWatch,
  prepared,
  RECEIVE,
  RING,
  receiveQueue,
  STALE,
  type StoringScript,
  transmitQueue,
} from './script-rig.proof.ts';

type Fields = Parameters<typeof transmitQueue>[1];

/** A queue of a prepared card that differs in fields, and one that does not. */
function differing(
  make: typeof transmitQueue,
  wrong: Fields,
  right: Fields = {},
  before: (events: GvnicEvents) => void = prepared,
): Script<GvnicEvents> {
  return {
    breaks: (events) => {
      before(events);
      make(events, { ...right, ...wrong });
    },
    keeps: (events) => {
      before(events);
      make(events, right);
    },
  };
}

/** With DQO rings, and its packet types known. */
const withDqo = (events: GvnicEvents) => {
  configure(events, { queue_format: QUEUE_FORMAT.DQO_RDA });
  askTypes(events);
};
const both = (events: GvnicEvents) => {
  prepared(events);
  transmitQueue(events);
};
const unregister = (events: GvnicEvents) =>
  give(events, OPCODE.UNREGISTER_PAGE_LIST, unregister_page_list, { page_list_id: 7 });

export const GVNIC_QUEUE_PROOFS = scripts<GvnicEvents, keyof typeof GVNIC_QUEUES>(makeWatch, {
  'gvnic/RING-LISTED': differing(transmitQueue, { tx_ring_size: 4096 }),
  'gvnic/RING-ALIGNED': differing(transmitQueue, { tx_ring_addr: BigInt(RING + 16) }),
  'gvnic/RING-APART': differing(receiveQueue, { rx_data_ring_addr: BigInt(RECEIVE) }),
  'gvnic/RING-CLEAR': differing(
    transmitQueue,
    { tx_comp_ring_addr: BigInt(STALE) },
    { tx_comp_ring_size: 256, queue_page_list_id: 0xffff_ffff },
    withDqo,
  ),
  'gvnic/QUEUE-BLOCK-OWN': differing(receiveQueue, { ntfy_id: 0 }, {}, both),
  'gvnic/QUEUE-HEADERS': differing(receiveQueue, { header_buffer_size: 128 }),
  'gvnic/BUFFER-SAID': differing(receiveQueue, { packet_buffer_size: 0 }),
  'gvnic/QPL-RAW': differing(
    transmitQueue,
    { queue_page_list_id: 0 },
    { tx_comp_ring_size: 256, queue_page_list_id: 0xffff_ffff },
    withDqo,
  ),
  'gvnic/QPL-BUSY': {
    breaks: (events) => {
      both(events);
      unregister(events);
    },
    keeps: (events) => {
      prepared(events);
      unregister(events);
    },
  },
});

export const GVNIC_MEMORY_PROOFS = scripts<StoringScript, keyof typeof GVNIC_MEMORY>(makeStoring, {
  'gvnic/MEM-FREED': {
    breaks: ({ events, stores }) => {
      both(events);
      stores.released(RING, 16);
    },
    keeps: ({ events, stores }) => {
      both(events);
      events.reset();
      stores.released(RING, 16);
    },
  },
});
