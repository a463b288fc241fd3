import type { Random } from '../../core/random.ts';
import {
  adminq_command,
  COMMAND_STATUS,
  create_rx_queue,
  create_tx_queue,
  describe_device,
  OPCODE,
  queue_resources,
} from '../../gvnic/registers/admin.ts';
import * as reg from '../../gvnic/registers/bar0.ts';
import { device_descriptor, device_option } from '../../gvnic/registers/descriptor.ts';
import {
  DQO_RX_LENGTH,
  DQO_TX_COMPLETION,
  dqo_rx_completion,
  dqo_tx_completion,
} from '../../gvnic/registers/dqo.ts';
import { gqi_rx_desc, RX_FLAGS } from '../../gvnic/registers/gqi.ts';
import type { MachineOptions } from '../../machine/options.ts';
import type { HardId } from '../../rules/hard.ts';
import type { Words } from '../broken/card-words.ts';
import type { CardAnswer, CardLie, Lie } from './lie.ts';

const PAYLOAD = adminq_command.offset.payload;
const { status: STATUS } = adminq_command.offset;
const { INTERNAL, DEADLINE_EXCEEDED, PERMISSION_DENIED, UNSET } = COMMAND_STATUS;
const ONES = 0xffff_ffff;
const HALF = 0xffff;
/** Beyond any buffer. */
const TOO_LONG = 0x3fff;
const { GENERATION } = DQO_RX_LENGTH.mask;
const { length: LENGTH, buf_id: BUFFER } = dqo_rx_completion.offset;
const { len: LEN, flags_seq: FLAGS } = gqi_rx_desc.offset;

type Lied = Required<CardLie>;

/** A gVNIC, if the machine's first card is none. */
function withGvnic({ nics: [nic] = [], ...base }: MachineOptions): MachineOptions {
  const own = nic?.type === 'gvnic' ? nic : {};
  return { ...base, nics: [{ ...own, type: 'gvnic', backend: 'loopback' }] };
}

const ofCard = (clause: HardId, name: string, card: CardLie): Lie => ({
  clause,
  name,
  options: withGvnic,
  card,
});

/** Lies of a register, by how often it was read before. */
const ofRegister = (
  clause: HardId,
  name: string,
  { offset }: { readonly offset: number },
  said: (value: number, before: number) => number,
): Lie => ({
  clause,
  name,
  options: withGvnic,
  cardRegister: (at, value, before) => (at === offset ? said(value, before) : value),
});

/** The completion's other half. */
const completing =
  (change: (words: Words, random: Random) => void): Lied['completed'] =>
  (words, random) => {
    change(words, random);
    return true;
  };
const tagged = ({ view, at }: Words, tag: number) =>
  view.setUint16(at + dqo_tx_completion.offset.tag, tag, true);
const typed = ({ view, at }: Words, type: number) => {
  const { TYPE } = DQO_TX_COMPLETION.mask;
  const word = view.getUint16(at, true);
  view.setUint16(at, (word & ~TYPE) | (type << DQO_TX_COMPLETION.shift.TYPE), true);
};

/** Of each entry of a received packet. */
const receiving =
  (
    dqo: (words: Words, random: Random) => void,
    gqi: ((words: Words, random: Random) => void) | null,
  ): Lied['received'] =>
  (entries, isDqo, random) => {
    const change = isDqo ? dqo : gqi;
    if (change === null) return false;
    for (const words of entries) change(words, random);
    return true;
  };
/** The length of a DQO completion, beside its generation. */
const measured = ({ view, at }: Words, length: number) => {
  const generation = view.getUint16(at + LENGTH, true) & GENERATION;
  view.setUint16(at + LENGTH, length | generation, true);
};

/** What is written where a command says. */
const answering =
  (opcodes: readonly number[], change: (answer: CardAnswer, random: Random) => boolean): Lied['answered'] =>
  (answer, random) =>
    opcodes.includes(answer.opcode) && change(answer, random);
const resources = (answer: CardAnswer, offset: number, value: number): boolean => {
  const of = answer.opcode === OPCODE.CREATE_TX_QUEUE ? create_tx_queue : create_rx_queue;
  const { queue_resources_addr } = of.decode(answer.slot, PAYLOAD);
  const words = answer.at(Number(queue_resources_addr), queue_resources.size);
  words?.view.setUint32(words.at + offset, value);
  return words !== null;
};
const described = (answer: CardAnswer, change: (reply: Words) => void): boolean => {
  const { descriptor_addr } = describe_device.decode(answer.slot, PAYLOAD);
  const words = answer.at(Number(descriptor_addr), device_descriptor.size + device_option.size);
  if (words !== null) change(words);
  return words !== null;
};
const CREATES = [OPCODE.CREATE_TX_QUEUE, OPCODE.CREATE_RX_QUEUE];
const { db_index, counter_index } = queue_resources.offset;

/** A field of the descriptor that a driver counts or allocates by. */
const descriptorLies = (
  ['tx_queue_entries', 'rx_queue_entries', 'counters', 'tx_pages_per_qpl', 'mtu'] as const
).flatMap((field) =>
  [0, 3, HALF].map((value) =>
    ofCard('hard/GVNIC-DESCRIPTOR', `a descriptor with a ${field} of ${value.toString(16)}`, {
      answered: answering([OPCODE.DESCRIBE_DEVICE], (answer) =>
        described(answer, ({ view, at }) => view.setUint16(at + device_descriptor.offset[field], value)),
      ),
    }),
  ),
);

const optionLies = (
  [
    ['more options than it has', 'num_device_options', HALF],
    ['a length that is less than its own', 'total_length', 8],
    ['a length beyond the room for it', 'total_length', HALF],
  ] as const
).map(([what, field, value]) =>
  ofCard('hard/GVNIC-OPTIONS', `a descriptor with ${what}`, {
    answered: answering([OPCODE.DESCRIBE_DEVICE], (answer) =>
      described(answer, ({ view, at }) => view.setUint16(at + device_descriptor.offset[field], value)),
    ),
  }),
);

/** Lies of a gVNIC. */
export const CARD_LIES: readonly Lie[] = [
  ofCard('hard/GVNIC-TAG', 'a completion of a packet with a tag that they never gave', {
    completed: completing((words, random) => tagged(words, 0x4000 + random.below(0x4000))),
  }),
  ofCard('hard/GVNIC-TAG', 'completions of packets that all have one tag', {
    completed: completing((words) => tagged(words, 1)),
  }),
  ofCard('hard/GVNIC-TYPE', 'completions of an unknown type', {
    completed: completing((words) => typed(words, 7)),
  }),
  ofCard('hard/GVNIC-TYPE', 'packets that miss, and are never injected again', {
    completed: completing((words) => typed(words, 1)),
  }),
  ofCard('hard/GVNIC-HEAD', 'descriptor completions of slots beyond the ring', {
    completed: completing((words, random) => {
      typed(words, 4);
      tagged(words, 0x8000 + random.below(0x8000));
    }),
  }),
  ofCard('hard/GVNIC-COUNTER', 'an event counter that jumps', {
    counted: ({ view, at }, random) => {
      view.setUint32(at, view.getUint32(at) + 1 + random.below(0x1_0000));
      return true;
    },
  }),
  ofCard('hard/GVNIC-COUNTER', 'an event counter that goes back', {
    counted: ({ view, at }) => {
      view.setUint32(at, view.getUint32(at) - 0x1000);
      return true;
    },
  }),
  ofCard('hard/GVNIC-BUFFER', 'a receive buffer whose number they never gave', {
    received: receiving(
      ({ view, at }, random) => view.setUint16(at + BUFFER, 0x8000 + random.below(0x8000), true),
      null,
    ),
  }),
  ofCard('hard/GVNIC-BUFFER', 'one receive buffer again and again', {
    received: receiving(({ view, at }) => view.setUint16(at + BUFFER, 0, true), null),
  }),
  ofCard('hard/GVNIC-LENGTH', 'a received length beyond the buffer', {
    received: receiving(
      (words) => measured(words, TOO_LONG),
      ({ view, at }) => view.setUint16(at + LEN, HALF),
    ),
  }),
  ofCard('hard/GVNIC-LENGTH', 'a received length of 0', {
    received: receiving(
      (words) => measured(words, 0),
      ({ view, at }) => view.setUint16(at + LEN, 0),
    ),
  }),
  ofCard('hard/GVNIC-LAPS', 'received descriptors whose generation or sequence is any', {
    received: receiving(
      ({ view, at }) => view.setUint16(at + LENGTH, view.getUint16(at + LENGTH, true) ^ GENERATION, true),
      ({ view, at }, random) =>
        view.setUint16(at + FLAGS, (view.getUint16(at + FLAGS) & ~RX_FLAGS.mask.SEQUENCE) | random.below(8)),
    ),
  }),
  ofCard('hard/GVNIC-ENDLESS', 'a received frame that never ends', {
    received: receiving(
      ({ view, at }) => view.setUint8(at + dqo_rx_completion.offset.status, 1),
      ({ view, at }) => view.setUint16(at + FLAGS, view.getUint16(at + FLAGS) | RX_FLAGS.mask.PKT_CONT),
    ),
  }),
  ...[INTERNAL, DEADLINE_EXCEEDED, PERMISSION_DENIED, UNSET].map((status) =>
    ofCard('hard/GVNIC-STATUS', `commands that end with status ${status.toString(16)}`, {
      answered: ({ words: { view, at } }) => {
        view.setUint32(at + STATUS, status);
        return true;
      },
    }),
  ),
  ...descriptorLies,
  ...optionLies,
  ofCard('hard/GVNIC-INDEX', 'a doorbell that is nowhere', {
    answered: answering(CREATES, (answer) => resources(answer, db_index, ONES)),
  }),
  ofCard('hard/GVNIC-INDEX', 'a counter beyond the array', {
    answered: answering(CREATES, (answer) => resources(answer, counter_index, 0x100_0000)),
  }),
  ofRegister('hard/GVNIC-QUEUES', 'a card without queues', reg.MAX_TX_QUEUES, () => 0),
  ofRegister(
    'hard/GVNIC-QUEUES',
    'a card with more queues than there are numbers',
    reg.MAX_TX_QUEUES,
    () => ONES,
  ),
  ofRegister(
    'hard/GVNIC-REGISTERS',
    'a card that always asks to be reset',
    reg.DEVICE_STATUS,
    (value) => value | reg.DEVICE_STATUS.mask.RESET,
  ),
  ofRegister('hard/GVNIC-REGISTERS', 'a card that is never reset', reg.ADMINQ_PFN, () => 1),
  ofRegister('hard/GVNIC-REGISTERS', 'commands that are never done', reg.ADMINQ_EVENT_COUNTER, () => 0),
  ofRegister(
    'hard/GVNIC-REGISTERS',
    'a count of commands that is another at each reading',
    reg.ADMINQ_EVENT_COUNTER,
    (value, before) => value ^ (before + 1),
  ),
];
