import type { BitSet } from '../../../core/bit-set.ts';
import { get16 } from '../../../net/frame/big-endian.ts';
import { ETHERTYPE, ethernet, TAGS_MOST, vlan_tag } from '../../../net/frame/headers.ts';
import { AddressTable } from '../address-table.ts';
import type { NetConfig } from '../config.ts';
import { NET_FEATURE as F } from '../registers.ts';

const VLAN_ID = 0xfff;
const TYPE_AT = ethernet.offset.ethertype;
/** Bit of the first byte of an address: multicast. */
const GROUP = 1;

/** The switches of class 0 of the control queue. */
export type ReceiveMode = 'PROMISC' | 'ALLMULTI' | 'ALLUNI' | 'NOMULTI' | 'NOUNI' | 'NOBCAST';

/**
 * Decides which frames are received (virtio 1.4, Packet Receive Filtering, MAC Address Filtering, VLAN Filtering; mtu).
 *
 * Without CTRL_RX addresses are not filtered, without CTRL_VLAN tags are not. With them, only what a driver has allowed is
 * received, plus the card's own address and broadcast. PROMISC allows all; untagged frames pass the VLAN filter.
 */
export class ReceiveFilter {
  readonly stations = new AddressTable();
  readonly groups = new AddressTable();
  private readonly on = new Set<ReceiveMode>();
  private readonly vlans = new Uint8Array(VLAN_ID + 1);
  private readonly config: NetConfig;
  /** Whether every frame passes. */
  private open = true;
  private byAddress = false;
  private byVlan = false;
  private mtu = Number.POSITIVE_INFINITY;

  constructor(config: NetConfig) {
    this.config = config;
  }

  negotiated(accepted: BitSet): void {
    this.byAddress = accepted.has(F.CTRL_RX);
    this.byVlan = accepted.has(F.CTRL_VLAN);
    this.mtu = accepted.has(F.MTU) ? this.config.values.mtu : Number.POSITIVE_INFINITY;
    this.decide();
  }

  switch(mode: ReceiveMode, on: boolean): void {
    if (on) this.on.add(mode);
    else this.on.delete(mode);
    this.decide();
  }

  /** Adds or removes a VLAN. */
  setVlan(id: number, on: boolean): void {
    this.vlans[id] = on ? 1 : 0;
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
    return !on.has('NOUNI') && (on.has('ALLUNI') || this.config.isOwn(frame) || this.stations.has(frame));
  }
}

function isToAll(frame: Uint8Array): boolean {
  for (let i = 0; i < ethernet.offset.source; i++) if (frame[i] !== 0xff) return false;
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
