import type { GuestPort } from '../../../core/guest-port.ts';
import { MisuseError } from '../../../core/misuse.ts';
import {
  configure_flow_rule,
  EXTENDED_OPCODE,
  extended_command,
  FLOW_RULE_ACT,
  FLOW_RULES_QUERY,
  FLOW_TYPE,
  flow_key,
  flow_rule,
  flow_rules_reply,
  OPCODE,
  PAGE,
  query_flow_rules,
} from '../../../gvnic/registers/admin.ts';
import type { AdminDriver } from './admin.ts';

const [ADDRESS_BYTES, PORT_BITS, ID_BYTES] = [16, 0xffff, 4];

/** Packets of a type, with these fields if they are given, are for one queue. Of rules that fit the lowest location counts. */
export interface GvnicFlowRule {
  readonly location: number;
  readonly type: keyof typeof FLOW_TYPE;
  /** Of receive queues. */
  readonly queue: number;
  /** Four bytes, or sixteen. */
  readonly source?: Uint8Array;
  readonly destination?: Uint8Array;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
}

export function addFlowRule(admin: AdminDriver, port: GuestPort, rule: GvnicFlowRule): void {
  const { location, type, queue } = rule;
  const flow = { flow_type: FLOW_TYPE[type], action: queue, key: keyOf(rule), mask: maskOf(rule) };
  run(admin, port, { opcode: FLOW_RULE_ACT.ADD, rule: flow_rule.encode(flow), location });
}

export function removeFlowRule(admin: AdminDriver, port: GuestPort, location: number): void {
  run(admin, port, { opcode: FLOW_RULE_ACT.DELETE, location });
}

/** Asks again from behind the last, until there is none. */
export function flowRuleIds(admin: AdminDriver, port: GuestPort): readonly number[] {
  const at = port.allocate(PAGE, PAGE);
  const ids: number[] = [];
  for (let more = true; more; ) {
    admin.must(OPCODE.QUERY_FLOW_RULES, query_flow_rules, {
      ...{ opcode: FLOW_RULES_QUERY.IDS, starting_rule_id: (ids.at(-1) ?? -1) + 1 },
      ...{ available_length: BigInt(PAGE), rule_descriptor_addr: BigInt(at) },
    });
    const reply = new Uint8Array(PAGE);
    port.memory.read(at, reply);
    const { num_flow_rules_in_desc: count, total_length } = flow_rules_reply.decode(reply);
    if (total_length !== flow_rules_reply.size + count * ID_BYTES) admin.fail(`it says ${count} flow rules`);
    const view = new DataView(reply.buffer, flow_rules_reply.size);
    for (let i = 0; i < count; i++) ids.push(view.getUint32(i * ID_BYTES, false));
    more = count > 0;
  }
  port.release(at);
  return ids;
}

export function keyOf(rule: GvnicFlowRule): Uint8Array {
  return flow_key.encode({
    source: padded(rule.source),
    destination: padded(rule.destination),
    source_port: rule.sourcePort ?? 0,
    destination_port: rule.destinationPort ?? 0,
  });
}

export function maskOf(rule: GvnicFlowRule): Uint8Array {
  return flow_key.encode({
    source: padded(rule.source?.map(() => 0xff)),
    destination: padded(rule.destination?.map(() => 0xff)),
    source_port: rule.sourcePort === undefined ? 0 : PORT_BITS,
    destination_port: rule.destinationPort === undefined ? 0 : PORT_BITS,
  });
}

function padded(address: Uint8Array = new Uint8Array(0)): Uint8Array {
  if (address.length > ADDRESS_BYTES)
    throw new MisuseError('rule.address.length', address.length, `4 or ${ADDRESS_BYTES}`);
  const bytes = new Uint8Array(ADDRESS_BYTES);
  bytes.set(address);
  return bytes;
}

/** The command itself lies in memory. */
function run(
  admin: AdminDriver,
  port: GuestPort,
  fields: Readonly<Record<string, number | Uint8Array>>,
): void {
  const at = port.allocate(configure_flow_rule.size, PAGE);
  port.memory.write(at, configure_flow_rule.encode(fields as never));
  admin.must(OPCODE.EXTENDED_COMMAND, extended_command, {
    inner_opcode: EXTENDED_OPCODE.CONFIGURE_FLOW_RULE,
    inner_length: configure_flow_rule.size,
    inner_command_addr: BigInt(at),
  });
  port.release(at);
}
