import { makeFrame } from '../../../src/net/frame/make.ts';
import { NET_CTRL } from '../../../src/virtio/net/registers/commands.ts';
import * as reg from '../../../src/virtio/transport/modern/registers.ts';
import type { BareDevice } from './bare-device.ts';
import { headerOf, onNic, readable, room, SEND, type Setting } from './bare-nic.ts';
import type { Play } from './play.ts';
import type { Buffer, SplitRing } from './split-ring.ts';

const { RX, MAC, VLAN, ANNOUNCE, MQ, GUEST_OFFLOADS, NOTF_COAL, HASH_TUNNEL, STATS } = NET_CTRL;

type Command = readonly [of: { readonly class: number }, number: number];
/** The commands of a card with two pairs of queues. */
const TWO = { pairs: 2, features: ['MQ'] } as const;
const FILTERS = { features: ['CTRL_RX'], offer: ['CTRL_RX'] } as const;
const VLANS = { features: ['CTRL_VLAN'], offer: ['CTRL_VLAN'] } as const;
const ADDRESS = { features: ['CTRL_RX', 'CTRL_MAC_ADDR'], offer: ['CTRL_RX', 'CTRL_MAC_ADDR'] } as const;
const STEERS = { pairs: 2, features: ['MQ', 'RSS'], offer: ['RSS'] } as const;
const KEY = 40;

function le16(...values: readonly number[]): number[] {
  return values.flatMap((value) => [value & 0xff, value >> 8]);
}

function send(
  rings: readonly SplitRing[],
  device: BareDevice,
  [of, number]: Command,
  data: readonly number[],
  ack: Buffer = room(device, 1),
): void {
  const body = data.length === 0 ? [] : [readable(device, data)];
  rings.at(-1)!.send(readable(device, [of.class, number]), ...body, ack);
}

/** A command with those bytes of data. */
const command = (what: Command, data: readonly number[], setting: Setting = {}): Play =>
  onNic((rings, device) => send(rings, device, what, data), withCommands(setting));

function withCommands({ features = [], ...more }: Setting): Setting {
  return { ...more, features: ['CTRL_VQ', ...features] };
}

const pairs = (count: number): Play => command([MQ, MQ.VQ_PAIRS_SET], le16(count), TWO);
const vlan = (id: number): Play => command([VLAN, VLAN.ADD], le16(id), VLANS);
const address = (...bytes: readonly number[]): Play => command([MAC, MAC.MAC_ADDR_SET], bytes, ADDRESS);
const acked = (ack: (device: BareDevice) => Buffer): Play =>
  onNic((rings, device) => send(rings, device, [RX, RX.PROMISC], [1], ack(device)), withCommands(FILTERS));

interface Steering {
  readonly types?: number;
  readonly mask?: number;
  readonly table?: readonly number[];
}

/** RSS_CONFIG: hash types, mask, where unclassified frames go, the table, how many pairs send, the key. */
const steers = ({ types = 1, mask = 1, table = [0, 1] }: Steering): Play =>
  command(
    [MQ, MQ.RSS_CONFIG],
    [...le16(types, 0, mask, 0, ...table, 2), KEY, ...new Array<number>(KEY).fill(0)],
    STEERS,
  );

/** How tests of commands to a network card are played, by their numbers. */
export const COMMANDS_PLAYS: Readonly<Record<string, Play>> = {
  N0011: command([RX, RX.PROMISC], [1]),
  N0012: command([MAC, MAC.MAC_ADDR_SET], [2, 0, 0, 0, 0, 1]),
  N0014: pairs(3),
  N0015: command([MQ, MQ.RSS_CONFIG], new Array<number>(20).fill(0)),
  N0016: command([GUEST_OFFLOADS, GUEST_OFFLOADS.SET], new Array<number>(8).fill(0)),
  N0019: command([HASH_TUNNEL, HASH_TUNNEL.SET], [0, 0, 0, 0]),
  N0020: command([NOTF_COAL, NOTF_COAL.TX_SET], new Array<number>(8).fill(0)),
  N0022: command([{ class: 0xff }, 0], [0]),
  N0024: command([VLAN, VLAN.ADD], le16(1)),
  N0026: pairs(0),
  N0028: command([RX, RX.PROMISC], [], FILTERS),
  N0032: command([RX, 0xff], [0], FILTERS),
  N0033: acked((device) => readable(device, [0])),
  N0038: pairs(0xffff),
  N0041: command([RX, RX.PROMISC], new Array<number>(4096).fill(1), FILTERS),
  N0044: vlan(4096),
  N0046: command([ANNOUNCE, ANNOUNCE.ACK], []),
  N0053: command([MAC, MAC.MAC_TABLE_SET], [...le16(0xffff, 0), 2, 0, 0, 0, 0, 1, ...le16(0, 0)], FILTERS),
  N0054: command([RX, RX.ALLUNI], [1], FILTERS),
  N0058: address(0, 0, 0, 0, 0, 0),
  N0060: command([GUEST_OFFLOADS, GUEST_OFFLOADS.SET], new Array<number>(8).fill(0)),
  N0062: pairs(0xffff),
  N0063: command([MQ, MQ.RSS_CONFIG], new Array<number>(20).fill(0)),
  N0064: steers({ mask: 2, table: [0, 1, 0] }),
  N0065: steers({ types: 0x8000 }),
  N0066: pairs(0),
  N0067: onNic((rings, device) => {
    send(rings, device, [MQ, MQ.VQ_PAIRS_SET], le16(1));
    rings[SEND + 2]!.send(headerOf(device), readable(device, makeFrame()));
  }, withCommands(TWO)),
  N0070: command([RX, RX.PROMISC], [1]),
  N0072: steers({ mask: 0xffff }),
  N0076: command([VLAN, VLAN.ADD], le16(1)),
  N0079: command([{ class: 0x80 }, 0], [0]),
  N0080: command([RX, RX.NOBCAST], [1], FILTERS),
  N0084: command([MAC, MAC.MAC_ADDR_SET], [2, 0, 0, 0, 0, 1]),
  N0089: command([RX, RX.NOBCAST], [1], FILTERS),
  N0090: command([NOTF_COAL, NOTF_COAL.TX_SET], new Array<number>(8).fill(1)),
  N0091: command([NOTF_COAL, NOTF_COAL.RX_SET], new Array<number>(8).fill(1)),
  N0092: command([NOTF_COAL, NOTF_COAL.VQ_SET], new Array<number>(12).fill(0)),
  N0093: command([NOTF_COAL, NOTF_COAL.VQ_SET], [...le16(0xffff, 0), ...new Array<number>(8).fill(1)], {
    features: ['VQ_NOTF_COAL'],
    offer: ['VQ_NOTF_COAL'],
  }),
  N0094: command([NOTF_COAL, NOTF_COAL.TX_SET], new Array<number>(8).fill(0)),
  N0095: onNic(
    (rings, device) =>
      rings
        .at(-1)!
        .send(
          readable(device, [NOTF_COAL.class, NOTF_COAL.VQ_GET]),
          readable(device, le16(0, 0)),
          room(device, 9),
        ),
    withCommands({}),
  ),
  N0101: command([MQ, MQ.HASH_CONFIG], new Array<number>(20).fill(0)),
  N0102: command([MQ, MQ.HASH_CONFIG], new Array<number>(13).fill(0)),
  N0105: command([RX, RX.NOBCAST], [1], FILTERS),
  N0106: command([RX, RX.NOMULTI], [1], FILTERS),
  N0107: steers({ table: [0, 7] }),
  N0108: onNic(
    (rings, device) => {
      device.put(reg.queue_select, 2);
      device.put(reg.queue_reset, 1);
      send(rings, device, [MQ, MQ.VQ_PAIRS_SET], le16(2));
    },
    withCommands({ ...TWO, ring: 'RING_RESET' }),
  ),
  N0109: command([MAC, MAC.MAC_TABLE_SET], [...le16(100, 0), ...le16(0, 0)], FILTERS),
  N0110: vlan(4095),
  N0111: command([ANNOUNCE, ANNOUNCE.ACK], []),
  N0116: command([RX, RX.PROMISC], [2], FILTERS),
  N0118: address(0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
  N0127: command([MQ, MQ.RSS_CONFIG], new Array<number>(20).fill(0)),
  N0131: acked((device) => ({ ...room(device, 1), length: 0 })),
  N0165: command([STATS, STATS.QUERY], []),
  N0166: command([NOTF_COAL, NOTF_COAL.VQ_SET], new Array<number>(12).fill(0)),
};
