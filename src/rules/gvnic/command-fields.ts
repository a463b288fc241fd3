import type { Struct } from '../../core/struct.ts';
import {
  adminq_command,
  configure_device_resources,
  configure_rss,
  create_rx_queue,
  create_tx_queue,
  describe_device,
  destroy_queue,
  extended_command,
  memory_area,
  OPCODE,
  query_flow_rules,
  register_page_list,
  report_link_speed,
  report_stats,
  set_driver_parameter,
  unregister_page_list,
} from '../../gvnic/registers/admin.ts';

export type Fields = Readonly<Record<string, number>>;

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
