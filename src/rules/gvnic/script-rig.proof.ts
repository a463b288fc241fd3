import type { Journal } from '../../core/journal.ts';
import { GuestMemory } from '../../core/memory.ts';
import { type Struct, struct } from '../../core/struct.ts';
import type { GvnicEvents } from '../../gvnic/events.ts';
import {
  adminq_command,
  COMMAND_STATUS,
  configure_device_resources,
  configure_flow_rule,
  create_rx_queue,
  create_tx_queue,
  flow_rule,
  memory_area,
  OPCODE,
  QUEUE_RESOURCES_BYTES,
  register_page_list,
  SLOT_BYTES,
} from '../../gvnic/registers/admin.ts';
import { QUEUE_FORMAT } from '../../gvnic/registers/descriptor.ts';
import { gqi_tx_pkt_desc } from '../../gvnic/registers/gqi.ts';
import { StoreWatch } from '../virtio/stores/store-watch.ts';
import type { GvnicFacts } from './facts.ts';
import { judgeGvnic } from './gvnic.ts';

type Fields = Readonly<Record<string, number | bigint>>;

/** Rings of 256 entries fill the first half; a list of one page is at the end of it. */
const BYTES = 1 << 18;
const ENTRIES = 256;
export const RING = 0x1_0000;
const LIST = 0x2_0000;
/** Of another page. */
export const OTHER_LIST = LIST + 16;
/** Of both queues; and the rings that a transmit queue with DQO rings, and a receive queue, have beside the first. */
const [RESOURCES, COMPLETIONS, SLOTS] = [0x8000, 0x9000, 0x2_8000];
export const RECEIVE = 0x1_8000;
/** Rings that were not zeroed: the completions of a transmit queue, and at 1000 behind the frames of a receive queue. */
export const STALE = 0x3_8000;
/** A ring whose first descriptor begins a packet of two. */
export const PACKETS = 0x3_e000;
/** A ring of DQO buffers; each is another than the next. */
export const BUFFERS = 0x2_a000;
/** Commands about flow rules: one compares more of an address than IPv4 has. */
export const FLOW_RULES = { right: 0x3_1000, wrong: 0x3_2000 } as const;
/** Numbers of queues, the second of which is none. */
export const TABLE = 0x3_0000;
/** Beyond RAM. */
export const NOWHERE = BYTES;
/** Of a flow rule in its command. */
const MASK_AT = configure_flow_rule.offset.rule + flow_rule.offset.mask;
const FRAME_BYTES = 60;
/** Of two pages in a list, the second is none. */
export const PAGES = { good: 0x3000, unaligned: 0x3004, other: 0x4000 } as const;

/** A payload without a field. */
export const NOTHING = struct('nothing', 'be', {});

/** Events, and the driver's accesses to memory. */
export interface StoringScript {
  readonly events: GvnicEvents;
  readonly stores: StoreWatch;
  readonly memory: GuestMemory;
}

/** A watch of a card with a pair of queues and rings of 256 entries. */
export function makeWatch(journal: Journal): GvnicEvents {
  return judgeGvnic(factsWith(scriptMemory()), journal);
}

/** The same, which sees the driver's accesses. */
export function makeStoring(journal: Journal): StoringScript {
  const memory = scriptMemory();
  const stores = new StoreWatch(memory, 'le', journal);
  return { events: judgeGvnic(factsWith(memory, stores), journal), stores, memory };
}

function scriptMemory(): GuestMemory {
  const memory = GuestMemory.of(BYTES);
  memory.ranges[0]!.view.setBigUint64(LIST, BigInt(PAGES.good));
  memory.ranges[0]!.view.setBigUint64(LIST + 8, BigInt(PAGES.unaligned));
  memory.ranges[0]!.view.setBigUint64(OTHER_LIST, BigInt(PAGES.other));
  memory.ranges[0]!.view.setUint32(TABLE + 4, 1);
  memory.ranges[0]!.bytes[FLOW_RULES.wrong + MASK_AT + 4] = 0xff;
  memory.ranges[0]!.bytes[PACKETS + gqi_tx_pkt_desc.offset.desc_cnt] = 2;
  memory.ranges[0]!.view.setUint16(RING + gqi_tx_pkt_desc.offset.seg_len, FRAME_BYTES);
  const HALF = 2048;
  for (let i = 0; i < ENTRIES; i++) {
    memory.ranges[0]!.view.setBigUint64(SLOTS + 8 * i, BigInt((i % 2) * HALF));
    memory.ranges[0]!.view.setBigUint64(BUFFERS + 32 * i + 8, BigInt((1 + (i % 2)) * HALF), true);
  }
  // What another queue left behind: a completion, and a received frame.
  memory.ranges[0]!.view.setUint16(STALE, 0x8000, true);
  memory.ranges[0]!.view.setUint16(STALE + 0x103e, 1, false);
  return memory;
}

export function factsWith(memory: GuestMemory, stores: GvnicFacts['stores'] = null): GvnicFacts {
  return {
    subject: 'net0',
    memory,
    pairs: 1,
    ringSize: 256,
    mtu: 1460,
    formats: ['GQI_QPL', 'DQO_RDA'],
    rings: { leastTx: 256, leastRx: 256, most: 4096 },
    bufferSizes: [2048],
    headersMost: 0,
    keyBytes: 40,
    pagesMost: 2,
    isLate: true,
    heldBack: () => null,
    stores,
  };
}

/** A command, and its answer, as the device has both. */
export function give(
  events: GvnicEvents,
  opcode: number,
  body: Struct,
  fields: Fields,
  change?: (slot: Uint8Array) => void,
): void {
  const slot = new Uint8Array(SLOT_BYTES);
  adminq_command.encode({ opcode }, slot);
  body.encode(fields as never, slot, adminq_command.offset.payload);
  change?.(slot);
  events.commanded(slot);
  events.answered(opcode, COMMAND_STATUS.PASSED);
}

export function configure(events: GvnicEvents, more: Fields = {}): void {
  give(events, OPCODE.CONFIGURE_DEVICE_RESOURCES, configure_device_resources, {
    counter_array: 0x6000n,
    irq_db_addr: 0x7000n,
    num_counters: 2,
    num_irq_dbs: 2,
    irq_db_stride: 64,
    queue_format: QUEUE_FORMAT.GQI_QPL,
    ...more,
  });
}

/** Asks for the packet types. */
export function askTypes(events: GvnicEvents): void {
  give(events, OPCODE.GET_PTYPE_MAP, memory_area, { length: 2048n, addr: 0x1000n });
}

export function list(events: GvnicEvents, more: Fields = {}): void {
  const pages = { page_list_id: 7, num_pages: 1, page_address_list_addr: BigInt(LIST) };
  give(events, OPCODE.REGISTER_PAGE_LIST, register_page_list, { ...pages, ...more });
}

export function transmitQueue(events: GvnicEvents, more: Fields = {}): void {
  give(events, OPCODE.CREATE_TX_QUEUE, create_tx_queue, {
    queue_resources_addr: BigInt(RESOURCES),
    tx_ring_addr: BigInt(RING),
    tx_comp_ring_addr: BigInt(COMPLETIONS),
    tx_ring_size: 256,
    queue_page_list_id: 7,
    ...more,
  });
}

export function receiveQueue(events: GvnicEvents, more: Fields = {}): void {
  give(events, OPCODE.CREATE_RX_QUEUE, create_rx_queue, {
    queue_resources_addr: BigInt(RESOURCES + QUEUE_RESOURCES_BYTES),
    rx_desc_ring_addr: BigInt(RECEIVE),
    rx_data_ring_addr: BigInt(SLOTS),
    rx_ring_size: 256,
    ntfy_id: 1,
    queue_page_list_id: 8,
    packet_buffer_size: 2048,
    ...more,
  });
}

/** A card whose queues can be made. */
export function prepared(events: GvnicEvents): void {
  configure(events);
  list(events);
  list(events, { page_list_id: 8, page_address_list_addr: BigInt(OTHER_LIST) });
}
