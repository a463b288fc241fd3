import { bytesText, hex } from '../../core/bits.ts';
import type { GuestMemory } from '../../core/memory.ts';
import type { Register } from '../../core/register.ts';
import { FLOW_RULE_ACT, flow_rule as flow_rule_be, OPCODE } from '../../gvnic/registers/admin.ts';
import { QUEUE_FORMAT } from '../../gvnic/registers/descriptor.ts';
import * as reg from '../../gvnic/registers/mailbox.ts';
import type { RegisterForm } from './bring-up.ts';
import { CardState } from './card-state.ts';
import type { Fields, FlowRuleCommand } from './command-fields.ts';
import { CommandWatch } from './command-watch.ts';
import { isLendable } from './facts.ts';

const { MAILBOX_OPCODE } = reg;
const flow_rule = flow_rule_be.in('le');
const WORD = 4;
/** The table behind the key; of a list of numbers of queues, where that begins; and a vector that is none. */
const [TABLE_AT, IDS_AT, NO_VECTOR] = [reg.mailbox_rss.size, 2, 0xffff];
/** None of the admin queue's. */
const OTHER = 0xf0;
const { RD, BUF } = reg.MAILBOX_FLAGS.mask;
const WHOLE = BUF | RD;
const OPCODES: readonly number[] = Object.values(MAILBOX_OPCODE);
const HIGH = 0x1_0000_0000;
const CREATES: readonly number[] = [OPCODE.CREATE_TX_QUEUE, OPCODE.CREATE_RX_QUEUE];

/** What a request of a mailbox asks for, as a command of the admin queue has it. */
interface Asked {
  readonly opcode: number;
  readonly fields: Fields;
  readonly table: readonly number[] | null;
  readonly flowRule: FlowRuleCommand | null;
}

/** The registers of a card with a mailbox: in its BAR there may be others, of which nothing is known. */
export const MAILBOX_FORM: RegisterForm = {
  reaching: [reg.RX_LENGTH, reg.TX_LENGTH, reg.RX_TAIL, reg.TX_TAIL] as readonly Register[],
  isWhole: false,
  awaited: (register, value) =>
    register === (reg.RESET_CONTROL as Register) && (value & reg.RESET_CONTROL.mask.RESET) !== 0
      ? (reg.RESET_STATUS as Register)
      : null,
  isOver: (_register, value) => (value & reg.RESET_STATUS.mask.DONE) !== 0,
};

/** Watches requests of a mailbox: each of the queues that one names is as in a command of its own. */
export class MailboxCommandWatch extends CommandWatch {
  private asked: readonly Asked[] = [];

  requested(opcode: number, body: Uint8Array): void {
    this.asked = commandsOf(opcode, body);
  }

  replied(_opcode: number, status: number): void {
    for (const { opcode, fields, table, flowRule } of this.asked) {
      this.opcode = opcode;
      this.fields = fields;
      this.areas = [];
      if (CREATES.includes(opcode)) this.readMemory(opcode);
      this.flowRule = flowRule;
      this.table = table ?? [];
      if (opcode !== OPCODE.GET_PTYPE_MAP) this.on.commanded.tell(this);
      this.answered(opcode, status);
    }
    this.asked = [];
  }

  /** It needs no resources before queues. */
  protected override fresh(): CardState {
    const state = new CardState();
    state.isConfigured = true;
    state.blocks = 2 * this.facts.pairs;
    state.format = QUEUE_FORMAT.DQO_RDA;
    return state;
  }
}

function commandsOf(opcode: number, body: Uint8Array): readonly Asked[] {
  switch (opcode) {
    case MAILBOX_OPCODE.CREATE_TX_QUEUES:
      return queuesIn(body, reg.mailbox_tx_queue.size).map((at) =>
        asked(OPCODE.CREATE_TX_QUEUE, transmitOf(body, at)),
      );
    case MAILBOX_OPCODE.CREATE_RX_QUEUES:
      return queuesIn(body, reg.mailbox_rx_queue.size).map((at) =>
        asked(OPCODE.CREATE_RX_QUEUE, receiveOf(body, at)),
      );
    case MAILBOX_OPCODE.DESTROY_TX_QUEUES:
      return idsOf(body).map((queue_id) => asked(OPCODE.DESTROY_TX_QUEUE, { queue_id }));
    case MAILBOX_OPCODE.DESTROY_RX_QUEUES:
      return idsOf(body).map((queue_id) => asked(OPCODE.DESTROY_RX_QUEUE, { queue_id }));
    case MAILBOX_OPCODE.GET_PTYPE_MAP:
      return [asked(OPCODE.GET_PTYPE_MAP, { addr: 0, length: 0 })];
    case MAILBOX_OPCODE.CONFIGURE_RSS:
      return [spread(body)];
    case MAILBOX_OPCODE.ADD_FLOW_RULE:
    case MAILBOX_OPCODE.DEL_FLOW_RULE:
      return [{ ...asked(OTHER, {}), flowRule: ruleIn(opcode, body) }];
    default:
      return [];
  }
}

/** The numbers of queues in a request. */
export function idsOf(body: Uint8Array): readonly number[] {
  const view = viewOf(body);
  const room = (body.length - IDS_AT) >> 1;
  return Array.from({ length: Math.min(view.getUint16(0, true), room) }, (_, i) =>
    view.getUint16(IDS_AT + 2 * i, true),
  );
}

function asked(opcode: number, fields: Fields): Asked {
  return { opcode, fields, table: null, flowRule: null };
}

function viewOf(body: Uint8Array): DataView {
  return new DataView(body.buffer, body.byteOffset, body.length);
}

function queuesIn(body: Uint8Array, size: number): readonly number[] {
  const room = Math.floor((body.length - reg.QUEUES_AT) / size);
  const count = Math.min(viewOf(body).getUint16(0, true), room);
  return Array.from({ length: count }, (_, i) => reg.QUEUES_AT + i * size);
}

/** Blocks are the vectors behind that of the mailbox. */
function blockOf(vector: number): Fields {
  return vector === NO_VECTOR ? {} : { ntfy_id: vector - 1 };
}

function transmitOf(body: Uint8Array, at: number): Fields {
  const queue = reg.mailbox_tx_queue.decode(body, at);
  return {
    queue_id: queue.id,
    ...blockOf(queue.vector),
    queue_page_list_id: queue.queue_page_list_id,
    tx_ring_addr: Number(queue.ring),
    tx_comp_ring_addr: Number(queue.completion_ring),
    tx_ring_size: queue.ring_size,
    tx_comp_ring_size: queue.completion_ring_size,
  };
}

function receiveOf(body: Uint8Array, at: number): Fields {
  const queue = reg.mailbox_rx_queue.decode(body, at);
  return {
    queue_id: queue.id,
    ...blockOf(queue.vector),
    queue_page_list_id: queue.queue_page_list_id,
    rx_desc_ring_addr: Number(queue.completion_ring),
    rx_data_ring_addr: Number(queue.buffer_ring),
    rx_ring_size: queue.completion_ring_size,
    rx_buff_ring_size: queue.buffer_ring_size,
    packet_buffer_size: queue.packet_buffer_size,
    header_buffer_size: queue.header_buffer_size,
    enable_rsc: queue.flags & 1,
  };
}

function spread(body: Uint8Array): Asked {
  const view = viewOf(body);
  const { hash_alg, hash_key_size, hash_lut_size } = reg.mailbox_rss.decode(body);
  const room = Math.floor((body.length - TABLE_AT) / WORD);
  const table = Array.from({ length: Math.min(hash_lut_size, room) }, (_, i) =>
    view.getUint32(TABLE_AT + i * WORD, true),
  );
  return { ...asked(OPCODE.CONFIGURE_RSS, { hash_alg, hash_key_size, hash_lut_size }), table };
}

function ruleIn(opcode: number, body: Uint8Array): FlowRuleCommand {
  const location = viewOf(body).getUint32(0, true);
  const { flow_type: type, action, mask } = flow_rule.decode(body.slice(), WORD);
  const act = opcode === MAILBOX_OPCODE.ADD_FLOW_RULE ? FLOW_RULE_ACT.ADD : FLOW_RULE_ACT.DELETE;
  return { opcode: act, location, type, action, mask };
}

/** What is wrong with the slot of a request; null for nothing. */
export function faultIn(
  { flags, destination, length, opcode, addr_high, addr_low }: ReturnType<typeof reg.mailbox_desc.decode>,
  slot: number,
  memory: GuestMemory,
): string | null {
  const was = `slot ${slot} was posted`;
  if ((flags & WHOLE) !== WHOLE) return `${was} with flags ${hex(flags, 4)}`;
  if (destination !== reg.MAILBOX_DESTINATION) return `${was} to destination ${hex(destination, 4)}`;
  if (!OPCODES.includes(opcode)) return `${was} with opcode ${hex(opcode, 8)}`;
  const address = addr_high * HIGH + addr_low;
  if (isLendable(memory, address, length)) return null;
  return `the body of slot ${slot}, ${bytesText(length)} at ${hex(address, 8)}, is no RAM`;
}

/** The same of the body of the first request, by which both sides say what they know. */
export function faultInFirst(body: Uint8Array): string | null {
  const all = new Uint8Array(Math.max(body.length, reg.negotiate_request.size));
  all.set(body);
  const { version, size } = reg.negotiate_request.decode(all);
  if (version === reg.MAILBOX_VERSION && size === reg.negotiate_request.size) return null;
  return `version ${version} was sent with a size of ${size}, where version ${reg.MAILBOX_VERSION} has ${reg.negotiate_request.size}`;
}
