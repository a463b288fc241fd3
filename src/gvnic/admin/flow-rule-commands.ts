import type { GuestMemory } from '../../core/memory.ts';
import type { FlowRules } from '../flow-rules.ts';
import {
  COMMAND_STATUS,
  configure_flow_rule,
  EXTENDED_OPCODE,
  extended_command,
  FLOW_RULE_ACT,
  FLOW_RULES_MOST,
  FLOW_RULES_QUERY,
  flow_rule,
  flow_rules_reply,
  PAGE,
  query_flow_rules,
} from '../registers/admin.ts';

const { PASSED, INVALID_ARGUMENT, UNIMPLEMENTED } = COMMAND_STATUS;
const ID_BYTES = 4;

/** A command that is longer than a slot: it lies in memory. */
export function executeExtended(memory: GuestMemory, rules: FlowRules, payload: Uint8Array): number {
  const { inner_opcode, inner_length, inner_command_addr } = extended_command.decode(payload);
  if (inner_opcode !== EXTENDED_OPCODE.CONFIGURE_FLOW_RULE) return UNIMPLEMENTED;
  if (inner_length !== configure_flow_rule.size) return INVALID_ARGUMENT;
  const inner = memory.slice(Number(inner_command_addr), inner_length);
  if (inner === null) return INVALID_ARGUMENT;
  // The memory is the driver's again afterwards.
  const { opcode, rule, location } = configure_flow_rule.decode(inner.slice());
  switch (opcode) {
    case FLOW_RULE_ACT.ADD: {
      const { flow_type: type, action: queue, key, mask } = flow_rule.decode(rule);
      return rules.add({ location, type, queue, key, mask });
    }
    case FLOW_RULE_ACT.DELETE:
      return rules.remove(location);
    case FLOW_RULE_ACT.RESET:
      rules.reset();
      return PASSED;
    default:
      return INVALID_ARGUMENT;
  }
}

/** Answers with as many rules, or their locations, as there is room for. */
export function queryFlowRules(memory: GuestMemory, { all }: FlowRules, payload: Uint8Array): number {
  const { opcode, starting_rule_id, available_length, rule_descriptor_addr } =
    query_flow_rules.decode(payload);
  if (opcode > FLOW_RULES_QUERY.STATS) return INVALID_ARGUMENT;
  const room = Math.min(Number(available_length), PAGE) - flow_rules_reply.size;
  if (room < 0) return INVALID_ARGUMENT;
  const bytes = sizeOf(opcode);
  const listed = bytes === 0 ? [] : all.filter(({ location }) => location >= starting_rule_id);
  const told = listed.slice(0, bytes === 0 ? 0 : Math.floor(room / bytes));
  const reply = new Uint8Array(flow_rules_reply.size + told.length * bytes);
  const head = { num_flow_rules: all.length, max_flow_rules: FLOW_RULES_MOST };
  flow_rules_reply.encode(
    { ...head, num_flow_rules_in_desc: told.length, total_length: reply.length },
    reply,
  );
  const view = new DataView(reply.buffer);
  for (const [i, { location, type, queue, key, mask }] of told.entries()) {
    const at = flow_rules_reply.size + i * bytes;
    view.setUint32(at, location, false);
    if (opcode === FLOW_RULES_QUERY.RULES)
      flow_rule.encode({ flow_type: type, action: queue, key, mask }, reply, at + ID_BYTES);
  }
  return memory.write(Number(rule_descriptor_addr), reply) ? PASSED : INVALID_ARGUMENT;
}

/** Bytes of each rule in an answer; 0 for an answer of counts alone. */
function sizeOf(what: number): number {
  if (what === FLOW_RULES_QUERY.STATS) return 0;
  return what === FLOW_RULES_QUERY.IDS ? ID_BYTES : ID_BYTES + flow_rule.size;
}
