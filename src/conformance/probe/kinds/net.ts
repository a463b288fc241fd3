import {
  flowOf,
  type NicDriver,
  type NicFacts,
  receiveBurst,
  sendLarge,
  sendUnsummed,
  type TcpSegment,
  virtioNetDriver,
} from '../../../guest/index.ts';
import type { SeenNic, SeenOffload } from '../../../rules/gce/facts.ts';
import type { Wire } from '../probed-machine.ts';
import type { MetOf, ProbedKind } from './kind.ts';

type GatheredNic = SeenNic & { readonly facts: NicFacts };

/** 46 segments and one shorter: close to the most that one IP packet holds. */
const LARGE_PAYLOAD = 65_000;
/** The segment size of Compute Engine's networks without headers: over IPv4 with room for 12 bytes of options. */
const MSS = { 4: 1408, 6: 1400 } as const;

export const nicsKind = {
  bothEnds: ({ handle, facts, at }: MetOf<'nics'>, { nics }, { frames }) =>
    watchWire(handle, facts, nics.find(({ fn }) => fn.bdf === at)!, frames),
  function: { what: 'network', driver: virtioNetDriver },
  rows: (seen) => seen.map(({ facts }) => ['net', facts.mac, facts.features.join(' ')]),
  json: (seen: readonly GatheredNic[]) => ({
    nics: seen.map(({ facts: { mac, features } }) => ({ mac, features })),
  }),
} satisfies ProbedKind<'nics', GatheredNic>;

/** Observes the wire while the guest sends, and sends its frames back to the guest. */
function watchWire(
  guest: NicDriver,
  facts: NicFacts,
  wire: Wire,
  frames: readonly Uint8Array[],
): GatheredNic {
  // The NIC keeps only the last frames.
  const kept = last(wire.sent, frames.length);
  const sentEqual = wire.sentTotal >= frames.length && equalAll(kept, last(frames, kept.length));
  const framesEqual = equalAll(facts.received, frames) && sentEqual;
  const over = (version: 4 | 6, ...needs: string[]) =>
    needs.every((name) => facts.features.includes(name)) ? offload(guest, wire, version) : null;
  return {
    facts,
    framesEqual,
    offload: over(4, 'CSUM', 'HOST_TSO4', 'GUEST_TSO4'),
    offload6: over(6, 'CSUM', 'HOST_TSO6', 'GUEST_TSO6'),
  };
}

function offload(guest: NicDriver, wire: Wire, version: 4 | 6): SeenOffload {
  const segment = largeSegment(guest, version);
  const mss = MSS[version];
  const before = wire.sentTotal;
  const summed = sendUnsummed(guest, { ...segment, payload: segment.payload.subarray(0, mss) });
  const summedRight = equalAll(sentSince(wire, before), [summed]);
  receiveBurst(guest);
  const cutFrom = wire.sentTotal;
  const expected = sendLarge(guest, segment, mss);
  const cut = sentSince(wire, cutFrom);
  receiveBurst(guest);
  wire.receive(...expected);
  const received = flowOf(receiveBurst(guest));
  return {
    payload: segment.payload.length,
    cut: cut.length,
    cutRight: equalAll(cut, expected),
    summed: summedRight,
    received,
    receivedRight: received.wrongChecksums === 0 && Buffer.compare(received.payload, segment.payload) === 0,
  };
}

/** The frames on the wire since there had been `before`. */
function sentSince({ sent, sentTotal }: Wire, before: number): readonly Uint8Array[] {
  return last(sent, sentTotal - before);
}

function last<T>(list: readonly T[], count: number): readonly T[] {
  return list.slice(Math.max(0, list.length - count));
}

function largeSegment(guest: NicDriver, version: 4 | 6): TcpSegment {
  const mac = Uint8Array.from(guest.mac.split(':'), (byte) => Number.parseInt(byte, 16));
  return {
    version,
    destination: Uint8Array.of(0x42, 0x01, 0x0a, 0x80, 0x00, 0x01),
    source: mac,
    sourceIp: 0x0a80_0002,
    destinationIp: 0x0a80_0001,
    sourcePort: 40_000,
    destinationPort: 80,
    id: 1,
    seq: 1,
    push: true,
    fin: false,
    payload: Uint8Array.from({ length: LARGE_PAYLOAD }, (_, i) => i * 31 + (i >> 8)),
  };
}

function equalAll(one: readonly Uint8Array[], other: readonly Uint8Array[]): boolean {
  return one.length === other.length && one.every((frame, i) => Buffer.compare(frame, other[i]!) === 0);
}
