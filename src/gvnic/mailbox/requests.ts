import type { Blocks } from '../blocks.ts';
import type { FlowRules } from '../flow-rules.ts';
import { packetTypes } from '../packet-types.ts';
import { COMMAND_STATUS, RSS_TOEPLITZ } from '../registers/admin.ts';
import { RX_BUFFER } from '../registers/gqi.ts';
import * as reg from '../registers/mailbox.ts';
import { MAILBOX_CAPABILITY as CAPABILITY } from '../registers/mailbox.ts';
import { BUFFER_SIZES, type GvnicSettings, JUMBO_MTU, RING, RSS_SIZES } from '../settings.ts';
import type { Steering } from '../steering.ts';
import { doorbellAt } from './doorbells.ts';
import { FlowRuleRequests } from './flow-rule-requests.ts';
import type { MailboxQueues } from './queues.ts';

const { MAILBOX_OPCODE: OPCODE } = reg;
const { PASSED, INVALID_ARGUMENT } = COMMAND_STATUS;
/** Statuses are the lower halves of the admin queue's. */
const HALF = 0xffff;
/** A minute, which is Google's own driver's, and five seconds. */
const [TIMEOUT_MS, WATCHDOG_MS] = [60_000, 5000];
const WORD = 4;
/** Of a list of numbers of queues. */
const IDS_AT = 2;

/** What requests change. */
interface Requested {
  readonly settings: GvnicSettings;
  readonly queues: MailboxQueues;
  readonly steering: Steering;
  readonly flowRules: FlowRules;
  readonly blocks: Blocks;
  readonly wire: { readonly up: boolean };
  /** Mbit/s. */
  readonly speed: number;
}

/** Carries out the requests of a mailbox. */
export class MailboxRequests {
  readonly reply = new Uint8Array(reg.MAILBOX_BUFFER);
  /** Bytes of the last answer. */
  length = 0;
  private readonly card: Requested;
  private readonly flowRules: FlowRuleRequests;

  constructor(card: Requested) {
    this.card = card;
    this.flowRules = new FlowRuleRequests(card.flowRules);
  }

  /** @param body as long as a buffer. @returns a status of 16 bits. */
  run(opcode: number, body: Uint8Array): number {
    this.reply.fill(0);
    this.length = 0;
    return this.carryOut(opcode, body) & HALF;
  }

  private carryOut(opcode: number, body: Uint8Array): number {
    const { queues } = this.card;
    switch (opcode) {
      case OPCODE.NEGOTIATE_CAPABILITIES:
        return this.negotiate(body);
      case OPCODE.GET_INTERRUPT_DBS:
        return this.tellDoorbells(body);
      case OPCODE.GET_PTYPE_MAP:
        return this.answer(packetTypes());
      case OPCODE.REPORT_LINK_STATUS:
        return this.tellLink();
      case OPCODE.CREATE_TX_QUEUES:
        return this.createTransmit(body);
      case OPCODE.CREATE_RX_QUEUES:
        return this.createReceive(body);
      case OPCODE.ENABLE_TX_QUEUES:
        return each(body, (id) => queues.enableTransmit(id));
      case OPCODE.ENABLE_RX_QUEUES:
        return each(body, (id) => queues.enableReceive(id));
      case OPCODE.DESTROY_TX_QUEUES:
        return each(body, (id) => queues.destroyTransmit(id));
      case OPCODE.DESTROY_RX_QUEUES:
        return each(body, (id) => queues.destroyReceive(id));
      case OPCODE.QUERY_RSS:
        return this.tellSteering();
      case OPCODE.CONFIGURE_RSS:
        return this.steer(body);
      case OPCODE.GET_INFO_NIC_TSTAMP_REG:
        return this.offers('NIC_TIMESTAMP') ? this.tellClock() : reg.MAILBOX_STATUS.UNSUPPORTED;
      default:
        return this.carryOutRules(opcode, body);
    }
  }

  private carryOutRules(opcode: number, body: Uint8Array): number {
    if (!this.offers('FLOW_STEERING')) return reg.MAILBOX_STATUS.UNSUPPORTED;
    const answer = this.flowRules.run(opcode, body);
    return typeof answer === 'number' ? answer : this.answer(answer);
  }

  private offers(feature: GvnicSettings['offer'][number]): boolean {
    return this.card.settings.offer.includes(feature);
  }

  private answer(bytes: Uint8Array): number {
    this.reply.set(bytes);
    this.length = bytes.length;
    return PASSED;
  }

  private get capabilities(): bigint {
    return (
      CAPABILITY.DQO_RDA |
      CAPABILITY.HW_GRO |
      (this.offers('FLOW_STEERING') ? CAPABILITY.FLOW_STEERING : 0n) |
      (this.offers('NIC_TIMESTAMP') ? CAPABILITY.NIC_TSTAMP_REG : 0n)
    );
  }

  /** Of its own capabilities the card names those that the driver knows. */
  private negotiate(body: Uint8Array): number {
    const { version, size, caps } = reg.negotiate_request.decode(body);
    if (version !== reg.MAILBOX_VERSION || size < reg.negotiate_request.size) return INVALID_ARGUMENT;
    const { pairs, ringSize, mtu, mac } = this.card.settings;
    const sizes = this.offers('BUFFER_SIZES') ? BUFFER_SIZES : { packet: RX_BUFFER, header: 0 };
    return this.answer(
      reg.negotiate_reply.encode({
        ...{ version, size: reg.negotiate_reply.size, caps: this.capabilities & caps },
        ...{ mailbox_irq_db: doorbellAt('block', 0), vectors: this.card.blocks.count, mac },
        ...{ mailbox_timeout_ms: TIMEOUT_MS, tx_watchdog_ms: WATCHDOG_MS },
        ...{ default_tx_queues: pairs, default_rx_queues: pairs, max_tx_queues: pairs, max_rx_queues: pairs },
        ...{ max_mtu: this.offers('JUMBO_FRAMES') ? JUMBO_MTU : mtu },
        ...{ default_tx_ring: ringSize, default_rx_ring: ringSize },
        ...{ max_tx_ring: RING.most, max_rx_ring: RING.most },
        ...{ min_tx_ring: RING.leastTx, min_rx_ring: RING.leastTx },
        ...{ packet_buffer_size: sizes.packet, header_buffer_size: sizes.header },
        ...{ hash_key_size: RSS_SIZES.key, hash_lut_size: RSS_SIZES.table },
      }),
    );
  }

  private tellDoorbells(body: Uint8Array): number {
    const { first, count } = reg.interrupt_doorbells.decode(body);
    if (first + count > this.card.blocks.count) return INVALID_ARGUMENT;
    const { size } = reg.interrupt_doorbells;
    const bytes = new Uint8Array(size + count * reg.interrupt_doorbell.size);
    reg.interrupt_doorbells.encode({ first, count }, bytes);
    for (let i = 0; i < count; i++) {
      const irq = doorbellAt('block', first + i);
      const at = size + i * reg.interrupt_doorbell.size;
      reg.interrupt_doorbell.encode({ irq, coalescing: irq + WORD }, bytes, at);
    }
    return this.answer(bytes);
  }

  private tellLink(): number {
    const { speed, wire } = this.card;
    return this.answer(reg.link_status.encode({ speed: BigInt(speed), up: wire.up ? 1 : 0 }));
  }

  private tellClock(): number {
    const offset = ({ offset: at }: { readonly offset: number }) => BigInt(reg.MAILBOX_CLOCK_AT + at);
    return this.answer(
      reg.clock_registers.encode({
        ...{ clock_low: offset(reg.CLOCK_LOW), clock_high: offset(reg.CLOCK_HIGH) },
        ...{ counter_low: offset(reg.COUNTER_LOW), counter_high: offset(reg.COUNTER_HIGH) },
        sync: offset(reg.CLOCK_SYNC),
      }),
    );
  }

  private createTransmit(body: Uint8Array): number {
    const { queues } = this.card;
    const all = listOf(body, (at) => reg.mailbox_tx_queue.decode(body, at), reg.mailbox_tx_queue.size);
    const status =
      all &&
      madeOf(
        all,
        (one) => queues.createTransmit(one),
        (id) => queues.destroyTransmit(id),
      );
    return status === PASSED ? this.tellMade(all!, 'transmit') : (status ?? INVALID_ARGUMENT);
  }

  private createReceive(body: Uint8Array): number {
    const { queues } = this.card;
    const all = listOf(body, (at) => reg.mailbox_rx_queue.decode(body, at), reg.mailbox_rx_queue.size);
    const status =
      all &&
      madeOf(
        all,
        (one) => queues.createReceive(one),
        (id) => queues.destroyReceive(id),
      );
    return status === PASSED ? this.tellMade(all!, 'receive') : (status ?? INVALID_ARGUMENT);
  }

  private tellMade(all: readonly { readonly id: number }[], kind: 'transmit' | 'receive'): number {
    const bytes = new Uint8Array(reg.QUEUES_AT + all.length * reg.mailbox_queue_made.size);
    new DataView(bytes.buffer).setUint16(0, all.length, true);
    for (const [i, { id }] of all.entries())
      reg.mailbox_queue_made.encode(
        { id, tail_db: doorbellAt(kind, id) },
        bytes,
        reg.QUEUES_AT + i * reg.mailbox_queue_made.size,
      );
    return this.answer(bytes);
  }

  private tellSteering(): number {
    const { types, key } = this.card.steering;
    const table = this.card.steering.tableOf(RSS_SIZES.table, this.card.queues.receiving);
    const { size } = reg.mailbox_rss;
    const bytes = new Uint8Array(size + table.length * WORD);
    const head = { hash_types: types, hash_alg: RSS_TOEPLITZ, hash_key_size: key.length };
    reg.mailbox_rss.encode({ ...head, hash_lut_size: table.length }, bytes);
    bytes.set(key, reg.mailbox_rss.offset.key);
    const words = new DataView(bytes.buffer, size);
    for (const [i, queue] of table.entries()) words.setUint32(i * WORD, queue, true);
    return this.answer(bytes);
  }

  private steer(body: Uint8Array): number {
    const { hash_types, hash_alg, hash_key_size, hash_lut_size: entries, key } = reg.mailbox_rss.decode(body);
    const { size } = reg.mailbox_rss;
    if (hash_alg > RSS_TOEPLITZ || hash_key_size > key.length) return INVALID_ARGUMENT;
    if (size + entries * WORD > body.length) return INVALID_ARGUMENT;
    const words = new DataView(body.buffer, size);
    const table = Uint32Array.from({ length: entries }, (_, i) => words.getUint32(i * WORD, true));
    this.card.steering.set(hash_types, key.slice(0, hash_key_size), table);
    return PASSED;
  }
}

/** Queues behind a count; null for more than fit. */
function listOf<Queue>(body: Uint8Array, decode: (at: number) => Queue, size: number): Queue[] | null {
  const count = countOf(body);
  if (reg.QUEUES_AT + count * size > body.length) return null;
  return Array.from({ length: count }, (_, i) => decode(reg.QUEUES_AT + i * size));
}

/** Makes all of them, or none. */
function madeOf<Queue extends { readonly id: number }>(
  all: readonly Queue[],
  create: (queue: Queue) => number,
  destroy: (id: number) => void,
): number {
  for (const [i, queue] of all.entries()) {
    const status = create(queue);
    if (status === PASSED) continue;
    for (const { id } of all.slice(0, i)) destroy(id);
    return status;
  }
  return PASSED;
}

/** Does it with every number of a list. @returns the first status that is not PASSED. */
function each(body: Uint8Array, act: (id: number) => number): number {
  const count = countOf(body);
  if (IDS_AT + 2 * count > body.length) return INVALID_ARGUMENT;
  const view = new DataView(body.buffer);
  let first: number = PASSED;
  for (let i = 0; i < count; i++) {
    const status = act(view.getUint16(IDS_AT + 2 * i, true));
    if (first === PASSED) first = status;
  }
  return first;
}

function countOf(body: Uint8Array): number {
  return body[0]! | (body[1]! << 8);
}
