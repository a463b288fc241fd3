import { bytesText } from '../../core/bits.ts';
import { Random } from '../../core/random.ts';
import type { VirtioNic } from '../../machine/devices/nic.ts';
import type { Machine } from '../../machine/machine.ts';
import { PROTOCOL } from '../../net/frame/headers.ts';
import { makeFrame, partsOf } from '../../net/frame/make.ts';
import { makeTunnel, tunnelPartsOf } from '../../net/frame/tunnel.ts';
import { Segmenter } from '../../net/offload/index.ts';
import type { Oddity, Plain } from '../../rules/virtio/net/deliveries.ts';
import { ETHERNET_HEADER, NET_FEATURE } from '../../virtio/net/registers.ts';
import { isSame } from './differences.ts';
import { broadcastOf, reportDelivery } from './frames.ts';

/** How often two arrivals come, of which the second is unusual. */
const TIMES = 9;
const [SHORTEST, LONGEST] = [60, 1200];
const MSS = 1000;
const SEGMENTS = 3;
/** Together longer than a page, which is a usual buffer. */
const MANY_SEGMENTS = 12;
const { upper, field } = partsOf({ protocol: PROTOCOL.TCP });
const TUNNEL = tunnelPartsOf();

/** How many of the usual ones a driver is to pass on, to be judged by the others. It may get lost behind the first long one. */
const FIRST: Partial<Record<Oddity, number>> = { spoil: 0, merged: 1 };

/** An arrival that the driver is to pass on: alone, or as the segments that a card joins to it. */
interface Arrival {
  readonly whole: Uint8Array;
  /** Offsets of checksums that a driver may complete. */
  readonly open: readonly number[];
  readonly frames: readonly Uint8Array[];
}

/** Arrivals that no driver may pass on. */
const REFUSED: readonly Oddity[] = ['tunnel_both', 'tunnel_unsound', 'tunnel_csum'];

/**
 * Sends frames to the first card, every second of which is unusual in one way, and reports to the rules what the driver
 * did with them. If the driver does not even pass on the usual ones, nothing is reported.
 *
 * @param receive returns the frames that the driver passes on; for a frame that it is to refuse, the wait is shorter.
 */
export function deliver(
  machine: Machine,
  oddity: Oddity,
  receive: (refused: boolean) => readonly Uint8Array[],
): void {
  const nic = machine.nics[0] as VirtioNic;
  const random = new Random(machine.seed);
  // The last is usual: a driver that is behind by one frame, for want of an interrupt, passes on no odd one either.
  const arrivals = Array.from({ length: 2 * TIMES + 1 }, (_, i) =>
    oddity === 'merged' && i % 2 === 0 ? plainOf(random) : arrivalOf(oddity, random),
  );
  const got = arrivals.flatMap(({ frames }, i) => {
    nic.receive(...frames);
    return [...receive(i % 2 === 1 && REFUSED.includes(oddity))];
  });
  const has = (arrival: Arrival) => got.some((frame) => isWhole(frame, arrival));
  const usual = arrivals.filter((_, i) => i % 2 === 0);
  const odd = arrivals.filter((_, i) => i % 2 === 1);
  if (!isTried(oddity, nic, got) || !usual.slice(0, FIRST[oddity]).every(has)) return;
  const lost = odd.find((arrival) => !has(arrival));
  const strange = got.find((frame) => isStrange(frame, oddity, arrivals));
  const said = (frame: Uint8Array | undefined) =>
    frame === undefined ? null : `a frame of ${frame.length} bytes`;
  const told = { lost: said(lost?.whole), strange: said(strange), taken: said(odd.find(has)?.whole) };
  reportDelivery(machine.journal, { subject: nic.name, oddity, ...told });
}

/**
 * Reports whether plain frames of the first card came as they were due. Of the first that did not it says how many bytes it
 * has or lacks: at its beginning if it was received, at its end if it was sent.
 */
export function compareFrames(
  { nics, journal }: Machine,
  oddity: Exclude<Plain, 'many'>,
  got: readonly Uint8Array[],
  due: readonly Uint8Array[],
): void {
  const [nic] = nics;
  if (nic?.type !== 'virtio' || got.length === 0) return;
  const other = got.find((frame) => !due.some((one) => isSame(one, frame)));
  const strange = other === undefined ? null : misshapenOf(other, oddity, due);
  if (other === undefined || strange !== null)
    reportDelivery(journal, { subject: nic.name, oddity, strange });
}

/** In words, of which frame it is more than all, or a part; null for none. */
function misshapenOf(frame: Uint8Array, oddity: Plain, due: readonly Uint8Array[]): string | null {
  const end = (one: Uint8Array, length: number) =>
    oddity === 'plain' ? one.subarray(one.length - length) : one.subarray(0, length);
  const [more, less] =
    oddity === 'plain'
      ? (['with %d before it', 'without its first %d'] as const)
      : (['with %d behind it', 'without its last %d'] as const);
  for (const one of due) {
    const length = Math.min(one.length, frame.length);
    if (length < ETHERNET_HEADER || one.length === frame.length) continue;
    if (!isSame(end(one, length), end(frame, length))) continue;
    const count = bytesText(Math.abs(frame.length - one.length));
    return `a frame of ${one.length} bytes, ${(frame.length > one.length ? more : less).replace('%d', count)},`;
  }
  return null;
}

/** Whether a driver was given what is odd. */
function isTried(oddity: Oddity, { device }: VirtioNic, got: readonly Uint8Array[]): boolean {
  if (oddity === 'spoil') return got.length > 0;
  if (oddity !== 'merged') return device.odd.given > 0;
  // Segments are joined for no other driver, and each fits into a buffer.
  return [NET_FEATURE.MRG_RXBUF, NET_FEATURE.GUEST_TSO4].every((feature) => device.accepted.has(feature));
}

/** Longer than one that arrived, and otherwise equal; or, for unusual headers, equal to none. */
function isStrange(frame: Uint8Array, oddity: Oddity, arrivals: readonly Arrival[]): boolean {
  if (oddity !== 'spoil') return !arrivals.some((arrival) => isWhole(frame, arrival));
  return arrivals.some(
    (arrival) =>
      frame.length > arrival.whole.length && isWhole(frame.subarray(0, arrival.whole.length), arrival),
  );
}

function arrivalOf(oddity: Oddity, random: Random): Arrival {
  switch (oddity) {
    case 'hdr_len':
      return largeOf(random, SEGMENTS);
    case 'merged':
      return largeOf(random, MANY_SEGMENTS);
    case 'tunnel_both':
    case 'tunnel_unsound':
    case 'tunnel_csum':
      return tunnelOf(random);
    default:
      return plainOf(random);
  }
}

function plainOf(random: Random): Arrival {
  const frame = broadcastOf(random, SHORTEST + random.below(LONGEST - SHORTEST));
  return { whole: frame, open: [], frames: [frame] };
}

/** TCP in several segments, which a card joins if the driver accepts that. */
function largeOf(random: Random, segments: number): Arrival {
  const payload = new Uint8Array(segments * MSS);
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

/** Apart from checksums that a driver may complete. */
function isWhole(one: Uint8Array, { whole, open }: Arrival): boolean {
  return (
    one.length === whole.length &&
    one.every((byte, i) => byte === whole[i] || open.some((field) => i === field || i === field + 1))
  );
}
