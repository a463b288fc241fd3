import { BitSet } from '../../../core/bit-set.ts';
import { ByteReader } from '../../../core/byte-reader.ts';
import type { Journal } from '../../../core/journal.ts';
import type { NetEvents } from '../../../virtio/net/events.ts';
import { type Chain, nothingSent, type SentFrame } from '../../../virtio/net/events.ts';
import { HASH_TYPES, TUNNEL_TYPES, UNDESCRIBED_TUNNELS } from '../../../virtio/net/hash-registers.ts';
import { NET_FEATURE, virtio_net_config } from '../../../virtio/net/registers.ts';
import { FEATURE } from '../../../virtio/registers.ts';
import type { NetFacts } from './facts.ts';
import { judgeNet } from './net.ts';

const MTU = 1460;

/** The configuration of the card. One of its tunnel types is undefined. */
const SHOWN = {
  ...virtio_net_config.decode(new Uint8Array(virtio_net_config.size)),
  mtu: MTU,
  rss_max_indirection_table_length: 128,
  supported_hash_types: HASH_TYPES & ~1,
  supported_tunnel_types: (TUNNEL_TYPES | UNDESCRIBED_TUNNELS[0]!) & ~1,
};

/** A card with an address and four pairs of queues, one of them not set up. It also offers what a script accepts. */
export const FACTS: NetFacts = {
  shown: SHOWN,
  name: 'net0',
  virtioId: 1,
  subject: () => 'net0 (00:04.0)',
  role: (queue) => `queue ${queue}`,
  queueName: (index) => `net0, queue ${index}`,
  interfaces: ['legacy'],
  offers: { legacy: BitSet.of([NET_FEATURE.MAC]), modern: new BitSet() },
  queueSizes: new Array<number>(9).fill(16),
  isReady: (queue) => queue < 9 && queue !== UNREADY,
  vectors: 0,
  oddities: [],
  mac: () => Uint8Array.of(0x42, 0x01, 0x0a, 0x80, 0x00, 0x02),
  big: false,
  carried: 1460,
};

/** A receive queue that is not set up. */
export const UNREADY = 6;
export const RX = 0;
export const TX = 1;
export const CONTROL = 8;

/** Cards whose drivers use the modern interface. */
const MODERN = new WeakSet<NetEvents>();
const BITS = { ...FEATURE, ...NET_FEATURE };

/** The driver accepts these features by the legacy interface, and by the modern one if VERSION_1 is among them. */
export function accept(net: NetEvents, ...names: readonly (keyof typeof BITS)[]): void {
  const legacy = !names.includes('VERSION_1');
  net.negotiated(BitSet.of(names.map((name) => BITS[name])), legacy);
  if (!legacy) MODERN.add(net);
}

/** A fresh watch. */
export function watchNet(journal: Journal): NetEvents {
  return judgeNet(FACTS, journal);
}

/** Data that a driver wrote behind class and command. */
export function dataOf(bytes: readonly number[], endian: 'le' | 'be' = 'le'): ByteReader {
  return new ByteReader(endian, Uint8Array.from(bytes));
}

/** A frame of a type without checksums, behind a header of zeros and `fields`. */
export function sentFrame(fields: Partial<SentFrame> = {}): SentFrame {
  const frame = new Uint8Array(60);
  frame.set([0x88, 0xb5], 12);
  return { ...nothingSent(), frame, ...fields };
}

/** The driver sends a frame, its header in a descriptor of its own. */
export function sends(net: NetEvents, fields: Partial<SentFrame> = {}, queue = TX): void {
  const sent = sentFrame(fields);
  net.sends(queue, chainOf([MODERN.has(net) ? 12 : 10, sent.frame.length]), sent);
}

/** A chain with descriptors of so many bytes. */
export function chainOf(readable: readonly number[], writable: readonly number[] = []): Chain {
  const lengths = [...readable, ...writable];
  const sum = (list: readonly number[]) => list.reduce((total, length) => total + length, 0);
  return {
    id: 0,
    count: lengths.length,
    readableBytes: sum(readable),
    writableBytes: sum(writable),
    plainIn: null,
    spans: new Int32Array(0),
    lengthOf: (index) => lengths[index]!,
    addressOf: (index) => 0x1000 * index,
    resolve: () => {},
    gather: () => 0,
    scatter: () => 0,
    write: () => 0,
    segments: () =>
      lengths.map((length, i) => ({ address: 0x1000 * i, length, writable: i >= readable.length })),
  };
}
