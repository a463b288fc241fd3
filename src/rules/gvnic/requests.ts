import { hex } from '../../core/bits.ts';
import type { Rules } from '../../core/rule.ts';
import {
  configure_flow_rule,
  DESCRIPTOR_VERSION,
  EXTENDED_OPCODE,
  FLOW_RULE_ACT,
  FLOW_RULES_MOST,
  FLOW_RULES_QUERY,
  FLOW_TYPE,
  flow_key,
  OPCODE,
  PARAMETER_MTU,
  RSS_TOEPLITZ,
  stats,
  stats_report,
} from '../../gvnic/registers/admin.ts';
import { device_descriptor } from '../../gvnic/registers/descriptor.ts';
import { AREA_LEAST, areaOf, type FlowRuleCommand } from './command-fields.ts';
import type { CommandKnows } from './commands.ts';
import { isLendable, SOURCE } from './facts.ts';

const MTU_LEAST = 68;
/** Bytes of a mask that have a meaning. */
const MASKED = flow_key.offset.padding;

/** What is known of a request beyond what every command has. */
export interface RequestKnows extends CommandKnows {
  /** The device described itself since its admin queue was placed. */
  readonly isDescribed: boolean;
  /** The numbers of queues in the table that a request gives; null if that is not in RAM. */
  readonly table: readonly number[] | null;
  /** The key that it gives is there. */
  readonly hasKey: boolean;
  readonly hasQueues: boolean;
  /** Of EXTENDED_COMMAND, the command in memory if it is whole; else null. */
  readonly flowRule: FlowRuleCommand | null;
}

const is =
  (opcode: number) =>
  (k: CommandKnows): boolean =>
    k.opcode === opcode;

function isGoodRule({ opcode, location, action, type, mask }: FlowRuleCommand, queues: number): boolean {
  if (opcode !== FLOW_RULE_ACT.ADD)
    return opcode === FLOW_RULE_ACT.RESET || (opcode === FLOW_RULE_ACT.DELETE && location < FLOW_RULES_MOST);
  const isSix = type >= FLOW_TYPE.TCPv6;
  const beyond = isSix ? [] : [...mask.subarray(4, 16), ...mask.subarray(20, 32)];
  return (
    location < FLOW_RULES_MOST &&
    action < queues &&
    type <= FLOW_TYPE.ESPv6 &&
    [...beyond, ...mask.subarray(MASKED)].every((byte) => byte === 0)
  );
}

/** Rules for commands that make no queue. */
export const GVNIC_REQUESTS = {
  'gvnic/AQ-WHOLE': {
    where: SOURCE,
    text: 'A driver MUST store a command before it rings the doorbell of the admin queue.',
    advice: 'Fill the slot in, then a store barrier, then the doorbell.',
    on: 'commanded',
    kept: (k) => k.opcode !== 0,
    said: () => 'a slot was posted that has no command',
  },
  'gvnic/CMD-AREA': {
    where: SOURCE,
    text: 'A driver MUST name RAM for all that a command reads or writes, and no less than that is.',
    advice: 'Allocate as many bytes as the command needs, say how many, and give the address big-endian.',
    on: 'commanded',
    when: (k) => areaOf(k.opcode, k.fields) !== null,
    kept: (k) => {
      const { address, length } = areaOf(k.opcode, k.fields)!;
      return length >= (AREA_LEAST[k.opcode] ?? 0) && isLendable(k.facts.memory, address, length);
    },
    said: (k) => {
      const { address, length } = areaOf(k.opcode, k.fields)!;
      const least = AREA_LEAST[k.opcode] ?? 0;
      const needs = length < least ? `, and needs ${least}` : '';
      return `command ${hex(k.opcode, 2)} names ${length} bytes at ${hex(address, 8)}${needs}`;
    },
  },
  'gvnic/CMD-DESCRIBE': {
    where: SOURCE,
    text: 'A driver MUST ask for version 1 of the descriptor, with room for it.',
    advice: 'Say version 1, and give a page.',
    on: 'commanded',
    when: is(OPCODE.DESCRIBE_DEVICE),
    kept: ({ fields }) =>
      fields.version === DESCRIPTOR_VERSION && fields.available_length! >= device_descriptor.size,
    said: ({ fields }) => `version ${fields.version}, and room for ${fields.available_length} bytes`,
  },
  'gvnic/CMD-VERIFY': {
    where: SOURCE,
    text: 'A driver SHOULD say what it supports before the device describes itself.',
    advice: 'Send VERIFY_DRIVER_COMPATIBILITY first; that a device does not know it is no error.',
    on: 'commanded',
    when: is(OPCODE.VERIFY_DRIVER_COMPATIBILITY),
    kept: (k) => !k.isDescribed,
    said: () => 'VERIFY_DRIVER_COMPATIBILITY came after DESCRIBE_DEVICE',
  },
  'gvnic/CMD-STATS': {
    where: SOURCE,
    text: 'A driver MUST give a block of statistics of a count and whole records, or none.',
    advice: 'Say 8 bytes and 16 for each record; a length and an address of 0 end the reports.',
    on: 'commanded',
    when: is(OPCODE.REPORT_STATS),
    kept: ({ fields }) =>
      fields.stats_report_len === 0 ||
      (fields.stats_report_len! >= stats_report.size &&
        (fields.stats_report_len! - stats_report.size) % stats.size === 0),
    said: ({ fields }) => `a block of ${fields.stats_report_len} bytes`,
  },
  'gvnic/CMD-RSS': {
    where: SOURCE,
    text: 'A driver MUST give a key of the size that the device says, and a table of a power of two of queues that there are.',
    advice:
      'Say a key of 40 bytes and a table of 128 numbers of queues, big-endian; 0 leaves either as it is.',
    on: 'commanded',
    when: is(OPCODE.CONFIGURE_RSS),
    kept: (k) =>
      k.fields.hash_alg! <= RSS_TOEPLITZ &&
      (k.fields.hash_key_size === 0 || k.fields.hash_key_size === k.facts.keyBytes) &&
      (k.fields.hash_lut_size! & (k.fields.hash_lut_size! - 1)) === 0 &&
      k.table?.every((queue) => queue < k.facts.pairs) === true &&
      k.hasKey,
    said: ({ fields, table, facts }) => {
      const bad = table?.find((queue) => queue >= facts.pairs);
      const beyond = bad === undefined ? '' : `, of which one is ${bad} of ${facts.pairs}`;
      return `algorithm ${fields.hash_alg}, a key of ${fields.hash_key_size} bytes, a table of ${fields.hash_lut_size} queues${beyond}`;
    },
  },
  'gvnic/CMD-INNER': {
    where: SOURCE,
    text: 'A driver MUST give an extended command of the length that its opcode has.',
    advice: 'Say inner opcode 101 and 92 bytes, which is the length of CONFIGURE_FLOW_RULE.',
    on: 'commanded',
    when: is(OPCODE.EXTENDED_COMMAND),
    kept: ({ fields }) =>
      fields.inner_opcode === EXTENDED_OPCODE.CONFIGURE_FLOW_RULE &&
      fields.inner_length === configure_flow_rule.size,
    said: ({ fields }) => `opcode ${hex(fields.inner_opcode!, 3)} of ${fields.inner_length} bytes`,
  },
  'gvnic/CMD-FLOW': {
    where: SOURCE,
    text: 'A driver MUST give a flow rule a location and a queue that exist and a mask that its type has, and name only rules that exist.',
    advice: 'Take the number of locations from the option; with IPv4 compare four bytes of an address.',
    on: 'commanded',
    when: (k) => k.flowRule !== null || k.opcode === OPCODE.QUERY_FLOW_RULES,
    kept: ({ flowRule, facts, fields }) =>
      flowRule === null ? fields.opcode! <= FLOW_RULES_QUERY.STATS : isGoodRule(flowRule, facts.pairs),
    said: ({ flowRule, fields }) =>
      flowRule === null
        ? `query ${fields.opcode}`
        : `act ${flowRule!.opcode}: location ${flowRule!.location}, queue ${flowRule!.action}, type ${flowRule!.type}`,
  },
  'gvnic/CMD-MTU': {
    where: SOURCE,
    text: 'A driver SHOULD set an MTU from 68 to the descriptor’s, and only while there is no queue.',
    advice: 'Destroy the queues, set the MTU, and make them again.',
    on: 'commanded',
    when: is(OPCODE.SET_DRIVER_PARAMETER),
    kept: (k) =>
      k.fields.parameter_type === PARAMETER_MTU &&
      !k.hasQueues &&
      k.fields.parameter_value! >= MTU_LEAST &&
      k.fields.parameter_value! <= k.facts.mtu,
    said: (k) =>
      `${k.fields.parameter_type === PARAMETER_MTU ? 'an MTU' : `parameter ${k.fields.parameter_type}`} of ${k.fields.parameter_value}, of ${k.facts.mtu}${k.hasQueues ? ', while there are queues' : ''}`,
  },
  'gvnic/CMD-LAST': {
    where: SOURCE,
    text: 'A driver SHOULD destroy the queues before it takes the resources back.',
    advice: 'Destroy queues, take lists back, then send DECONFIGURE_DEVICE_RESOURCES, then reset.',
    on: 'commanded',
    when: is(OPCODE.DECONFIGURE_DEVICE_RESOURCES),
    kept: (k) => !k.hasQueues,
    said: () => 'there are queues yet',
  },
} as const satisfies Rules<RequestKnows>;
