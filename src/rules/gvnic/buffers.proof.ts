import type { GvnicEvents } from '../../gvnic/events.ts';
import { QUEUE_FORMAT } from '../../gvnic/registers/descriptor.ts';
import { scripts } from '../script.proof.ts';
import type { GVNIC_BUFFERS } from './buffers.ts';
import { askTypes, BUFFERS, configure, makeWatch, prepared, receiveQueue } from './script-rig.proof.ts';

/** A queue that joins segments. */
const joining = (events: GvnicEvents) => {
  configure(events, { queue_format: QUEUE_FORMAT.DQO_RDA });
  askTypes(events);
  const ring = { rx_data_ring_addr: BigInt(BUFFERS), rx_buff_ring_size: 256 };
  receiveQueue(events, { enable_rsc: 1, queue_page_list_id: 0xffff_ffff, ...ring });
};
const listed = (events: GvnicEvents) => {
  prepared(events);
  receiveQueue(events);
};

export const GVNIC_BUFFER_PROOFS = scripts<GvnicEvents, keyof typeof GVNIC_BUFFERS>(makeWatch, {
  'gvnic/RX-COUNT': {
    breaks: (events) => events.receiveRung(0, 257, 256, 257),
    keeps: (events) => events.receiveRung(0, 256, 256, 256),
  },
  'gvnic/RX-EIGHT': {
    breaks: (events) => events.buffersRung(0, 255, 255, 256),
    keeps: (events) => events.buffersRung(0, 248, 248, 256),
  },
  'gvnic/RX-TAIL': {
    breaks: (events) => {
      events.buffersRung(0, 64, 64, 256);
      events.buffersRung(0, 0x8000_0000, 64, 256);
    },
    // Beyond the ring, as one good driver counts.
    keeps: (events) => {
      events.buffersRung(0, 248, 248, 256);
      events.buffersRung(0, 264, 248, 256);
    },
  },
  'gvnic/RX-FEW': {
    breaks: (events) => {
      joining(events);
      events.buffersRung(0, 16, 16, 256);
    },
    keeps: (events) => {
      joining(events);
      events.buffersRung(0, 24, 24, 256);
    },
  },
  'gvnic/RX-SLOT': {
    breaks: (events) => events.slotTaken(0, 0x1000, false, 0, 8, 0x1000, -1),
    keeps: (events) => events.slotTaken(0, 0x1000, true, 0, 8, 0x1000, -1),
  },
  'gvnic/RX-HALF': {
    breaks: (events) => {
      listed(events);
      events.slotTaken(0, 64, true, 0, 8, 64, -1);
    },
    keeps: (events) => {
      listed(events);
      events.slotTaken(0, 2048, true, 0, 8, 2048, -1);
    },
  },
  'gvnic/RX-TWICE': {
    breaks: (events) => {
      listed(events);
      events.slotTaken(0, 2048, true, 0, 8, 2048, -1);
      events.slotTaken(0, 2048, true, 1, 8, 2048, -1);
    },
    // The same buffer is looked at twice where a frame did not fit, and given again once it was used.
    keeps: (events) => {
      listed(events);
      events.receiveRung(0, 8, 256, 8);
      events.slotTaken(0, 2048, true, 0, 8, 2048, -1);
      events.slotTaken(0, 2048, true, 0, 8, 2048, -1);
      events.received(0, 1);
      events.receiveRung(0, 8, 256, 1);
      events.slotTaken(0, 2048, true, 8, 9, 2048, -1);
    },
  },
});
