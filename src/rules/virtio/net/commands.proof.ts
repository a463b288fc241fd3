import type { NetEvents } from '../../../virtio/net/events.ts';
import { NET_CTRL } from '../../../virtio/net/registers/commands.ts';
import { scripts } from '../../script.proof.ts';
import type { COMMAND_VALUES } from './command-values.ts';
import type { FILTERING } from './filtering.ts';
import { accept, CONTROL, chainOf, dataOf, UNREADY, watchNet } from './rig.proof.ts';
import type { STATISTICS } from './statistics.ts';
import type { STEERING } from './steering.ts';
import type { SWAPPED } from './swapped.ts';

const { RX, MAC, VLAN, MQ, GUEST_OFFLOADS, HASH_TUNNEL, STATS, RSS_CTX } = NET_CTRL;
type Of = { readonly class: number };
type Sent = readonly [of: Of, number: number, data: readonly number[]];

const MODERN = [
  'CTRL_VQ',
  'MQ',
  'RSS',
  'RSS_CONTEXT',
  'HASH_REPORT',
  'HASH_TUNNEL',
  'DEVICE_STATS',
  'VERSION_1',
] as const;

/** Sends a command in descriptors of so many bytes: class and command, the data, an ack and a result, if not given. */
function send(
  net: NetEvents,
  [of, number, data]: Sent,
  sizes = [2, data.length],
  writable = [1, 64],
  endian: 'le' | 'be' = 'le',
) {
  net.command(CONTROL, chainOf(sizes, writable), of.class, number, dataOf(data, endian));
  net.answered(true, new Uint8Array(8).fill(0xff));
}

/** A modern driver that sends these, one after the other. */
const modern =
  (...commands: readonly Sent[]) =>
  (net: NetEvents): void => {
    accept(net, ...MODERN, 'CTRL_RX');
    for (const command of commands) send(net, command);
  };

/** A legacy one without ANY_LAYOUT that sets a filter. */
const legacy =
  (data: readonly number[], sizes: number[]) =>
  (net: NetEvents): void => {
    accept(net, 'CTRL_VQ', 'CTRL_RX');
    send(net, [MAC, MAC.MAC_TABLE_SET, data], [2, ...sizes], [1]);
  };

/** A legacy driver of a big-endian guest. */
const big =
  (...command: Sent) =>
  (net: NetEvents): void => {
    accept(net, 'CTRL_VQ', 'CTRL_RX', 'CTRL_VLAN', 'MQ', 'GUEST_CSUM', 'CTRL_GUEST_OFFLOADS', 'ANY_LAYOUT');
    send(net, command, undefined, [1], 'be');
  };

const STATION = [0x42, 1, 0x0a, 0x80, 0, 2];
const GROUP = [0x33, 0x33, 0, 0, 0, 1];
const TABLES = [1, 0, 0, 0, ...STATION, 1, 0, 0, 0, ...GROUP];
const tables = (...data: readonly number[]): Sent => [MAC, MAC.MAC_TABLE_SET, data];

/** RSS parameters with these entries, hash type 2 and no key. */
const rss = (entries: readonly number[], mask = entries.length - 1, hash = 2): readonly number[] => [
  ...[hash, 0, 0, 0],
  ...[mask, mask >> 8],
  ...[0, 0],
  ...entries.flatMap((entry) => [entry, 0]),
  ...[1, 0, 0],
];
const steers = (data: readonly number[]): Sent => [MQ, MQ.RSS_CONFIG, data];
const FINE = steers(rss([0, 1]));
const context = (id: number): Sent => [RSS_CTX, RSS_CTX.ADD, [id, 0, 0, 0, 0, 0, 0, 0, ...rss([0, 1])]];
const ASK: Sent = [RSS_CTX, RSS_CTX.CAP_GET, []];
const DELETE: Sent = [RSS_CTX, RSS_CTX.DEL, [1, 0]];
const PAIRS: Sent = [MQ, MQ.VQ_PAIRS_SET, [2, 0]];
const hashes = (reserved: number): Sent => [
  MQ,
  MQ.HASH_CONFIG,
  [2, 0, 0, 0, reserved, 0, 0, 0, 0, 0, 0, 0, 0],
];
const tunnels = (low: number, high: number): Sent => [HASH_TUNNEL, HASH_TUNNEL.SET, [low, high, 0, 0]];
const QUERY: Sent = [STATS, STATS.QUERY, []];
const get = (queue: number, types: number): Sent => [
  STATS,
  STATS.GET,
  [queue, 0, 0, 0, 0, 0, 0, 0, types, 0, 0, 0, 0, 0, 0, 0],
];

/** Asks for one statistic, with so many bytes for the result. */
const getsInto =
  (room: number) =>
  (net: NetEvents): void => {
    modern(QUERY)(net);
    send(net, get(0, 1), undefined, [1, room]);
  };

/** A driver that accepts all filter features. */
const filters =
  (...command: Sent) =>
  (net: NetEvents): void => {
    accept(net, 'CTRL_VQ', 'CTRL_RX', 'CTRL_VLAN', 'CTRL_MAC_ADDR', 'VERSION_1');
    send(net, command, undefined, [1]);
  };

type Id =
  | keyof typeof COMMAND_VALUES
  | keyof typeof FILTERING
  | keyof typeof STEERING
  | keyof typeof STATISTICS
  | keyof typeof SWAPPED;

export const COMMANDS_PROOFS = scripts<NetEvents, Id>(watchNet, {
  'virtio/NET-RXMODE-IMP-1': {
    breaks: filters(RX, RX.PROMISC, [0xff]),
    keeps: filters(RX, RX.PROMISC, [1]),
  },
  'virtio/NET-MAC-IMP-1': {
    breaks: filters(MAC, MAC.MAC_ADDR_SET, GROUP),
    keeps: filters(MAC, MAC.MAC_ADDR_SET, STATION),
  },
  'virtio/NET-VLAN-IMP-1': {
    breaks: filters(VLAN, VLAN.ADD, [0x20, 0x10]),
    keeps: filters(VLAN, VLAN.ADD, [0xfe, 0x0f]),
  },
  'virtio/NET-MAC-D3': { breaks: modern(tables(...TABLES, 0)), keeps: modern(tables(...TABLES)) },
  'virtio/NET-FRAME-LEG-D4': { breaks: legacy(TABLES, [20]), keeps: legacy(TABLES, [10, 10]) },
  'virtio/NET-FRAME-LEG-D5': {
    breaks: legacy([1, 0, 0, 0, ...STATION, 0, 0, 1, 0, 0, 0, ...GROUP], [12, 10]),
    keeps: legacy(TABLES, [10, 10]),
  },
  'virtio/NET-FRAME-LEG-D6': { breaks: legacy([...TABLES, 0], [10, 11]), keeps: legacy(TABLES, [10, 10]) },
  'virtio/NET-HASHCFG-D1': { breaks: modern(hashes(1)), keeps: modern(hashes(0)) },
  'virtio/NET-RSS-D2': { breaks: modern(steers(rss([0, UNREADY / 2]))), keeps: modern(FINE) },
  'virtio/NET-RSS-D3': { breaks: modern(steers(rss([0, 1, 0]))), keeps: modern(FINE) },
  'virtio/NET-RSS-D4': {
    breaks: modern(steers(rss(new Array<number>(256).fill(0)))),
    keeps: modern(FINE),
  },
  'virtio/NET-RSS-D5': { breaks: modern(steers(rss([0, 1], 1, 1))), keeps: modern(FINE) },
  'virtio/NET-RSSCTX-D2': { breaks: modern(ASK, context(0)), keeps: modern(ASK, context(1)) },
  'virtio/NET-RSSCTX-D3': { breaks: modern(context(1), PAIRS), keeps: modern(context(1), DELETE, PAIRS) },
  'virtio/NET-IHH-D2': { breaks: modern(tunnels(1, 0)), keeps: modern(tunnels(2, 0)) },
  'virtio/NET-IHH-D3': { breaks: modern(tunnels(2, 2)), keeps: modern(tunnels(2, 0)) },
  'virtio/NET-STAT-D1': { breaks: modern(get(0, 1)), keeps: modern(QUERY, get(0, 1)) },
  'virtio/NET-STAT-D2': { breaks: modern(QUERY, get(1, 1)), keeps: modern(QUERY, get(0, 1)) },
  'virtio/NET-STAT-D3': { breaks: getsInto(7), keeps: getsInto(8) },
  'virtio/NET-MAC-LEG-D1': {
    breaks: big(...tables(...TABLES)),
    keeps: big(...tables(0, 0, 0, 1, ...STATION, 0, 0, 0, 1, ...GROUP)),
  },
  'virtio/NET-VLAN-LEG-D1': { breaks: big(VLAN, VLAN.ADD, [0x20, 0]), keeps: big(VLAN, VLAN.ADD, [0, 0x20]) },
  'virtio/NET-MQ-LEG-D1': {
    breaks: big(MQ, MQ.VQ_PAIRS_SET, [2, 0]),
    keeps: big(MQ, MQ.VQ_PAIRS_SET, [0, 2]),
  },
  'virtio/NET-OFFL-LEG-D1': {
    breaks: big(GUEST_OFFLOADS, GUEST_OFFLOADS.SET, [2, 0, 0, 0, 0, 0, 0, 0]),
    keeps: big(GUEST_OFFLOADS, GUEST_OFFLOADS.SET, [0, 0, 0, 0, 0, 0, 0, 2]),
  },
});
