import { expect, test } from 'vitest';
import { AccessTrail } from '../../core/access.ts';
import { Journal } from '../../core/journal.ts';
import { GuestMemory } from '../../core/memory.ts';
import type { GvnicEvents } from '../../gvnic/events.ts';
import { destroy_queue, OPCODE } from '../../gvnic/registers/admin.ts';
import * as reg from '../../gvnic/registers/bar0.ts';
import { QUEUE_FORMAT } from '../../gvnic/registers/descriptor.ts';
import * as mailbox from '../../gvnic/registers/mailbox.ts';
import { StoreWatch } from '../virtio/stores/store-watch.ts';
import { judgeMailbox } from './gvnic.ts';
import {
  askTypes,
  configure,
  factsWith,
  give,
  list,
  makeWatch,
  OTHER_LIST,
  prepared,
  receiveQueue,
  transmitQueue,
} from './script-rig.proof.ts';

/** What is said of a driver, by what its device hears. */
function saidOf(does: (events: GvnicEvents) => void): readonly string[] {
  const clock = { now: 0 };
  const journal = new Journal(clock, new AccessTrail(clock));
  does(makeWatch(journal));
  return journal.findings.map(({ clause, said }) => `${clause}: ${said}`);
}

test.each<[string, (events: GvnicEvents) => void, string]>([
  [
    'an address of commands that is given without bus mastering',
    (events) => {
      const { offset } = reg.ADMINQ_BASE_ADDRESS_LO;
      events.registerWritten(reg.ADMINQ_BASE_ADDRESS_LO as never, offset, 4, 0x1000, false);
    },
    'gvnic/REG-MASTER: adminq_base_address_lo was written while bus mastering was off',
  ],
  [
    'descriptors that are given without bus mastering',
    (events) => {
      events.doorbellWritten(0x400, 4, true, false);
      events.transmitRung(0, 1, 256, 1);
    },
    'gvnic/REG-MASTER: the doorbell of a transmit queue was written while bus mastering was off',
  ],
  [
    'buffers that are given without bus mastering',
    (events) => {
      events.doorbellWritten(0x800, 4, true, false);
      events.buffersRung(0, 8, 8, 256);
    },
    'gvnic/REG-MASTER: the doorbell of a receive queue was written while bus mastering was off',
  ],
  [
    'a count of descriptors that falls back',
    (events) => events.transmitRung(0, 3, 256, -2),
    'gvnic/TX-COUNT: the doorbell of transmit queue 0 fell back by 2',
  ],
  [
    'a count of buffers that falls back',
    (events) => events.receiveRung(0, 512, 1024, -512),
    'gvnic/RX-COUNT: the doorbell of receive queue 0 fell back by 512',
  ],
  [
    'a tail that passes what the device has yet to take, or falls back behind it',
    (events) => events.tailRung(0, 3, 256, 254, true, 259),
    'gvnic/DQO-TAIL: the tail of transmit queue 0 is 3, by which 259 descriptors are outstanding, of 256 slots',
  ],
  [
    'a ring at address 0',
    (events) => {
      prepared(events);
      transmitQueue(events, { tx_ring_addr: 0n });
    },
    'gvnic/RING-RAM: an address of queue 0 is no RAM',
  ],
  [
    'a buffer at address 0',
    (events) => {
      configure(events, { queue_format: QUEUE_FORMAT.DQO_RDA });
      events.slotTaken(0, 1, true, 0, 8, 0, -1);
    },
    'gvnic/RX-SLOT: buffer 0001 of receive queue 0 is at address 0',
  ],
  [
    'counters in the admin queue',
    (events) => {
      events.adminPlaced(0x1000, 0);
      configure(events, { counter_array: 0x1ff8n });
    },
    'gvnic/RING-APART: memory of command 02 runs into the admin queue',
  ],
  [
    'pages of a list that a ring has',
    (events) => {
      configure(events);
      list(events);
      transmitQueue(events, { tx_ring_addr: 0x4000n });
      list(events, { page_list_id: 8, page_address_list_addr: BigInt(OTHER_LIST) });
    },
    'gvnic/RING-APART: memory of command 03 runs into transmit queue 0',
  ],
  [
    'a list of more pages than the device takes, of which it reads none',
    (events) => {
      configure(events);
      list(events, { num_pages: 3 });
    },
    'gvnic/QPL-ID: list 7 of 3 pages, with 0 in others',
  ],
  [
    'a list of two queues',
    (events) => {
      prepared(events);
      transmitQueue(events);
      receiveQueue(events, { queue_page_list_id: 7 });
    },
    'gvnic/QPL-KNOWN: list 00000007 is that of transmit queue 0 already',
  ],
  [
    'a queue that is not there',
    (events) => {
      prepared(events);
      give(events, OPCODE.DESTROY_RX_QUEUE, destroy_queue, { queue_id: 0 });
    },
    'gvnic/QUEUE-ID: queue 0 of 1, which is not there, was destroyed',
  ],
  [
    'a reset of which another register tells',
    (events) => {
      events.adminPlaced(0x1000, 0);
      events.registerWritten(reg.DRIVER_STATUS as never, 4, 4, 2, true);
      events.reset();
      events.registerRead(reg.ADMINQ_PFN, reg.ADMINQ_PFN.offset, 4, 0);
      events.registerWritten(reg.ADMINQ_PFN, reg.ADMINQ_PFN.offset, 4, 1, true);
    },
    'gvnic/AQ-WAIT: adminq_pfn was written, and device_status did not say since that the reset is done',
  ],
])('%s is named', (_what, does, said) => {
  expect(saidOf(does)).toEqual([said]);
});

test('more buffers than completions fit are named', () => {
  const said = saidOf((events) => {
    configure(events, { queue_format: QUEUE_FORMAT.DQO_RDA });
    askTypes(events);
    receiveQueue(events, { queue_page_list_id: 0xffff_ffff, rx_buff_ring_size: 1024 });
    events.buffersRung(0, 512, 512, 1024);
  });

  expect(said).toContain(
    'gvnic/RX-TAIL: the tail of receive queue 0 is 512, with 512 buffers outstanding, of 1024 slots and 256 completions',
  );
});

test('memory of a queue that a mailbox made is given back', () => {
  const clock = { now: 0 };
  const journal = new Journal(clock, new AccessTrail(clock));
  const memory = GuestMemory.of(1 << 18);
  const stores = new StoreWatch(memory, 'le', journal);
  const events = judgeMailbox(factsWith(memory, stores), journal);
  const body = new Uint8Array(mailbox.QUEUES_AT + mailbox.mailbox_tx_queue.size);
  body[0] = 1;
  const rings = { ring: 0x1000n, completion_ring: 0x2000n, ring_size: 256, completion_ring_size: 256 };
  const fields = { ...rings, vector: 1, queue_page_list_id: 0xffff_ffff };
  mailbox.mailbox_tx_queue.encode(fields, body, mailbox.QUEUES_AT);
  events.requested(mailbox.MAILBOX_OPCODE.CREATE_TX_QUEUES, body);
  events.replied(mailbox.MAILBOX_OPCODE.CREATE_TX_QUEUES, mailbox.MAILBOX_STATUS.PASSED, body);

  stores.released(0x2000, 16);

  expect(journal.findings.map(({ clause, said }) => `${clause}: ${said}`)).toEqual([
    'gvnic/CMD-PTYPES: a queue was made, and the packet types are not known',
    'gvnic/MEM-FREED: memory of transmit queue 0 was given back',
  ]);
});
