import { get16 } from '../../../core/big-endian.ts';
import type { BitSet } from '../../../core/bit-set.ts';
import type { ByteReader } from '../../../core/byte-reader.ts';
import { ETHERTYPE, ethernet, TAGS_MOST, vlan_tag } from '../../../net/frame/headers.ts';
import { NET_FEATURE as F } from '../registers.ts';
import { type NetCard, type NetFeature, type Served, served } from './feature.ts';

const VLAN_ID = 0xfff;
const VLAN_MOST = 4095;
const COUNT = 4;
const ADDRESS = ethernet.offset.source;
const TYPE_AT = ethernet.offset.ethertype;
/** Bit of the first byte of an address: multicast. */
const GROUP = 1;

/** The switches of class 0 of the control queue. */
const MODES = ['PROMISC', 'ALLMULTI', 'ALLUNI', 'NOMULTI', 'NOUNI', 'NOBCAST'] as const;
type ReceiveMode = (typeof MODES)[number];

/** A table of any number of unicast or multicast addresses. */
class AddressTable {
  private bytes: Uint8Array = new Uint8Array(0);
  /** The last three bytes of each: a quick check that rejects most other frames. */
  private readonly tails = new Set<number>();

  /** @param bytes six for each address. */
  set(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.tails.clear();
    for (let at = 0; at < bytes.length; at += ADDRESS) this.tails.add(tailOf(bytes, at));
  }

  /** Whether the address that `frame` begins with is one of them. */
  has(frame: Uint8Array): boolean {
    if (!this.tails.has(tailOf(frame, 0))) return false;
    for (let at = 0; at < this.bytes.length; at += ADDRESS) if (this.isAt(at, frame)) return true;
    return false;
  }

  private isAt(at: number, frame: Uint8Array): boolean {
    for (let i = 0; i < ADDRESS; i++) if (this.bytes[at + i] !== frame[i]) return false;
    return true;
  }
}

function tailOf(bytes: Uint8Array, at: number): number {
  return (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!;
}

/**
 * Decides which frames are received (virtio 1.4, Packet Receive Filtering, MAC Address Filtering, VLAN Filtering; mtu).
 *
 * Without CTRL_RX addresses are not filtered, without CTRL_VLAN tags are not. With them, only what a driver has allowed is
 * received, plus the card's own address and broadcast. PROMISC allows all; untagged frames pass the VLAN filter.
 */
export class Filters implements NetFeature {
  static readonly bits = [F.CTRL_RX, F.CTRL_VLAN, F.CTRL_RX_EXTRA, F.CTRL_MAC_ADDR, F.MTU];
  readonly commands: readonly Served[] = [
    ...MODES.map((mode) => served(mode, (data) => this.switch(mode, data.u8(0)))),
    served('MAC_TABLE_SET', (data) => this.setTables(data)),
    served('MAC_ADDR_SET', (data) => {
      this.card.config.mac = data.bytes(0, ADDRESS);
      return true;
    }),
    served('VLAN_ADD', (data) => this.setVlan(data.u16(0), 1)),
    served('VLAN_DEL', (data) => this.setVlan(data.u16(0), 0)),
  ];
  private readonly stations = new AddressTable();
  private readonly groups = new AddressTable();
  private readonly on = new Set<ReceiveMode>();
  private readonly vlans = new Uint8Array(VLAN_ID + 1);
  private readonly card: NetCard;
  /** Whether every frame passes. */
  private open = true;
  private byAddress = false;
  private byVlan = false;
  private mtu = Number.POSITIVE_INFINITY;

  constructor(card: NetCard) {
    this.card = card;
  }

  negotiated(accepted: BitSet): void {
    this.byAddress = accepted.has(F.CTRL_RX);
    this.byVlan = accepted.has(F.CTRL_VLAN);
    this.mtu = accepted.has(F.MTU) ? this.card.config.values.mtu : Number.POSITIVE_INFINITY;
    this.decide();
  }

  accepts(frame: Uint8Array): boolean {
    return this.open || this.letsIn(frame);
  }

  reset(): void {
    this.on.clear();
    this.stations.set(new Uint8Array(0));
    this.groups.set(new Uint8Array(0));
    this.vlans.fill(0);
    this.decide();
  }

  private switch(mode: ReceiveMode, on: number): boolean {
    if (on > 1) return false;
    if (on === 1) this.on.add(mode);
    else this.on.delete(mode);
    this.decide();
    return true;
  }

  private setTables(data: ByteReader): boolean {
    if (!isTables(data)) return false;
    const groupsAt = endOf(data, 0);
    this.stations.set(data.bytes(COUNT, groupsAt - COUNT));
    this.groups.set(data.bytes(groupsAt + COUNT, data.length - groupsAt - COUNT));
    return true;
  }

  private setVlan(id: number, on: 0 | 1): boolean {
    if (id > VLAN_MOST) return false;
    this.vlans[id] = on;
    return true;
  }

  private decide(): void {
    this.open = this.mtu === Number.POSITIVE_INFINITY && this.isOpenToAll;
  }

  /** Whether neither address nor tag excludes a frame. */
  private get isOpenToAll(): boolean {
    return this.on.has('PROMISC') || (!this.byAddress && !this.byVlan);
  }

  private letsIn(frame: Uint8Array): boolean {
    if (payloadOf(frame) > this.mtu) return false;
    if (this.isOpenToAll) return true;
    return (!this.byVlan || this.isOfVlan(frame)) && (!this.byAddress || this.isAddressed(frame));
  }

  private isOfVlan(frame: Uint8Array): boolean {
    const tag = TYPE_AT + vlan_tag.offset.tci;
    if (!isTagged(frame, TYPE_AT) || tag + 2 > frame.length) return true;
    return this.vlans[get16(frame, tag) & VLAN_ID] === 1;
  }

  private isAddressed(frame: Uint8Array): boolean {
    const { on } = this;
    if (isToAll(frame)) return !on.has('NOBCAST');
    if ((frame[0]! & GROUP) !== 0)
      return !on.has('NOMULTI') && (on.has('ALLMULTI') || this.groups.has(frame));
    return (
      !on.has('NOUNI') && (on.has('ALLUNI') || this.card.config.isOwn(frame) || this.stations.has(frame))
    );
  }
}

/** A table of unicast addresses, then one of multicast addresses, and nothing after. */
function isTables(data: ByteReader): boolean {
  const groupsAt = endOf(data, 0);
  return data.whole && groupsAt + COUNT <= data.length && endOf(data, groupsAt) === data.length;
}

function endOf(data: ByteReader, at: number): number {
  return at + COUNT + ADDRESS * data.u32(at);
}

function isToAll(frame: Uint8Array): boolean {
  for (let i = 0; i < ADDRESS; i++) if (frame[i] !== 0xff) return false;
  return true;
}

function isTagged(frame: Uint8Array, at: number): boolean {
  if (at + 2 > frame.length) return false;
  const type = get16(frame, at);
  return type === ETHERTYPE.VLAN || type === ETHERTYPE.QINQ;
}

/** Bytes after the Ethernet header and its tags. */
export function payloadOf(frame: Uint8Array): number {
  let at: number = TYPE_AT;
  for (let tags = 0; tags < TAGS_MOST && isTagged(frame, at); tags++) at += vlan_tag.size;
  return frame.length - at - 2;
}
