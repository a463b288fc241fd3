import { ByteReader } from '../../../core/byte-reader.ts';
import { checkList, checkSized, checkWhole } from '../../../core/checks.ts';
import { MisuseError } from '../../../core/misuse.ts';
import {
  NET_COMMANDS,
  virtio_net_ctrl_coal,
  virtio_net_ctrl_coal_vq,
} from '../../../virtio/net/registers/commands.ts';
import {
  virtio_net_hash_config,
  virtio_net_rss_config,
  virtnet_rss_ctx_add_modify,
} from '../../../virtio/net/registers/rss.ts';
import { virtio_net_ctrl_queue_stats } from '../../../virtio/net/registers/statistics.ts';
import { NET_FEATURE, virtio_net_config } from '../../../virtio/net/registers.ts';
import type { VirtioDriver } from '../../virtio/virtio-driver.ts';
import type { DriverNetControlQueue } from './control-queue.ts';

const { HASH_TUNNEL } = NET_FEATURE;
const CONFIG = virtio_net_config.offset;
const ADDRESS = 6;
const RESULT_MOST = 512;
const TYPES = virtio_net_ctrl_queue_stats.offset.types_bitmap;
type CommandName = keyof typeof NET_COMMANDS;

/** Parameters of receive steering. */
export interface Steering {
  /** Receive queues by their pairs, from 0 on; the length is a power of two. */
  readonly table: readonly number[];
  /** Bits of supported_hash_types. Default 0. */
  readonly hashTypes?: number;
  /** Number of pairs for sending. Default 1. */
  readonly transmit?: number;
  /** The hash key. Default none. */
  readonly key?: Uint8Array;
}

/** Interrupt coalescing parameters of a queue. */
export interface Moderation {
  readonly max_packets: number;
  readonly max_usecs: number;
}

/**
 * Commands of a network card, each of which needs a feature. They return false, or null, if the card refuses.
 *
 * @example
 * nic.commands.filter([address], []);                     // CTRL_RX
 * nic.commands.moderate(0, { max_packets: 8, max_usecs: 50 });      // VQ_NOTF_COAL
 * nic.commands.statistics(0);                             // DEVICE_STATS: the answer's bytes
 *
 * @throws MisuseError without the needed feature.
 */
export class NicCommands {
  private readonly queue: DriverNetControlQueue;
  private readonly device: VirtioDriver;

  constructor(queue: DriverNetControlQueue, device: VirtioDriver) {
    this.queue = queue;
    this.device = device;
  }

  /** Tunnel types whose inner header the card can hash, including undefined bits. 0 without HASH_TUNNEL. */
  get supportedTunnels(): number {
    const { features, transport } = this.device;
    return features.has(HASH_TUNNEL) ? transport.readConfig(CONFIG.supported_tunnel_types, 4) : 0;
  }

  /** Switches PROMISC, ALLMULTI, ALLUNI, NOMULTI, NOUNI or NOBCAST. */
  receive(mode: 'PROMISC' | 'ALLMULTI' | 'ALLUNI' | 'NOMULTI' | 'NOUNI' | 'NOBCAST', on: boolean): boolean {
    return this.ask(mode, Uint8Array.of(on ? 1 : 0));
  }

  /** MAC_TABLE_SET: the addresses received beside the card's own, each of six bytes. */
  filter(stations: readonly Uint8Array[], groups: readonly Uint8Array[]): boolean {
    return this.ask('MAC_TABLE_SET', this.table('stations', stations), this.table('groups', groups));
  }

  /** MAC_ADDR_SET. */
  setMac(address: Uint8Array): boolean {
    checkSized('address', address, ADDRESS, ADDRESS);
    return this.ask('MAC_ADDR_SET', address);
  }

  /** Whether frames of a VLAN, 0 to 4095, are received. */
  vlan(id: number, on: boolean): boolean {
    checkWhole('id', id, 0, 4095);
    return this.ask(on ? 'VLAN_ADD' : 'VLAN_DEL', this.number(id));
  }

  /** ANNOUNCE_ACK. */
  acknowledge(): boolean {
    return this.ask('ANNOUNCE_ACK');
  }

  setPairs(pairs: number): boolean {
    return this.ask('VQ_PAIRS_SET', this.number(pairs));
  }

  /** @param mask feature bits below 32. */
  setOffloads(mask: number): boolean {
    const data = new Uint8Array(8);
    const little = this.queue.endian === 'le';
    new DataView(data.buffer).setUint32(little ? 0 : 4, mask, little);
    return this.ask('GUEST_OFFLOADS_SET', data);
  }

  /** RSS_CONFIG. */
  steer(steering: Steering): boolean {
    return this.ask('RSS_CONFIG', rss(steering));
  }

  /** HASH_CONFIG; by default without a key. */
  hash(types: number, key: Uint8Array = new Uint8Array(0)): boolean {
    const head = virtio_net_hash_config.encode({ hash_types: types, hash_key_length: key.length });
    return this.ask('HASH_CONFIG', head, key);
  }

  /** HASH_TUNNEL_SET: bits of supported_tunnel_types. */
  tunnels(types: number): boolean {
    const data = new Uint8Array(4);
    new DataView(data.buffer).setUint32(0, types, true);
    return this.ask('HASH_TUNNEL_SET', data);
  }

  /** Adds RSS context `id`, after checking the maximum. */
  addContext(id: number, steering: Steering): boolean {
    const most = new ByteReader('le', this.askFor('RSS_CTX_CAP_GET', 2) ?? new Uint8Array(0)).u16(0);
    if (id < 1 || id > most) return false;
    const head = virtnet_rss_ctx_add_modify.encode({ rss_ctx_id: id });
    return this.ask('RSS_CTX_ADD', Uint8Array.of(...head, ...rss(steering)));
  }

  deleteContext(id: number): boolean {
    return this.ask('RSS_CTX_DEL', this.number(id));
  }

  /** For one queue, by its index. */
  moderate(queue: number, moderation: Moderation): boolean {
    const head = virtio_net_ctrl_coal_vq.encode({ vq_index: queue });
    return this.ask('NOTF_COAL_VQ_SET', Uint8Array.of(...head, ...virtio_net_ctrl_coal.encode(moderation)));
  }

  /** For all queues of one kind. */
  moderateAll(kind: 'receive' | 'transmit', moderation: Moderation): boolean {
    const name = kind === 'receive' ? 'NOTF_COAL_RX_SET' : 'NOTF_COAL_TX_SET';
    return this.ask(name, virtio_net_ctrl_coal.encode(moderation));
  }

  moderationOf(queue: number): Moderation | null {
    const head = virtio_net_ctrl_coal_vq.encode({ vq_index: queue });
    const result = this.askFor('NOTF_COAL_VQ_GET', virtio_net_ctrl_coal.size, head);
    return result?.length === virtio_net_ctrl_coal.size ? virtio_net_ctrl_coal.decode(result) : null;
  }

  /** The statistics of a queue that the card supports: `wanted` are bits of types. */
  statistics(queue: number, wanted: bigint): Uint8Array | null {
    const supported = this.askFor('STATS_QUERY', 8);
    if (supported?.length !== 8) return null;
    const types = new DataView(supported.buffer).getBigUint64(0, true) & wanted;
    const data = virtio_net_ctrl_queue_stats.encode({ vq_index: queue, types_bitmap: types });
    return this.askFor('STATS_GET', RESULT_MOST, data.slice(0, TYPES + 8));
  }

  private ask(name: CommandName, ...parts: readonly Uint8Array[]): boolean {
    this.demand(name);
    return this.queue.ask(name, ...parts);
  }

  private askFor(name: CommandName, bytes: number, ...parts: readonly Uint8Array[]): Uint8Array | null {
    this.demand(name);
    return this.queue.askFor(name, bytes, ...parts);
  }

  private demand(name: CommandName): void {
    const { feature } = NET_COMMANDS[name];
    if (!this.device.features.has(feature))
      throw new MisuseError(
        'features',
        [...this.device.features.words],
        `a set with feature ${feature}, which ${name} needs`,
      );
  }

  private number(value: number): Uint8Array {
    const data = new Uint8Array(2);
    new DataView(data.buffer).setUint16(0, value, this.queue.endian === 'le');
    return data;
  }

  private table(path: string, addresses: readonly Uint8Array[]): Uint8Array {
    checkList(path, addresses);
    for (const address of addresses) checkSized(path, address, ADDRESS, ADDRESS);
    const count = new Uint8Array(4);
    new DataView(count.buffer).setUint32(0, addresses.length, this.queue.endian === 'le');
    return Uint8Array.of(...count, ...addresses.flatMap((address) => [...address]));
  }
}

function rss({ table, hashTypes = 0, transmit = 1, key = new Uint8Array(0) }: Steering): Uint8Array {
  const head = virtio_net_rss_config.encode({
    hash_types: hashTypes,
    indirection_table_mask: table.length - 1,
    unclassified_queue: table[0]!,
  });
  const entries = [...table, transmit].flatMap((number) => [number & 0xff, number >> 8]);
  return Uint8Array.of(...head, ...entries, key.length, ...key);
}
