import type { GvnicEvents } from '../../gvnic/events.ts';
import { OPCODE, report_stats } from '../../gvnic/registers/admin.ts';
import * as reg from '../../gvnic/registers/bar0.ts';
import { QUEUE_FORMAT } from '../../gvnic/registers/descriptor.ts';
import { type Script, scripts } from '../script.proof.ts';
import type { GVNIC_BRING_UP } from './bring-up.ts';
import type { GVNIC_COMMANDS } from './commands.ts';
import type { GVNIC_DOORBELLS } from './doorbells.ts';
import {
  askTypes,
  configure,
  give,
  list,
  makeWatch,
  NOTHING,
  NOWHERE,
  OTHER_LIST,
  PACKETS,
  prepared,
  RECEIVE,
  receiveQueue,
  transmitQueue,
} from './script-rig.proof.ts';

const LAST = 63;
const VERSION = reg.DRIVER_VERSION;

const written =
  (register: typeof reg.ADMINQ_PFN, value: number, open = true) =>
  (events: GvnicEvents) =>
    events.registerWritten(register, register.offset, register.width, value, open);

/** A driver takes its admin queue away and gives another, having waited or not. */
function released(events: GvnicEvents, waits: boolean): void {
  events.adminPlaced(0x1000, 0);
  written(reg.ADMINQ_PFN, 0)(events);
  events.reset();
  if (waits) events.registerRead(reg.ADMINQ_PFN, reg.ADMINQ_PFN.offset, 4, 0);
  written(reg.ADMINQ_PFN, 1)(events);
}

/** With DQO rings, whose packet types are known or not. */
const dqo = (events: GvnicEvents, knows = true) => {
  configure(events, { queue_format: QUEUE_FORMAT.DQO_RDA });
  if (knows) askTypes(events);
};

export const GVNIC_PROOFS = scripts<
  GvnicEvents,
  keyof typeof GVNIC_BRING_UP | keyof typeof GVNIC_COMMANDS | keyof typeof GVNIC_DOORBELLS
>(makeWatch, {
  'gvnic/REG-MASTER': {
    breaks: written(reg.ADMINQ_PFN, 1, false),
    keeps: written(reg.ADMINQ_PFN, 1),
  },
  'gvnic/REG-WIDTH': {
    breaks: (events) => events.registerWritten(VERSION, VERSION.offset, 4, 0, true),
    keeps: (events) => events.registerWritten(VERSION, VERSION.offset, 1, 0, true),
  },
  'gvnic/REG-READONLY': {
    breaks: written(reg.DEVICE_STATUS as never, 1),
    keeps: written(reg.DRIVER_STATUS as never, 1),
  },
  'gvnic/AQ-RAM': {
    breaks: (events) => events.adminPlaced(NOWHERE, 0),
    keeps: (events) => events.adminPlaced(0x1000, 0),
  },
  'gvnic/AQ-RELEASE': {
    breaks: (events) => events.adminPlaced(0x1000, 0x2000),
    keeps: (events) => events.adminPlaced(0x1000, 0),
  },
  'gvnic/AQ-WAIT': {
    breaks: (events) => released(events, false),
    keeps: (events) => released(events, true),
  },
  'gvnic/AQ-COUNT': {
    breaks: (events) => events.adminRung(64, 0),
    keeps: (events) => events.adminRung(LAST, 0),
  },
  'gvnic/AQ-STATUS': {
    breaks: (events) => give(events, OPCODE.REPORT_STATS, NOTHING, {}, (slot) => slot.fill(1, 7, 8)),
    keeps: (events) => give(events, OPCODE.REPORT_STATS, NOTHING, {}),
  },
  'gvnic/AQ-ZERO': {
    breaks: (events) => give(events, OPCODE.REPORT_STATS, report_stats, {}, (slot) => slot.fill(1, 32)),
    keeps: (events) => give(events, OPCODE.REPORT_STATS, report_stats, {}),
  },
  'gvnic/CMD-OPCODE': {
    breaks: (events) => give(events, 0x0c00_0000, NOTHING, {}),
    keeps: (events) => give(events, OPCODE.REPORT_STATS, NOTHING, {}),
  },
  'gvnic/CMD-ORDER': { breaks: (events) => list(events), keeps: prepared },
  'gvnic/CMD-COUNTERS': {
    breaks: (events) => configure(events, { num_counters: 3 }),
    keeps: configure,
  },
  'gvnic/CMD-BLOCKS': { breaks: (events) => configure(events, { num_irq_dbs: 3 }), keeps: configure },
  'gvnic/CMD-FORMAT': {
    breaks: (events) => configure(events, { queue_format: QUEUE_FORMAT.GQI_RDA }),
    keeps: (events) => configure(events, { queue_format: 0 }),
  },
  'gvnic/CMD-PTYPES': {
    breaks: (events) => {
      dqo(events, false);
      transmitQueue(events, { tx_comp_ring_size: 256, queue_page_list_id: 0xffff_ffff });
    },
    keeps: (events) => {
      dqo(events);
      transmitQueue(events, { tx_comp_ring_size: 256, queue_page_list_id: 0xffff_ffff });
    },
  },
  'gvnic/QPL-PAGES': {
    breaks: (events) => {
      configure(events);
      list(events, { num_pages: 2 });
    },
    keeps: prepared,
  },
  'gvnic/QPL-ID': {
    breaks: (events) => {
      configure(events);
      list(events);
      list(events, { page_address_list_addr: BigInt(OTHER_LIST) });
    },
    keeps: prepared,
  },
  'gvnic/QPL-KNOWN': {
    breaks: (events) => {
      prepared(events);
      transmitQueue(events, { queue_page_list_id: 9 });
    },
    keeps: (events) => {
      prepared(events);
      transmitQueue(events);
    },
  },
  'gvnic/QUEUE-ID': queue({ queue_id: 1 }),
  'gvnic/RING-SIZE': {
    breaks: queue({ tx_ring_size: 128 }).breaks,
    // One driver makes a ring of completions four times as long as the ring, which may be as long as this card's 4096.
    keeps: (events) => {
      dqo(events);
      const completions = { tx_comp_ring_addr: BigInt(RECEIVE), tx_comp_ring_size: 8192 };
      transmitQueue(events, { ...completions, queue_page_list_id: 0xffff_ffff });
    },
  },
  'gvnic/RING-RAM': queue({ tx_ring_addr: BigInt(NOWHERE) }),
  'gvnic/QUEUE-BLOCK': queue({ ntfy_id: 2 }),
  'gvnic/BUFFER-SIZE': received({ packet_buffer_size: 1024 }),
  'gvnic/BUFFER-TOLD': received({ packet_buffer_size: 4096 }),
  'gvnic/QUEUE-RSC': received({ enable_rsc: 1 }),
  'gvnic/DB-WIDTH': {
    breaks: (events) => events.doorbellWritten(0x400, 2, true, true),
    keeps: (events) => events.doorbellWritten(0x400, 4, true, true),
  },
  'gvnic/DB-INDEX': {
    breaks: (events) => events.doorbellWritten(0x400, 4, false, true),
    keeps: (events) => events.doorbellWritten(0x400, 4, true, true),
  },
  'gvnic/IRQ-GQI': {
    breaks: (events) => events.blockRung(0, 1),
    keeps: (events) => events.blockRung(0, 0x4000_0000),
  },
  'gvnic/IRQ-EVENT': {
    breaks: (events) => events.blockRung(0, 0x8000_0000),
    keeps: (events) => events.blockRung(0, 0xa000_0000),
  },
  'gvnic/IRQ-DQO': {
    breaks: (events) => {
      dqo(events);
      events.blockRung(0, 0x8000_0000);
    },
    keeps: (events) => {
      dqo(events);
      events.blockRung(0, 0x19);
    },
  },
  'gvnic/IRQ-INTERVAL': {
    breaks: (events) => {
      dqo(events);
      events.blockRung(0, 0x40);
    },
    keeps: (events) => {
      dqo(events);
      events.blockRung(0, 0x4000_0000);
    },
  },
  'gvnic/TX-COUNT': {
    breaks: (events) => events.transmitRung(0, 257, 256, 257),
    keeps: (events) => events.transmitRung(0, 256, 256, 256),
  },
  'gvnic/TX-END': {
    breaks: (events) => posted(events, 1),
    keeps: (events) => posted(events, 2),
  },
});

/** So many of the two descriptors of a packet. */
function posted(events: GvnicEvents, count: number): void {
  prepared(events);
  transmitQueue(events, { tx_ring_addr: BigInt(PACKETS) });
  events.transmitRung(0, count, 256, count);
}

/** A transmit queue that differs in a field, and one that does not. */
function queue(wrong: Readonly<Record<string, number | bigint>>): Script<GvnicEvents> {
  return {
    breaks: (events) => {
      prepared(events);
      transmitQueue(events, wrong);
    },
    keeps: (events) => {
      prepared(events);
      transmitQueue(events);
    },
  };
}

function received(wrong: Readonly<Record<string, number | bigint>>): Script<GvnicEvents> {
  return {
    breaks: (events) => {
      prepared(events);
      receiveQueue(events, wrong);
    },
    keeps: (events) => {
      prepared(events);
      receiveQueue(events);
    },
  };
}
