import type { Clock } from '../../core/clock.ts';
import type { GuestMemory } from '../../core/memory.ts';
import type { LateCompletions } from '../dqo/late-completions.ts';
import type { FlowRules } from '../flow-rules.ts';
import { packetTypes } from '../packet-types.ts';
import {
  CAPABILITY,
  COMMAND_STATUS,
  DESCRIPTOR_VERSION,
  describe_device,
  destroy_queue,
  driver_info,
  memory_area,
  nic_timestamp,
  OPCODE,
  PARAMETER_MTU,
  report_link_speed,
  set_driver_parameter,
  unregister_page_list,
} from '../registers/admin.ts';
import { type GvnicSettings, isDqo, JUMBO_MTU, RSS_SIZES } from '../settings.ts';
import type { Statistics } from '../statistics.ts';
import type { Steering } from '../steering.ts';
import { describeCard } from './descriptor.ts';
import { executeExtended, queryFlowRules } from './flow-rule-commands.ts';
import type { Queues } from './queues.ts';
import type { Resources } from './resources.ts';

const { PASSED, FAILED_PRECONDITION, INVALID_ARGUMENT, UNIMPLEMENTED } = COMMAND_STATUS;
const MTU_LEAST = 68;
const SPEED_BYTES = 8;

/** What commands change. */
interface Commanded {
  readonly memory: GuestMemory;
  readonly settings: GvnicSettings;
  readonly resources: Resources;
  readonly queues: Queues;
  readonly steering: Steering;
  readonly flowRules: FlowRules;
  readonly clock: Clock;
  readonly statistics: Statistics;
  readonly late: LateCompletions | null;
  /** Mbit/s. */
  readonly speed: number;
}

/** Carries out a command of the admin queue. @returns its status. */
export function execute(card: Commanded, opcode: number, payload: Uint8Array): number {
  const { queues, resources, steering, statistics } = card;
  switch (opcode) {
    case OPCODE.DESCRIBE_DEVICE:
      return describeTo(card, payload);
    case OPCODE.CONFIGURE_DEVICE_RESOURCES:
      return resources.configure(payload);
    case OPCODE.REGISTER_PAGE_LIST:
      return needsResources(card, () => queues.pageLists.register(payload));
    case OPCODE.UNREGISTER_PAGE_LIST:
      return queues.pageLists.unregister(unregister_page_list.decode(payload).page_list_id);
    case OPCODE.CREATE_TX_QUEUE:
      return needsResources(card, () => queues.createTransmit(payload));
    case OPCODE.CREATE_RX_QUEUE:
      return needsResources(card, () => queues.createReceive(payload));
    case OPCODE.DESTROY_TX_QUEUE:
      return queues.destroyTransmit(destroy_queue.decode(payload).queue_id);
    case OPCODE.DESTROY_RX_QUEUE:
      return queues.destroyReceive(destroy_queue.decode(payload).queue_id);
    case OPCODE.DECONFIGURE_DEVICE_RESOURCES:
      return needsResources(card, () => deconfigure(card));
    case OPCODE.SET_DRIVER_PARAMETER:
      return setParameter(card, payload);
    case OPCODE.REPORT_STATS:
      return statistics.configure(payload);
    case OPCODE.REPORT_LINK_SPEED:
      return reportSpeed(card, payload);
    case OPCODE.VERIFY_DRIVER_COMPATIBILITY:
      return verify(card, payload);
    case OPCODE.CONFIGURE_RSS:
      return hasRss(card) ? steering.configure(payload) : UNIMPLEMENTED;
    case OPCODE.QUERY_RSS:
      return hasRss(card) ? steering.query(payload, RSS_SIZES.table, queues.receiving) : UNIMPLEMENTED;
    case OPCODE.EXTENDED_COMMAND:
      return hasRules(card, () => executeExtended(card.memory, card.flowRules, payload));
    case OPCODE.QUERY_FLOW_RULES:
      return hasRules(card, () => queryFlowRules(card.memory, card.flowRules, payload));
    case OPCODE.REPORT_NIC_TIMESTAMP:
      return card.settings.offer.includes('NIC_TIMESTAMP') ? reportTime(card, payload) : UNIMPLEMENTED;
    case OPCODE.GET_PTYPE_MAP:
      return hasDqo(card) ? writePacketTypes(card, payload) : UNIMPLEMENTED;
    default:
      return UNIMPLEMENTED;
  }
}

function needsResources({ resources }: Commanded, act: () => number): number {
  return resources.format === null ? FAILED_PRECONDITION : act();
}

function hasDqo({ resources }: Commanded): boolean {
  return resources.format !== null && isDqo(resources.format);
}

/** Drivers of DQO rings set the table whether or not the option is there. */
function hasRss(card: Commanded): boolean {
  return card.settings.offer.includes('RSS_CONFIG') || hasDqo(card);
}

function hasRules(card: Commanded, act: () => number): number {
  return card.settings.offer.includes('FLOW_STEERING') ? needsResources(card, act) : UNIMPLEMENTED;
}

function describeTo({ memory, settings }: Commanded, payload: Uint8Array): number {
  const { descriptor_addr, version, available_length } = describe_device.decode(payload);
  const reply = describeCard(settings, available_length);
  if (version !== DESCRIPTOR_VERSION || available_length < reply.length) return INVALID_ARGUMENT;
  return memory.write(Number(descriptor_addr), reply) ? PASSED : INVALID_ARGUMENT;
}

/** Any driver will do; of what it knows one thing matters. */
function verify({ memory, late }: Commanded, payload: Uint8Array): number {
  const { length, addr } = memory_area.decode(payload);
  const info = length < driver_info.size ? null : memory.slice(Number(addr), driver_info.size);
  if (info === null || late === null) return PASSED;
  const { driver_capability_flags1: known } = driver_info.decode(info);
  late.knowsAlternate = (Number(known & 0xffn) & CAPABILITY.ALT_MISS_COMPL) !== 0;
  return PASSED;
}

function deconfigure({ queues, resources, statistics }: Commanded): number {
  queues.destroyAll();
  statistics.stop();
  resources.reset();
  return PASSED;
}

function setParameter({ settings }: Commanded, payload: Uint8Array): number {
  const { parameter_type, parameter_value } = set_driver_parameter.decode(payload);
  if (parameter_type !== PARAMETER_MTU) return INVALID_ARGUMENT;
  const most = settings.offer.includes('JUMBO_FRAMES') ? JUMBO_MTU : settings.mtu;
  return parameter_value >= MTU_LEAST && parameter_value <= most ? PASSED : INVALID_ARGUMENT;
}

function reportSpeed({ memory, speed }: Commanded, payload: Uint8Array): number {
  const to = Number(report_link_speed.decode(payload).link_speed_address);
  const answer = new Uint8Array(SPEED_BYTES);
  new DataView(answer.buffer).setBigUint64(0, BigInt(speed), false);
  return memory.write(to, answer) ? PASSED : INVALID_ARGUMENT;
}

/** The card's clock is virtual time, as is the processor's counter, of which each nanosecond is a cycle here. */
function reportTime({ memory, clock }: Commanded, payload: Uint8Array): number {
  const { length, addr } = memory_area.decode(payload);
  if (length < nic_timestamp.size) return INVALID_ARGUMENT;
  const now = BigInt(Math.floor(clock.now));
  const answer = nic_timestamp.encode({ nic_timestamp: now, pre_cycles: now, post_cycles: now });
  return memory.write(Number(addr), answer) ? PASSED : INVALID_ARGUMENT;
}

function writePacketTypes({ memory }: Commanded, payload: Uint8Array): number {
  const { length, addr } = memory_area.decode(payload);
  const table = packetTypes();
  if (length < table.length) return INVALID_ARGUMENT;
  return memory.write(Number(addr), table) ? PASSED : INVALID_ARGUMENT;
}
