import { compose } from '../../core/compose.ts';
import { Random } from '../../core/random.ts';
import type { GvnicCore } from '../../gvnic/core.ts';
import { GVNIC_EVENTS, type GvnicEvents } from '../../gvnic/events.ts';
import type { MailboxGvnic } from '../../gvnic/mailbox/device.ts';
import { adminq_command, COMMAND_STATUS, OPCODE } from '../../gvnic/registers/admin.ts';
import { DQO_RX_ERROR, dqo_rx_completion } from '../../gvnic/registers/dqo.ts';
import { gqi_rx_desc, RX_FLAGS } from '../../gvnic/registers/gqi.ts';
import { MAILBOX_OPCODE, negotiate_reply } from '../../gvnic/registers/mailbox.ts';
import { CardWords, type Words } from '../broken/card-words.ts';
import { DataError, demandFrames } from './differences.ts';
import type { Fixture } from './fixture.ts';
import { framesOf, PEER, receiveAll } from './frames.ts';
import { cardOf, gvnicWith, hasMailbox, offeringDqo, sendsAll } from './gvnic.ts';
import { type SuiteScenario, startAndUse } from './scenario.ts';
import { addOptions, bytesAt } from './strange-options.ts';
import { receivesInOrder } from './truth.ts';

const FRAMES = 64;
/** One frame in so many is damaged, or has no time. */
const SOME = 3;

function reorders(fixture: Fixture): void {
  CardWords.of(cardOf(fixture.machine), { posted: reverse });
  receivesInOrder(fixture);
}

/** The last comes first. */
function reverse(buffers: readonly Words[]): void {
  const bytes = buffers.map(({ view, at }) => bytesAt(view, at, 32).slice());
  for (const [i, { view, at }] of buffers.entries()) bytesAt(view, at, 32).set(bytes.at(-1 - i)!);
}

/** Those that the card found to be damaged may be passed over; all others come. */
function damages(fixture: Fixture): void {
  const { machine } = fixture;
  const [nic] = machine.nics;
  let count = 0;
  CardWords.of(cardOf(machine), {
    received: (entries, isDqo) => {
      if (count++ % SOME === 1) damage(entries, isDqo);
    },
  });
  fixture.start();
  const frames = framesOf(new Random(machine.seed), FRAMES, nic!.mac, PEER);
  const good = frames.filter((_, i) => i % SOME !== 1);
  const got = frames.flatMap((frame, i) => {
    nic!.receive(frame);
    return receiveAll(fixture, 1, i % SOME === 1 ? 2 : undefined);
  });
  const damaged = new Set(frames.filter((_, i) => i % SOME === 1).map(String));
  const isGood = (frame: Uint8Array) => !damaged.has(String(frame));
  demandFrames('out of use.receive()', got.filter(isGood), good);
}

function damage(entries: readonly Words[], isDqo: boolean): void {
  for (const { view, at } of entries)
    if (isDqo) {
      const flags = at + dqo_rx_completion.offset.flags1;
      view.setUint8(flags, view.getUint8(flags) | DQO_RX_ERROR);
    } else {
      const flags = at + gqi_rx_desc.offset.flags_seq;
      view.setUint16(flags, view.getUint16(flags) | RX_FLAGS.mask.ERR);
    }
}

/** Of some frames it has no time, and in its place is anything. */
function stamps(fixture: Fixture): void {
  const { machine } = fixture;
  const [nic] = machine.nics;
  let count = 0;
  let hasNone = false;
  CardWords.of(cardOf(machine), {
    received: (entries, isDqo) => {
      hasNone = isDqo && count++ % SOME === 1;
      if (hasNone) unstamp(entries);
    },
  });
  fixture.start();
  for (const frame of framesOf(new Random(machine.seed), FRAMES, nic!.mac, PEER)) {
    nic!.receive(frame);
    receiveAll(fixture, 1);
    const time = fixture.stamp();
    if (hasNone && time !== null)
      throw new DataError(`use.stamp() returned ${time} for a frame of which the card has no time`);
  }
}

function unstamp(entries: readonly Words[]): void {
  for (const { view, at } of entries) {
    view.setUint8(at + dqo_rx_completion.offset.timestamp_valid, 0);
    view.setUint32(at + dqo_rx_completion.offset.timestamp, 0xdead_beef);
  }
}

/** The answer to one command becomes another. */
function answering(rewrite: (card: GvnicCore, slot: Words, opcode: number) => void) {
  return (fixture: Fixture): void => {
    const card = cardOf(fixture.machine);
    CardWords.of(card, { answered: (slot, opcode) => rewrite(card, slot, opcode) });
    startAndUse(fixture);
  };
}

function knowsNoVerify(_card: GvnicCore, { view, at }: Words, opcode: number): void {
  if (opcode === OPCODE.VERIFY_DRIVER_COMPATIBILITY)
    view.setUint32(at + adminq_command.offset.status, COMMAND_STATUS.UNIMPLEMENTED);
}

/** Of no driver that is known: an event, and a capability. */
const [STRANGE_EVENT, STRANGE] = [0x55, 1n << 40n];

function saysMore(fixture: Fixture): void {
  const card = cardOf(fixture.machine) as MailboxGvnic;
  const watches = card.events === null ? [] : [card.events];
  card.events = compose<GvnicEvents>(GVNIC_EVENTS, [...watches, { replied: addCapability }]);
  fixture.start();
  card.mailbox.tell(STRANGE_EVENT);
  sendsAll(fixture, FRAMES);
}

function addCapability(opcode: number, _status: number, answer: Uint8Array): void {
  if (opcode !== MAILBOX_OPCODE.NEGOTIATE_CAPABILITIES) return;
  const view = new DataView(answer.buffer, answer.byteOffset);
  const { caps } = negotiate_reply.offset;
  view.setBigUint64(caps, view.getBigUint64(caps, true) | STRANGE, true);
}

/** What a gVNIC writes into RAM, and other gVNICs do not. */
export const GVNIC_WORDS: readonly SuiteScenario[] = [
  {
    name: 'buffers that a card uses in another order than they were given',
    why: 'a completion names its buffer',
    needs: ['gvnic', 'receive'],
    options: gvnicWith(offeringDqo),
    act: reorders,
  },
  {
    name: 'frames that a card found to be damaged',
    why: 'such a frame is passed over, and its buffer given back',
    needs: ['gvnic', 'receive'],
    options: gvnicWith((given) => given),
    act: damages,
  },
  {
    name: 'frames that have no time',
    why: 'a bit says whether there is one, and the field holds anything without it',
    needs: ['gvnic', 'receive', 'stamp'],
    once: true,
    options: gvnicWith(({ offer = [], ...given }) => ({
      ...offeringDqo(given),
      offer: [...new Set([...offer, 'NIC_TIMESTAMP' as const])],
    })),
    act: stamps,
  },
  {
    name: 'options of a card that they do not know',
    why: 'unknown options are passed over, and so are known ones that are too short or need something',
    needs: ['gvnic'],
    once: true,
    options: gvnicWith((given) => given),
    act: answering(addOptions),
  },
  {
    name: 'a card from before drivers said what they support',
    why: 'an unknown command is no error there',
    needs: ['gvnic'],
    once: true,
    options: gvnicWith((given) => given),
    act: answering(knowsNoVerify),
  },
  {
    name: 'events and capabilities of a mailbox that they do not know',
    why: 'what is unknown is passed over',
    needs: ['gvnic', 'send'],
    once: true,
    applies: hasMailbox,
    options: gvnicWith((given) => given),
    act: saysMore,
  },
];
