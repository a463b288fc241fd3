import type { Board } from '../../core/board.ts';
import type { Endian } from '../../core/struct.ts';
import type { Offers } from '../features/offers.ts';
import type { Manners } from '../manners.ts';
import { HASH_TYPES, TUNNEL_TYPES, UNDESCRIBED_TUNNELS } from './hash-registers.ts';
import { NET_CONFIG_FEATURES, NET_FEATURE, NET_STATUS, virtio_net_config } from './registers.ts';

const { LINK_UP, ANNOUNCE } = NET_STATUS.mask;
const { offset } = virtio_net_config;
const { mac, status } = offset;

type Field = keyof typeof offset;
const FIELDS = Object.keys(offset) as Field[];

/** MTU of Compute Engine's networks, and values of fields for features that Compute Engine's card lacks. */
const SHOWN = {
  mtu: 1460,
  speed: 16_000,
  duplex: 1,
  rss_max_key_size: 40,
  rss_max_indirection_table_length: 128,
  supported_hash_types: HASH_TYPES,
  supported_tunnel_types: TUNNEL_TYPES,
} as const satisfies { readonly [Name in Field]?: number };

/** Length of the configuration of a card that may offer these features: at least up to mtu. */
export function netConfigBytes(offered: readonly number[]): number {
  const last = FIELDS.findLastIndex((field) =>
    NET_CONFIG_FEATURES[field].some((feature) => offered.includes(feature)),
  );
  const next = FIELDS[last + 1];
  return Math.max(offset.mtu, next === undefined ? virtio_net_config.size : offset[next]);
}

/** The inputs of a device's configuration. */
interface Showing {
  readonly board: Board;
  readonly manners: Manners;
  readonly offers: Offers;
}

/** An undefined tunnel type that a driver must ignore: its bit, if the device shows one. */
export function strangeTunnels({ board, manners, offers }: Showing): number {
  if (!manners.reservedFeatures || !offers.possible.includes(NET_FEATURE.HASH_TUNNEL)) return 0;
  return UNDESCRIBED_TUNNELS[board.random.below(UNDESCRIBED_TUNNELS.length)]!;
}

/** The device configuration (virtio 1.4, Device configuration layout). */
export class NetConfig {
  /** Has the maximum length. */
  private readonly bytes: Uint8Array;
  private readonly initial: Uint8Array;
  private readonly fields: typeof virtio_net_config;
  /** Offset of its byte. */
  private readonly statusAt: number;

  /** @param strangers undefined bits of supported_tunnel_types. */
  constructor(address: Uint8Array, pairs: number, endian: Endian, strangers: number) {
    this.fields = virtio_net_config.in(endian);
    this.bytes = this.fields.encode({ ...SHOWN, mac: address, status: LINK_UP, max_virtqueue_pairs: pairs });
    this.fields.encode({ supported_tunnel_types: (TUNNEL_TYPES | strangers) >>> 0 }, this.bytes);
    this.initial = this.bytes.slice();
    this.statusAt = endian === 'le' ? status : status + 1;
  }

  /** Its current content. */
  get values(): ReturnType<typeof virtio_net_config.decode> {
    return this.fields.decode(this.bytes);
  }

  get mac(): Uint8Array {
    return this.bytes.slice(mac, status);
  }

  set mac(address: Uint8Array) {
    this.bytes.set(address, mac);
  }

  /** Whether `frame` is for this address. */
  isOwn(frame: Uint8Array): boolean {
    for (let i = 0; i < status - mac; i++) if (this.bytes[mac + i] !== frame[i]) return false;
    return true;
  }

  get linkUp(): boolean {
    return this.has(LINK_UP);
  }

  set linkUp(up: boolean) {
    this.set(LINK_UP, up);
  }

  /** Sets the request to announce the driver's address to its peers. */
  get announce(): boolean {
    return this.has(ANNOUNCE);
  }

  set announce(wanted: boolean) {
    this.set(ANNOUNCE, wanted);
  }

  /** Speed in Mbit/s, and duplex as 0 or 1. */
  setSpeed(speed: number, duplex: number): void {
    this.fields.encode({ speed, duplex }, this.bytes);
  }

  read(at: number): number {
    return this.bytes[at]!;
  }

  /** A legacy driver may set the MAC address here; the rest is read-only. */
  write(at: number, value: number, legacy: boolean): void {
    if (legacy && at < status) this.bytes[at] = value;
  }

  /** Restores the initial content except the link: a cable that is out stays out. */
  restart(): void {
    const { linkUp } = this;
    const { speed, duplex } = this.values;
    this.bytes.set(this.initial);
    this.setSpeed(speed, duplex);
    this.linkUp = linkUp;
  }

  private has(bit: number): boolean {
    return (this.bytes[this.statusAt]! & bit) !== 0;
  }

  private set(bit: number, on: boolean): void {
    if (on) this.bytes[this.statusAt]! |= bit;
    else this.bytes[this.statusAt]! &= ~bit;
  }
}
