import type { Nanos } from '../../core/bits.ts';
import { compose } from '../../core/compose.ts';
import { Random } from '../../core/random.ts';
import type { GvnicCore } from '../../gvnic/core.ts';
import { GVNIC_EVENTS, type GvnicEvents } from '../../gvnic/events.ts';
import type { MailboxGvnic } from '../../gvnic/mailbox/device.ts';
import { adminq_command, COMMAND_STATUS, OPCODE } from '../../gvnic/registers/admin.ts';
import { DQO_RX_ERROR, dqo_rx_completion } from '../../gvnic/registers/dqo.ts';
import { gqi_rx_desc, RX_FLAGS } from '../../gvnic/registers/gqi.ts';
import { MAILBOX_OPCODE, negotiate_reply } from '../../gvnic/registers/mailbox.ts';
import type { GvnicNic } from '../../machine/devices/gvnic.ts';
import type { NicOptions } from '../../machine/devices/net.ts';
import type { Machine } from '../../machine/machine.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { RESET_WITHIN } from '../../rules/gvnic/conduct.ts';
import { CardWords, type Words } from '../broken/card-words.ts';
import { DataError, demandFrames, inOrderOf } from './differences.ts';
import type { Fixture } from './fixture.ts';
import { framesOf, framesOut, PEER, pass, passUntil, receiveAll, sendSurely } from './frames.ts';
import { plain, type SuiteScenario, startAndUse } from './scenario.ts';
import { addOptions, bytesAt } from './strange-options.ts';
import { receivesInOrder } from './truth.ts';

type GvnicChoice = NonNullable<NicOptions['gvnic']>;

const SECOND: Nanos = 1_000_000_000;
/** Frames; and more than a driver has memory for, so that it uses it again. */
const [FRAMES, MISSING] = [64, 300];
/** One packet in so many misses, and one frame in so many is damaged. */
const SOME = 3;
/** Virtual nanoseconds until a packet is completed, so that one overtakes another; and until a command is done. */
const [LATENCY, COMMAND_LATENCY] = [[1_000, 100_000], 199_000_000] as const;
/** The shortest rings; and as many frames as fill them several times. */
const [SHORT, MANY, BURST, BRIEF] = [256, 900, 30, 60];

/** The first card is a gVNIC with these choices beside its own. */
function gvnicWith(more: (given: GvnicChoice) => GvnicChoice, ringSize?: number) {
  return (base: MachineOptions): MachineOptions => {
    const { nics, ...rest } = plain(base);
    const [nic] = nics!;
    const own = nic!.type === 'gvnic' ? nic! : {};
    const size = ringSize === undefined ? {} : { ringSize };
    return { ...rest, nics: [{ ...own, ...size, type: 'gvnic', gvnic: more(own.gvnic ?? {}) }] };
  };
}

/** It offers rings of another kind, too. */
function offeringDqo({ formats = ['GQI_QPL'], ...given }: GvnicChoice): GvnicChoice {
  // The other form has no others.
  if (given.mailbox === true) return given;
  return { ...given, formats: [...new Set([...formats, 'DQO_RDA' as const])] };
}

function cardOf({ nics: [nic] }: Machine): GvnicCore {
  return (nic as GvnicNic).device;
}

function asksForReset(fixture: Fixture): void {
  startAndUse(fixture);
  fixture.machine.nics[0]!.askForReset();
  staysSilent(fixture, RESET_WITHIN);
  sendsAll(fixture, FRAMES);
}

/** A driver may look at the status seldom. */
export function staysSilent({ machine, receive }: Fixture, time: Nanos): void {
  for (let waited = 0; waited < time; waited += SECOND) {
    pass(machine, SECOND);
    receive();
  }
}

/** All come out, in any order. */
export function sendsAll(fixture: Fixture, count: number): void {
  const { machine } = fixture;
  const [nic] = machine.nics;
  const before = nic!.sentTotal;
  const frames = framesOut(new Random(machine.seed), count, nic!);
  for (const frame of frames) sendSurely(fixture, frame);
  passUntil(machine, () => nic!.sentTotal >= before + frames.length);
  const sent = nic!.sent.slice(nic!.sent.length - (nic!.sentTotal - before));
  demandFrames('out at the wire', inOrderOf(frames, sent), frames);
}

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

function goesRound(fixture: Fixture): void {
  fixture.start();
  const { machine } = fixture;
  const [nic] = machine.nics;
  const random = new Random(machine.seed);
  for (let done = 0; done < MANY; done += BURST) {
    const frames = framesOf(random, BURST, nic!.mac, PEER).map((frame) => frame.subarray(0, BRIEF));
    nic!.receive(...frames);
    demandFrames('out of use.receive()', receiveAll(fixture, BURST), frames);
    sendsAll(fixture, BURST);
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

function hasMailbox({ nics: [nic] = [] }: MachineOptions): boolean {
  return nic?.gvnic?.mailbox === true;
}

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

/** What a gVNIC does, and other cards do not. */
export const GVNIC: readonly SuiteScenario[] = [
  {
    name: 'a card that asks to be reset',
    why: 'after a while of silence all that was set up is to be set up anew',
    needs: ['gvnic', 'send', 'receive'],
    once: true,
    provokes: ['gvnic/RESET-ASKED'],
    options: gvnicWith((given) => given),
    act: asksForReset,
  },
  {
    name: 'packets that miss, and are sent later',
    why: 'until it is injected again a packet that missed is the device’s, and its tag is taken',
    needs: ['gvnic', 'send'],
    options: gvnicWith((given) => ({
      ...offeringDqo(given),
      completions: { misses: SOME, latency: [...LATENCY] },
    })),
    act: (fixture) => {
      fixture.start();
      sendsAll(fixture, MISSING);
    },
  },
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
    name: 'so many frames that the rings of a card go round several times',
    why: 'sequence and generation tell a new descriptor from one of the lap before',
    needs: ['gvnic', 'send', 'receive'],
    once: true,
    meets: ['gvnic/DQO-'],
    options: gvnicWith((given) => given, SHORT),
    act: goesRound,
  },
  {
    name: 'a card that takes 199 ms for a command',
    why: 'FreeBSD waits 200 ms, and others longer: a status that is read before the counter moved is none',
    needs: ['gvnic'],
    once: true,
    applies: (machine) => !hasMailbox(machine),
    options: gvnicWith((given) => ({ ...given, commandLatency: COMMAND_LATENCY })),
    act: startAndUse,
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
