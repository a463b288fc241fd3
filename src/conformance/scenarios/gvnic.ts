import type { Nanos } from '../../core/bits.ts';
import { Random } from '../../core/random.ts';
import type { GvnicCore } from '../../gvnic/core.ts';
import type { GvnicNic } from '../../machine/devices/gvnic.ts';
import type { NicOptions } from '../../machine/devices/net.ts';
import type { Machine } from '../../machine/machine.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { FrameLayout, findHeaders } from '../../net/frame/layout.ts';
import { makeFrame } from '../../net/frame/make.ts';
import { Segmenter } from '../../net/offload/index.ts';
import { RESET_WITHIN } from '../../rules/gvnic/conduct.ts';
import { demandBytes, demandFrames } from './differences.ts';
import type { Fixture } from './fixture.ts';
import { demandSending, framesOf, framesOut, PEER, pass, receiveAll } from './frames.ts';
import { plain, type SuiteScenario, startAndUse } from './scenario.ts';

type GvnicChoice = NonNullable<NicOptions['gvnic']>;

const SECOND: Nanos = 1_000_000_000;
/** Frames; and more than a driver has memory for, so that it uses it again. */
const [FRAMES, MISSING] = [64, 300];
/** One packet in so many misses. */
const SOME = 3;
/** Virtual nanoseconds until a packet is completed, so that one overtakes another; and until a command is done. */
const [LATENCY, COMMAND_LATENCY] = [[1_000, 100_000], 199_000_000] as const;
/** Until a reset is done; and how far doorbells lie from where they usually are. */
const [RESET_TIME, SHIFT]: [Nanos, number] = [3_000_000, 0x21];
/** The shortest rings; and as many frames as fill them several times. */
const [SHORT, MANY, BURST, BRIEF] = [256, 900, 30, 60];
/** Bursts of segments, which fit into several buffers together. */
const NOTHING = new Uint8Array();
const [BURSTS, SEGMENTS, SEGMENT] = [6, 7, 1000];

/** The first card is a gVNIC with these choices beside its own. */
export function gvnicWith(more: (given: GvnicChoice) => GvnicChoice, ringSize?: number) {
  return (base: MachineOptions): MachineOptions => {
    const { nics, ...rest } = plain(base);
    const [nic] = nics!;
    const own = nic!.type === 'gvnic' ? nic! : {};
    const size = ringSize === undefined ? {} : { ringSize };
    return { ...rest, nics: [{ ...own, ...size, type: 'gvnic', gvnic: more(own.gvnic ?? {}) }] };
  };
}

/** It offers rings of another kind, too. */
export function offeringDqo({ formats = ['GQI_QPL'], ...given }: GvnicChoice): GvnicChoice {
  // The other form has no others.
  if (given.mailbox === true) return given;
  return { ...given, formats: [...new Set([...formats, 'DQO_RDA' as const])] };
}

export function cardOf({ nics: [nic] }: Machine): GvnicCore {
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
  demandSending(fixture, framesOut(new Random(machine.seed), count, machine.nics[0]!));
}

function goesRound(fixture: Fixture): void {
  fixture.start();
  const random = new Random(fixture.machine.seed);
  for (let done = 0; done < MANY; done += BURST) exchange(fixture, random);
}

function handsOutOthers(fixture: Fixture): void {
  fixture.start();
  exchange(fixture, new Random(fixture.machine.seed));
}

/** Some frames each way. */
function exchange(fixture: Fixture, random: Random): void {
  const [nic] = fixture.machine.nics;
  const frames = framesOf(random, BURST, nic!.mac, PEER).map((frame) => frame.subarray(0, BRIEF));
  nic!.receive(...frames);
  demandFrames('out of use.receive()', receiveAll(fixture, BURST), frames);
  sendsAll(fixture, BURST);
}

/** Bursts of segments, which a card joins for a driver that asks for it, and whose headers it may split off. */
function joins(fixture: Fixture): void {
  const { machine } = fixture;
  const random = new Random(machine.seed);
  fixture.start();
  for (let burst = 0; burst < BURSTS; burst++) {
    const stream = new Uint8Array(SEGMENTS * SEGMENT);
    random.fill(stream);
    const segments: Uint8Array[] = [];
    const sink = { send: (frame: Uint8Array) => void segments.push(frame.slice()) };
    new Segmenter().segment(makeFrame({ payload: stream, sum: 'partial' }), 'TCPV4', SEGMENT, sink);
    machine.nics[0]!.receive(...segments);
    demandBytes('what TCP carries, out of use.receive()', streamFrom(fixture, stream.length), stream);
  }
}

/** So many bytes that TCP carries, in whatever frames. */
function streamFrom(fixture: Fixture, length: number): Uint8Array {
  const stream = new Uint8Array(length);
  const at = new FrameLayout();
  let taken = 0;
  for (let frames = receiveAll(fixture, 1); taken < length && frames.length > 0; ) {
    for (const frame of frames) {
      findHeaders(frame, at);
      const payload = at.transport === 0 ? NOTHING : frame.subarray(at.payload, at.end);
      stream.set(payload.subarray(0, length - taken), taken);
      taken = Math.min(length, taken + payload.length);
    }
    if (taken < length) frames = receiveAll(fixture, 1);
  }
  return stream.subarray(0, taken);
}

export function hasMailbox({ nics: [nic] = [] }: MachineOptions): boolean {
  return nic?.gvnic?.mailbox === true;
}

/** What a gVNIC does, and other cards do not. */
export const GVNIC: readonly SuiteScenario[] = [
  {
    name: 'a card that asks to be reset',
    why: 'after a while of silence all that was set up is to be set up anew',
    needs: ['gvnic', 'send', 'receive'],
    once: true,
    provokes: ['gvnic/RESET-ASKED'],
    options: gvnicWith((given) => (given.mailbox === true ? given : { ...given, resetTime: RESET_TIME })),
    act: asksForReset,
  },
  {
    name: 'a card that hands out other doorbells and counters',
    why: 'the index of each is what the card says when a queue is made',
    needs: ['gvnic', 'send', 'receive'],
    once: true,
    applies: (machine) => !hasMailbox(machine),
    options: gvnicWith((given) => ({ ...given, indexShift: SHIFT })),
    act: handsOutOthers,
  },
  {
    name: 'packets that miss, and are sent later',
    why: 'until it is injected again a packet that missed is the device’s, and its tag is taken',
    needs: ['gvnic', 'send'],
    meets: ['gvnic/TX-BUSY'],
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
    name: 'so many frames that the rings of a card go round several times',
    why: 'sequence and generation tell a new descriptor from one of the lap before',
    needs: ['gvnic', 'send', 'receive'],
    once: true,
    meets: ['gvnic/DQO-'],
    options: gvnicWith((given) => given, SHORT),
    act: goesRound,
  },
  {
    name: 'segments that a card joins, and headers that it splits off',
    why: 'a packet goes on until the end that its last buffer says, and begins with what lies in the buffer for headers',
    needs: ['gvnic', 'receive'],
    options: gvnicWith(({ offer = [], ...given }) => ({
      ...offeringDqo(given),
      offer: [...new Set([...offer, 'BUFFER_SIZES' as const])],
    })),
    act: joins,
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
];
