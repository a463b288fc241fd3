import { hex } from '../../core/bits.ts';
import type { GuestMemory } from '../../core/memory.ts';
import type { Struct } from '../../core/struct.ts';
import {
  adminq_command,
  configure_device_resources,
  configure_flow_rule,
  configure_rss,
  create_rx_queue,
  create_tx_queue,
  describe_device,
  destroy_queue,
  driver_info,
  extended_command,
  flow_rule,
  flow_rules_reply,
  memory_area,
  nic_timestamp,
  OPCODE,
  PAGE,
  PTYPES,
  ptype_entry,
  query_flow_rules,
  query_rss_reply,
  register_page_list,
  report_link_speed,
  report_stats,
  SLOT_BYTES,
  SLOTS,
  set_driver_parameter,
  unregister_page_list,
} from '../../gvnic/registers/admin.ts';
import { type GvnicFacts, isLendable } from './facts.ts';
import { type LentArea, overlap } from './lent-areas.ts';

export type Fields = Readonly<Record<string, number>>;

const SPEED_BYTES = 8;
const WORD = 4;
const ADDRESS_BYTES = 8;
const HIGH = 0x1_0000_0000;
const PAYLOAD = adminq_command.offset.payload;
/** Payloads whose fields are looked at. */
export const BODIES: ReadonlyMap<number, Struct> = new Map<number, Struct>([
  [OPCODE.DESCRIBE_DEVICE, describe_device],
  [OPCODE.CONFIGURE_DEVICE_RESOURCES, configure_device_resources],
  [OPCODE.REGISTER_PAGE_LIST, register_page_list],
  [OPCODE.UNREGISTER_PAGE_LIST, unregister_page_list],
  [OPCODE.CREATE_TX_QUEUE, create_tx_queue],
  [OPCODE.CREATE_RX_QUEUE, create_rx_queue],
  [OPCODE.DESTROY_TX_QUEUE, destroy_queue],
  [OPCODE.DESTROY_RX_QUEUE, destroy_queue],
  [OPCODE.CONFIGURE_RSS, configure_rss],
  [OPCODE.SET_DRIVER_PARAMETER, set_driver_parameter],
  [OPCODE.REPORT_STATS, report_stats],
  [OPCODE.REPORT_LINK_SPEED, report_link_speed],
  [OPCODE.GET_PTYPE_MAP, memory_area],
  [OPCODE.VERIFY_DRIVER_COMPATIBILITY, memory_area],
  [OPCODE.QUERY_RSS, memory_area],
  [OPCODE.QUERY_FLOW_RULES, query_flow_rules],
  [OPCODE.REPORT_NIC_TIMESTAMP, memory_area],
  [OPCODE.EXTENDED_COMMAND, extended_command],
]);

/** The bits of all bytes of a slot behind its fields, and of its reserved ones. */
export function restOf(slot: Uint8Array, body: Struct): number {
  let bits = 0;
  for (let at = PAYLOAD + body.size; at < slot.length; at++) bits |= slot[at]!;
  for (const [name, value] of Object.entries(body.decode(slot, PAYLOAD)))
    if (/^(reserved|padding)/.test(name))
      for (const byte of value instanceof Uint8Array ? value : [Number(value)]) bits |= byte;
  return bits;
}

/** Its fields by the names of its structure; addresses too are numbers. */
export function numbersOf(body: Struct, slot: Uint8Array): Record<string, number> {
  const fields = Object.entries(body.decode(slot, PAYLOAD)).filter(
    ([, value]) => !(value instanceof Uint8Array),
  );
  return Object.fromEntries(fields.map(([name, value]) => [name, Number(value)]));
}

/** Where the memory of a command begins and how much it is, by its fields. */
const AREAS: Readonly<Record<number, readonly [address: string, length: string | number]>> = {
  [OPCODE.DESCRIBE_DEVICE]: ['descriptor_addr', 'available_length'],
  [OPCODE.VERIFY_DRIVER_COMPATIBILITY]: ['addr', 'length'],
  [OPCODE.GET_PTYPE_MAP]: ['addr', 'length'],
  [OPCODE.QUERY_RSS]: ['addr', 'length'],
  [OPCODE.QUERY_FLOW_RULES]: ['rule_descriptor_addr', 'available_length'],
  [OPCODE.REPORT_NIC_TIMESTAMP]: ['addr', 'length'],
  [OPCODE.EXTENDED_COMMAND]: ['inner_command_addr', 'inner_length'],
  [OPCODE.REPORT_STATS]: ['stats_report_addr', 'stats_report_len'],
  [OPCODE.REPORT_LINK_SPEED]: ['link_speed_address', SPEED_BYTES],
};

/** The memory that a request reads or writes while it is carried out; null for none. */
export function areaOf(opcode: number, fields: Fields): LentArea | null {
  const found = AREAS[opcode];
  if (found === undefined) return null;
  const [address, length] = found;
  return { address: fields[address]!, length: typeof length === 'number' ? length : fields[length]! };
}

/** The fewest bytes of memory that requests are about. */
export const AREA_LEAST: Readonly<Record<number, number>> = {
  [OPCODE.VERIFY_DRIVER_COMPATIBILITY]: driver_info.size,
  [OPCODE.GET_PTYPE_MAP]: PTYPES * ptype_entry.size,
  [OPCODE.QUERY_RSS]: query_rss_reply.size + WORD,
  [OPCODE.QUERY_FLOW_RULES]: flow_rules_reply.size,
  [OPCODE.REPORT_NIC_TIMESTAMP]: nic_timestamp.size,
};

/** The command behind `done` in a queue that has bytes of an area; null for none. */
export function pendingIn(
  memory: GuestMemory,
  queue: number,
  done: number,
  posted: number,
  area: LentArea,
): string | null {
  // A mailbox has none of these slots.
  const left = queue === 0 ? 0 : (posted - done) >>> 0;
  for (let i = 0; i < Math.min(left, SLOTS); i++) {
    const slot = memory.slice(queue + ((done + i) % SLOTS) * SLOT_BYTES, SLOT_BYTES);
    if (slot === null) return null;
    if (areasIn(slot).some((one) => overlap(one, area)))
      return `command ${hex(adminq_command.decode(slot).opcode, 2)}, which is under way,`;
  }
  return null;
}

/** What a command in a slot has of memory until it is done. */
export function areasIn(slot: Uint8Array): readonly LentArea[] {
  const { opcode } = adminq_command.decode(slot);
  const body = BODIES.get(opcode);
  if (body === undefined) return [];
  const fields = numbersOf(body, slot);
  const area = areaOf(opcode, fields);
  if (area !== null) return [area];
  switch (opcode) {
    case OPCODE.REGISTER_PAGE_LIST:
      return [{ address: fields.page_address_list_addr!, length: fields.num_pages! * ADDRESS_BYTES }];
    case OPCODE.CONFIGURE_RSS:
      return [
        { address: fields.hash_key_addr!, length: fields.hash_key_size! },
        { address: fields.hash_lut_addr!, length: fields.hash_lut_size! * WORD },
      ];
    default:
      return [];
  }
}

/**
 * The addresses of a list of pages; null if the list is not in RAM. None of a list that makes more than the card takes,
 * which refuses it: it may be as long as RAM.
 *
 * @param others pages of other lists.
 */
export function pagesIn(
  { memory, pagesMost }: Pick<GvnicFacts, 'memory' | 'pagesMost'>,
  { num_pages = 0, page_address_list_addr = 0 }: Fields,
  others: number,
) {
  if (others + num_pages > pagesMost) return [];
  const list = memory.slice(page_address_list_addr, num_pages * ADDRESS_BYTES);
  if (list === null) return null;
  const view = new DataView(list.buffer, list.byteOffset, list.length);
  return Array.from(
    { length: num_pages },
    (_, i) => view.getUint32(i * ADDRESS_BYTES) * HIGH + view.getUint32(i * ADDRESS_BYTES + 4),
  );
}

/** The first page of a list that is none, or is in another list or twice in this one; -1 for none. */
export function badPageIn(
  memory: GuestMemory,
  pages: readonly number[],
  others: ReadonlyMap<number, number>,
): number {
  const seen = new Set<number>();
  return pages.findIndex(
    (page, i) =>
      page % PAGE !== 0 ||
      !isLendable(memory, page, PAGE) ||
      others.has(page) ||
      // A page that is there already leaves the set as large as it was.
      seen.add(page).size === i,
  );
}

/** What is wrong with a page of a list. */
export function pageText(
  memory: GuestMemory,
  all: readonly number[],
  others: ReadonlyMap<number, number>,
  index: number,
): string {
  const page = all[index];
  if (page === undefined) return 'the addresses of its pages are not in RAM';
  const list = others.get(page);
  const is = page % PAGE === 0 && isLendable(memory, page, PAGE);
  const why = !is ? 'is no page of RAM' : list === undefined ? 'is there twice' : `is in list ${list}`;
  return `page ${index}, at ${hex(page, 8)}, ${why}`;
}

/** A command about a flow rule, as it lies in memory. */
export interface FlowRuleCommand {
  readonly opcode: number;
  readonly location: number;
  readonly type: number;
  readonly action: number;
  readonly mask: Uint8Array;
}

export function flowRuleIn(
  memory: GuestMemory,
  { inner_command_addr = 0, inner_length = 0 }: Fields,
): FlowRuleCommand | null {
  const bytes = memory.slice(inner_command_addr, configure_flow_rule.size);
  if (bytes === null || inner_length < configure_flow_rule.size) return null;
  const { opcode, location, rule } = configure_flow_rule.decode(bytes);
  const { flow_type, action, mask } = flow_rule.decode(rule);
  return { opcode, location, type: flow_type, action, mask };
}

/** Numbers of queues, by which flows are spread; null if they are not in RAM. */
export function tableIn(memory: GuestMemory, { hash_lut_size = 0, hash_lut_addr = 0 }: Fields) {
  const table = hash_lut_addr === 0 ? null : memory.slice(hash_lut_addr, hash_lut_size * WORD);
  if (table === null) return null;
  const view = new DataView(table.buffer, table.byteOffset, table.length);
  return Array.from({ length: hash_lut_size }, (_, i) => view.getUint32(i * WORD));
}
