import type { GvnicEvents } from '../../gvnic/events.ts';
import * as admin from '../../gvnic/registers/admin.ts';
import { type Script, scripts } from '../script.proof.ts';
import type { GVNIC_REQUESTS } from './requests.ts';
import {
  FLOW_RULES,
  give,
  makeWatch,
  NOTHING,
  NOWHERE,
  prepared,
  TABLE,
  transmitQueue,
} from './script-rig.proof.ts';

const { OPCODE } = admin;
type Fields = Parameters<typeof give>[3];

/** A command that differs in fields, and one that does not. */
function differing(
  opcode: number,
  body: Parameters<typeof give>[2],
  right: Fields,
  wrong: Fields,
): Script<GvnicEvents> {
  return {
    breaks: (events) => give(events, opcode, body, { ...right, ...wrong }),
    keeps: (events) => give(events, opcode, body, right),
  };
}

const described = { descriptor_addr: 0x1000n, version: 1, available_length: 4096 };
const describes = (events: GvnicEvents) =>
  give(events, OPCODE.DESCRIBE_DEVICE, admin.describe_device, described);
const verifies = (events: GvnicEvents) =>
  give(events, OPCODE.VERIFY_DRIVER_COMPATIBILITY, admin.memory_area, { length: 304n, addr: 0x1000n });
const ruled = (events: GvnicEvents, at: number) => {
  const fields = { inner_opcode: 0x101, inner_length: 92, inner_command_addr: BigInt(at) };
  give(events, OPCODE.EXTENDED_COMMAND, admin.extended_command, fields);
};
const deconfigures = (events: GvnicEvents) => give(events, OPCODE.DECONFIGURE_DEVICE_RESOURCES, NOTHING, {});

export const GVNIC_REQUEST_PROOFS = scripts<GvnicEvents, keyof typeof GVNIC_REQUESTS>(makeWatch, {
  'gvnic/AQ-WHOLE': {
    breaks: (events) => give(events, 0, NOTHING, {}),
    keeps: verifies,
  },
  'gvnic/CMD-AREA': differing(
    OPCODE.REPORT_LINK_SPEED,
    admin.report_link_speed,
    { link_speed_address: 8n },
    { link_speed_address: BigInt(NOWHERE) },
  ),
  'gvnic/CMD-DESCRIBE': differing(OPCODE.DESCRIBE_DEVICE, admin.describe_device, described, { version: 2 }),
  'gvnic/CMD-VERIFY': {
    breaks: (events) => {
      describes(events);
      verifies(events);
    },
    keeps: (events) => {
      verifies(events);
      describes(events);
    },
  },
  'gvnic/CMD-STATS': differing(
    OPCODE.REPORT_STATS,
    admin.report_stats,
    { stats_report_len: 24n, stats_report_addr: 0x1000n },
    { stats_report_len: 25n },
  ),
  'gvnic/CMD-RSS': differing(
    OPCODE.CONFIGURE_RSS,
    admin.configure_rss,
    { hash_key_size: 40, hash_key_addr: 0x1000n, hash_lut_size: 1, hash_lut_addr: BigInt(TABLE) },
    { hash_lut_size: 2 },
  ),
  'gvnic/CMD-INNER': differing(
    OPCODE.EXTENDED_COMMAND,
    admin.extended_command,
    { inner_opcode: 0x101, inner_length: 92, inner_command_addr: BigInt(FLOW_RULES.right) },
    { inner_length: 88 },
  ),
  'gvnic/CMD-FLOW': {
    breaks: (events) => ruled(events, FLOW_RULES.wrong),
    keeps: (events) => ruled(events, FLOW_RULES.right),
  },
  'gvnic/CMD-MTU': differing(
    OPCODE.SET_DRIVER_PARAMETER,
    admin.set_driver_parameter,
    { parameter_type: 1, parameter_value: 1400n },
    { parameter_value: 1461n },
  ),
  'gvnic/CMD-LAST': {
    breaks: (events) => {
      prepared(events);
      transmitQueue(events);
      deconfigures(events);
    },
    keeps: (events) => {
      prepared(events);
      deconfigures(events);
    },
  },
});
