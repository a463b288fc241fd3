import { Random } from '../core/random.ts';
import type { VirtioNic } from '../machine/devices/nic.ts';
import type { Machine } from '../machine/machine.ts';
import { PROTOCOL } from '../net/frame/headers.ts';
import { makeFrame, partsOf } from '../net/frame/make.ts';
import { makeTunnel, tunnelPartsOf } from '../net/frame/tunnel.ts';
import { Segmenter } from '../net/offload/index.ts';
import { tellRules } from '../rules/told.ts';
import type { Oddity } from '../rules/virtio/net/deliveries.ts';

/** So many times two things come, of which the second is odd. */
const TIMES = 9;
const [SHORTEST, LONGEST] = [60, 1200];
const EXPERIMENTAL = [0x88, 0xb5];
const MSS = 1000;
const SEGMENTS = 3;
const { upper, field } = partsOf({ protocol: PROTOCOL.TCP });
const TUNNEL = tunnelPartsOf();

/** What came, and is to be handed on: alone, or as the segments of which a card joins it. */
interface Arrival {
  readonly whole: Uint8Array;
  /** Where it has checksums that a driver may finish. */
  readonly open: readonly number[];
  readonly frames: readonly Uint8Array[];
}

/** What no driver is to hand on. */
const REFUSED: readonly Oddity[] = ['tunnel_both', 'tunnel_unsound', 'tunnel_csum'];

/**
 * Has frames come to the first card, every second of which is odd in one way, and tells the rules what the driver made of
 * them. Where it does not even hand on those beside them nothing is said of it here.
 *
 * @param receive what the driver hands on of a frame; of one that it is to refuse it is not waited for as long.
 */
export function deliver(
  machine: Machine,
  oddity: Oddity,
  receive: (refused: boolean) => readonly Uint8Array[],
): void {
  const nic = machine.nics[0] as VirtioNic;
  const random = new Random(machine.seed);
  const arrivals = Array.from({ length: 2 * TIMES }, () => arrivalOf(oddity, random));
  const got = arrivals.flatMap(({ frames }, i) => {
    nic.receive(...frames);
    return [...receive(i % 2 === 1 && REFUSED.includes(oddity))];
  });
  const has = (arrival: Arrival) => got.some((frame) => isSame(frame, arrival));
  const usual = arrivals.filter((_, i) => i % 2 === 0);
  const odd = arrivals.filter((_, i) => i % 2 === 1);
  const tried = oddity === 'spoil' ? got.length > 0 : nic.device.odd.given > 0 && usual.every(has);
  if (!tried) return;
  const lost = odd.find((arrival) => !has(arrival));
  const strange = got.find((frame) => isStrange(frame, oddity, arrivals));
  const said = (frame: Uint8Array | undefined) =>
    frame === undefined ? null : `a frame of ${frame.length} bytes`;
  const told = { lost: said(lost?.whole), strange: said(strange), taken: said(odd.find(has)?.whole) };
  tellRules(machine.journal, { of: 'delivery', what: { subject: nic.name, oddity, ...told } });
}

/** Longer than one that came, and else like it; or, where headers were odd, like none. */
function isStrange(frame: Uint8Array, oddity: Oddity, arrivals: readonly Arrival[]): boolean {
  if (oddity !== 'spoil') return !arrivals.some((arrival) => isSame(frame, arrival));
  return arrivals.some(
    (arrival) =>
      frame.length > arrival.whole.length && isSame(frame.subarray(0, arrival.whole.length), arrival),
  );
}

function arrivalOf(oddity: Oddity, random: Random): Arrival {
  switch (oddity) {
    case 'hdr_len':
      return largeOf(random);
    case 'tunnel_both':
    case 'tunnel_unsound':
    case 'tunnel_csum':
      return tunnelOf(random);
    default:
      return plainOf(random);
  }
}

function plainOf(random: Random): Arrival {
  const frame = new Uint8Array(SHORTEST + random.below(LONGEST - SHORTEST));
  random.fill(frame);
  frame.fill(0xff, 0, 6);
  frame.set(EXPERIMENTAL, 12);
  return { whole: frame, open: [], frames: [frame] };
}

/** TCP in several segments, which a card joins if the driver takes that. */
function largeOf(random: Random): Arrival {
  const payload = new Uint8Array(SEGMENTS * MSS);
  random.fill(payload);
  const whole = makeFrame({ payload, sum: 'partial' });
  const frames: Uint8Array[] = [];
  new Segmenter().segment(whole, 'TCPV4', MSS, { send: (frame) => frames.push(frame.slice()) });
  return { whole, open: [upper + field], frames };
}

/** TCP whose checksum is open, through a tunnel over UDP that has none. */
function tunnelOf(random: Random): Arrival {
  const payload = new Uint8Array(SEGMENTS * MSS);
  random.fill(payload);
  const whole = makeTunnel({ inner: { payload, sum: 'partial' } });
  return { whole, open: [TUNNEL.innerTransport + TUNNEL.field], frames: [whole] };
}

/** But for checksums that a driver may finish. */
function isSame(one: Uint8Array, { whole, open }: Arrival): boolean {
  return (
    one.length === whole.length &&
    one.every((byte, i) => byte === whole[i] || open.some((field) => i === field || i === field + 1))
  );
}
