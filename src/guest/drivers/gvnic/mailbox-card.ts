import { bdfText, type Gpa, macText } from '../../../core/bits.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import type { Struct } from '../../../core/struct.ts';
import {
  FLOW_TYPE,
  flow_rule as flow_rule_be,
  PAGE,
  RAW_ADDRESSING,
} from '../../../gvnic/registers/admin.ts';
import { GVNIC_BAR } from '../../../gvnic/registers/bar0.ts';
import {
  dqo_rx_buffer,
  dqo_rx_completion,
  dqo_tx_completion,
  dqo_tx_pkt_desc,
} from '../../../gvnic/registers/dqo.ts';
import { RX_BUFFER } from '../../../gvnic/registers/gqi.ts';
import * as reg from '../../../gvnic/registers/mailbox.ts';
import { COMMAND } from '../../../pci/registers.ts';
import { disable, enable } from '../../pci/config.ts';
import { MsixDriver } from '../../pci/msix.ts';
import { BlockInterrupts } from './blocks.ts';
import { addressOf, type Card, type GvnicUse, type Listener } from './card.ts';
import { DqoReceiveDriver, DqoTransmitDriver } from './dqo.ts';
import { type GvnicFlowRule, keyOf, maskOf } from './flow-rules.ts';
import { MailboxDriver } from './mailbox.ts';
import { LentMemory } from './memory.ts';
import type { DriverPair } from './queues.ts';
import { Board } from './rings.ts';

const { MEMORY_SPACE, BUS_MASTER } = COMMAND.mask;
const { MAILBOX_OPCODE: OPCODE, MAILBOX_CAPABILITY: CAPABILITY } = reg;
const flow_rule = flow_rule_be.in('le');
/** The vector of the mailbox; those of queues follow. */
const OWN = 0;
const WORD = 4;
const HIGH = 0x1_0000_0000n;
/** Pages of each transmit queue, and halves of pages of each receive queue. */
const [SENT, RECEIVED] = [128, 128];
/** As many rules as are asked for at once. */
const RULES = 64;

type Negotiated = ReturnType<typeof reg.negotiate_reply.decode>;

/** From the reset to queues with buffers, in the order of Google's driver. */
export function bringUpMailbox(port: GuestPort, bdf: number, use: GvnicUse, listener: Listener): Card {
  enable(port, bdf, MEMORY_SPACE | BUS_MASTER);
  const lent = new LentMemory(port);
  const base = addressOf(port, bdf, GVNIC_BAR.registers);
  const mailbox = new MailboxDriver(lent, `gvnic ${bdfText(bdf)}`, base, () => listener.changed());
  const card = negotiate(mailbox);
  const pairs = Math.min(use.pairs ?? 1, card.max_tx_queues);
  const msix = MsixDriver.of(port, bdf) ?? mailbox.fail('it has no MSI-X');
  if (msix.vectors < 2 * pairs + 1) mailbox.fail('it has too few vectors');
  const polled = use.interrupts === 'polled';
  if (!polled) msix.start();
  const blocks = readDoorbells(mailbox, 2 * pairs);
  mailbox.must(OPCODE.GET_PTYPE_MAP);
  const board = new Board(port, base, { array: 0, counters: 0 }, true);
  const queues = makeQueues(mailbox, lent, board, pairs, card.default_tx_ring);
  const interrupts = polled ? null : new BlockInterrupts(port, msix);
  const own = card.mailbox_irq_db / WORD;
  interrupts?.serve(board, OWN, own, true, () => {
    mailbox.poll();
    listener.changed();
  });
  interrupts?.serveAll(board, queues, { blocks, first: 1, isDqo: true }, listener);
  return cardOf({ port, bdf, mailbox, lent, card, pairs: queues, interrupts });
}

/** What is behind a card in use. */
interface Behind {
  readonly port: GuestPort;
  readonly bdf: number;
  readonly mailbox: MailboxDriver;
  readonly lent: LentMemory;
  readonly card: Negotiated;
  readonly pairs: readonly DriverPair[];
  readonly interrupts: BlockInterrupts | null;
}

function cardOf(behind: Behind): Card {
  const { mailbox, card, pairs, interrupts } = behind;
  const isUp = () => reg.link_status.decode(mailbox.must(OPCODE.REPORT_LINK_STATUS)).up !== 0;
  return {
    ...{ format: 'DQO_RDA', formats: ['DQO_RDA'], mac: macText(card.mac), mtu: card.max_mtu },
    ...{ pairs, interrupts },
    poll: () => mailbox.poll(),
    isLinkUp: isUp,
    wantsReset: () => mailbox.isLost,
    addFlowRule: (rule) => addRule(mailbox, rule),
    removeFlowRule: (location) => void mailbox.must(OPCODE.DEL_FLOW_RULE, wordsOf(location)),
    flowRules: () => ruleIds(mailbox),
    time: () => readTime(mailbox),
    speed: () => Number(asks(mailbox, OPCODE.REPORT_LINK_STATUS, reg.link_status).speed),
    // This form has none; and the table stays as it is.
    reportStatistics: () => undefined,
    spread: () => false,
    takeDown: () => takeDown(behind),
    fail: (what) => mailbox.fail(what),
  };
}

function negotiate(mailbox: MailboxDriver): Negotiated {
  const { size } = reg.negotiate_request;
  const caps = CAPABILITY.DQO_RDA | CAPABILITY.FLOW_STEERING | CAPABILITY.NIC_TSTAMP_REG | CAPABILITY.HW_GRO;
  const request = reg.negotiate_request.encode({ version: reg.MAILBOX_VERSION, size, caps });
  const answer = mailbox.must(OPCODE.NEGOTIATE_CAPABILITIES, request, reg.negotiate_reply.size);
  const card = reg.negotiate_reply.decode(answer);
  if ((card.caps & CAPABILITY.DQO_RDA) === 0n) mailbox.fail('it does not offer DQO_RDA');
  return card;
}

/** The answer to a request without arguments. */
function asks<T extends Struct>(mailbox: MailboxDriver, opcode: number, answer: T): ReturnType<T['decode']> {
  return answer.decode(mailbox.must(opcode, undefined, answer.size)) as ReturnType<T['decode']>;
}

/** Indices of the doorbells of blocks, from the first queue's on. */
function readDoorbells(mailbox: MailboxDriver, count: number): readonly number[] {
  const request = reg.interrupt_doorbells.encode({ first: 1, count });
  const { size } = reg.interrupt_doorbell;
  const at = (i: number) => reg.interrupt_doorbells.size + i * size;
  const answer = mailbox.must(OPCODE.GET_INTERRUPT_DBS, request, at(count));
  return Array.from({ length: count }, (_, i) => reg.interrupt_doorbell.decode(answer, at(i)).irq / WORD);
}

/** Makes queues, and enables them, receive queues first; buffers last. */
function makeQueues(
  mailbox: MailboxDriver,
  lent: LentMemory,
  board: Board,
  pairs: number,
  entries: number,
): readonly DriverPair[] {
  const ring = (size: number) => lent.allocate(entries * size, PAGE);
  const rings = Array.from({ length: pairs }, () => ({
    transmit: { posted: ring(dqo_tx_pkt_desc.size), completions: ring(dqo_tx_completion.size), entries },
    receive: { posted: ring(dqo_rx_buffer.size), completions: ring(dqo_rx_completion.size), entries },
  }));
  const sent = create(mailbox, OPCODE.CREATE_TX_QUEUES, rings, ({ transmit }, id) =>
    reg.mailbox_tx_queue.encode({
      ...{ id, vector: 1 + id, queue_page_list_id: RAW_ADDRESSING },
      ...{ ring: BigInt(transmit.posted), completion_ring: BigInt(transmit.completions) },
      ...{ ring_size: entries, completion_ring_size: entries },
    }),
  );
  const received = create(mailbox, OPCODE.CREATE_RX_QUEUES, rings, ({ receive }, id) =>
    reg.mailbox_rx_queue.encode({
      ...{ id, vector: 1 + pairs + id, queue_page_list_id: RAW_ADDRESSING, flags: 1 },
      ...{ completion_ring: BigInt(receive.completions), buffer_ring: BigInt(receive.posted) },
      ...{ completion_ring_size: entries, buffer_ring_size: entries, packet_buffer_size: RX_BUFFER },
    }),
  );
  for (const doorbell of [...received, ...sent]) board.ring(doorbell, 0);
  const ids = rings.map((_, id) => id);
  mailbox.must(OPCODE.ENABLE_RX_QUEUES, halvesOf(pairs, ...ids));
  mailbox.must(OPCODE.ENABLE_TX_QUEUES, halvesOf(pairs, ...ids));
  const pages = (count: number): Gpa[] => Array.from({ length: count }, () => lent.allocate(PAGE, PAGE));
  return rings.map(({ transmit, receive }, id) => {
    const half = pages(Math.min(entries / 2, RECEIVED) / 2);
    const receiver = new DqoReceiveDriver(board, receive, { doorbell: received[id]!, counter: 0 }, half);
    receiver.fill();
    const placed = { doorbell: sent[id]!, counter: 0 };
    return { transmit: new DqoTransmitDriver(board, transmit, placed, pages(SENT)), receive: receiver };
  });
}

/** @returns the doorbell of each, as an index of words. */
function create<Rings>(
  mailbox: MailboxDriver,
  opcode: number,
  rings: readonly Rings[],
  encode: (rings: Rings, id: number) => Uint8Array,
): readonly number[] {
  const all = rings.map(encode);
  const body = new Uint8Array(reg.QUEUES_AT + all.length * all[0]!.length);
  body.set(halvesOf(all.length));
  for (const [i, bytes] of all.entries()) body.set(bytes, reg.QUEUES_AT + i * bytes.length);
  const { size } = reg.mailbox_queue_made;
  const answer = mailbox.must(opcode, body, reg.QUEUES_AT + all.length * size);
  return all.map((_, i) => reg.mailbox_queue_made.decode(answer, reg.QUEUES_AT + i * size).tail_db / WORD);
}

/** After a reset by its host there is nothing to take back. */
function takeDown({ port, bdf, mailbox, pairs, interrupts, lent }: Behind): void {
  if (!mailbox.isLost) {
    const ids = pairs.map((_, id) => id);
    mailbox.must(OPCODE.DESTROY_RX_QUEUES, halvesOf(ids.length, ...ids));
    mailbox.must(OPCODE.DESTROY_TX_QUEUES, halvesOf(ids.length, ...ids));
  }
  mailbox.reset();
  interrupts?.close();
  disable(port, bdf, BUS_MASTER);
  lent.release();
}

function addRule(mailbox: MailboxDriver, rule: GvnicFlowRule): void {
  const { location, type, queue } = rule;
  const fields = { flow_type: FLOW_TYPE[type], action: queue, key: keyOf(rule), mask: maskOf(rule) };
  const body = new Uint8Array(WORD + flow_rule.size);
  body.set(wordsOf(location));
  flow_rule.encode(fields, body, WORD);
  mailbox.must(OPCODE.ADD_FLOW_RULE, body);
}

function ruleIds(mailbox: MailboxDriver): readonly number[] {
  const ids: number[] = [];
  for (let more = true; more; ) {
    const answer = mailbox.must(OPCODE.QUERY_FLOW_RULE_IDS, wordsOf((ids.at(-1) ?? -1) + 1, RULES), WORD);
    const view = new DataView(answer.buffer, answer.byteOffset, answer.length);
    const count = view.getUint32(0, true);
    if (WORD * (1 + count) > answer.length) mailbox.fail(`it has ${count} rules in ${answer.length} bytes`);
    for (let i = 1; i <= count; i++) ids.push(view.getUint32(i * WORD, true));
    more = count > 0;
  }
  return ids;
}

/** The device keeps its time for reading. */
function readTime(mailbox: MailboxDriver): bigint {
  const clock = asks(mailbox, OPCODE.GET_INFO_NIC_TSTAMP_REG, reg.clock_registers);
  mailbox.writeAt(Number(clock.sync), reg.CLOCK_SYNC.mask.SYNC);
  const high = mailbox.readAt(Number(clock.clock_high));
  return BigInt(high) * HIGH + BigInt(mailbox.readAt(Number(clock.clock_low)));
}

function wordsOf(...numbers: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(WORD * numbers.length));
  for (const [i, number] of numbers.entries()) view.setUint32(WORD * i, number, true);
  return new Uint8Array(view.buffer);
}

function halvesOf(...numbers: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * numbers.length));
  for (const [i, number] of numbers.entries()) view.setUint16(2 * i, number, true);
  return new Uint8Array(view.buffer);
}
