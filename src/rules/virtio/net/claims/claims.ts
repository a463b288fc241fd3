import type { Mark } from '../../../../core/access.ts';
import type { BitSet } from '../../../../core/bit-set.ts';
import type { Width } from '../../../../core/bits.ts';
import type { Journal } from '../../../../core/journal.ts';
import { Watch } from '../../../../core/watch.ts';
import { FrameLayout, findHeaders } from '../../../../net/frame/layout.ts';
import type { Interface } from '../../../../virtio/events.ts';
import { type Chain, type NetEvents, nothingSent, type SentFrame } from '../../../../virtio/net/events.ts';
import {
  NET_FEATURE,
  NET_HDR_F,
  NET_HDR_GSO,
  NET_HDR_SIZE,
  netHeaderSize,
  virtio_net_config,
} from '../../../../virtio/net/registers.ts';
import type { NetFacts } from '../facts.ts';
import type { TransmitWatch } from '../transmit.ts';
import { ADDRESSES, speaksForItself } from './addresses.ts';
import { CHECKSUMS } from './checksums.ts';
import { CUTS } from './cuts.ts';
import { type ClaimKnows, gsoOf, isTunnelled } from './knows.ts';
import { OUTER, outerOf } from './outer.ts';
import { PLACE, placeOf } from './place.ts';
import { completeSums, hasSum, isLeftOpen, SUMS } from './sums.ts';
import { TUNNEL_SUMS } from './tunnel-sums.ts';
import { TUNNELS } from './tunnels.ts';

const { CSUM, MTU } = NET_FEATURE;
const { NEEDS_CSUM } = NET_HDR_F;
const { NONE } = NET_HDR_GSO;
const NOTHING = nothingSent();
const { status } = virtio_net_config.offset;

/** Rules on a driver's claims about a frame, checked against the frame. */
export const CLAIMS = {
  ...CHECKSUMS,
  ...CUTS,
  ...ADDRESSES,
  ...TUNNELS,
  ...TUNNEL_SUMS,
} as const;

/** Compares a driver's claims about its frames with their bytes. Each frame is parsed; few are summed up. */
export class ClaimWatch implements ClaimKnows, Partial<NetEvents> {
  readonly accepted: BitSet;
  macRead = false;
  readonly carried: number | null;
  readonly mtu: number;
  readonly big: boolean;
  swapped: number = PLACE.UNKNOWN;
  sent = NOTHING;
  readonly at = new FrameLayout();
  readonly inner = new FrameLayout();
  packet = this.at;
  outer: number = OUTER.NONE;
  gso = 0;
  place: number = PLACE.UNKNOWN;
  ip = 0;
  sums: number = SUMS.NONE;
  leftOpen = false;
  negotiatedAt: Mark = 0;
  private queue = 0;
  private begun = false;
  private headerSize: number = NET_HDR_SIZE.legacy;
  /** The header has its last fields. */
  private hasWhole = false;
  private isBounded = false;
  private readonly facts: NetFacts;
  private readonly journal: Journal;
  private readonly transmits: TransmitWatch;
  private readonly on;

  /**
   * @param accepted the negotiated features; the set changes in place.
   * @param transmits is told of each frame before.
   */
  constructor(facts: NetFacts, journal: Journal, accepted: BitSet, transmits: TransmitWatch) {
    this.facts = facts;
    this.journal = journal;
    this.accepted = accepted;
    this.transmits = transmits;
    this.carried = facts.carried;
    this.mtu = facts.shown.mtu;
    this.big = facts.big;
    this.on = new Watch(journal, CLAIMS).on;
  }

  get subject(): string {
    return this.facts.queueName(this.queue);
  }

  negotiated(accepted: BitSet): void {
    this.negotiatedAt = this.journal.mark;
    this.begun = false;
    this.isBounded = accepted.has(MTU);
    this.headerSize = netHeaderSize(accepted);
    this.hasWhole = this.headerSize === NET_HDR_SIZE.outer;
  }

  configAccessed(_by: Interface, offset: number, _width: Width, _field: number, write: boolean): void {
    if (!write && offset < status) this.macRead = true;
  }

  /** The read may be of the address. */
  windowUsed(): void {
    this.macRead = true;
  }

  mac(): Uint8Array {
    return this.facts.mac();
  }

  /** With a header of another length the card takes other bytes for the frame. */
  sends(queue: number, _chain: Chain, sent: SentFrame): void {
    if (this.transmits.header === this.headerSize) this.looks(queue, sent);
  }

  private looks(queue: number, sent: SentFrame): void {
    const { at, on } = this;
    this.queue = queue;
    this.sent = sent;
    this.gso = gsoOf(sent.gsoType);
    findHeaders(sent.frame, at);
    this.place = PLACE.UNKNOWN;
    this.packet = at;
    if ((sent.flags & NEEDS_CSUM) !== 0) this.open(sent);
    else if (this.gso === NONE && at.version !== 0) this.closed(sent);
    if (this.gso !== NONE || isTunnelled(this)) on.large.tell(this);
    if ((sent.flags | sent.gsoType) !== 0) on.claimed.tell(this);
    if (this.hasWhole) on.whole.tell(this);
    if (this.isBounded && this.gso === NONE) on.bounded.tell(this);
    if (at.version !== 0) on.frame.tell(this);
    if (!this.begun && speaksForItself(this)) this.begins();
  }

  private begins(): void {
    this.begun = true;
    this.on.first.tell(this);
  }

  private open(sent: SentFrame): void {
    if (!this.accepted.has(CSUM)) return;
    const { at, inner } = this;
    const { frame, csumStart: start, csumOffset: offset, innerNetwork } = sent;
    this.swapped = this.big ? placeOf(frame, at, swap(start), swap(offset), 0, inner) : PLACE.UNKNOWN;
    this.place = placeOf(frame, at, start, offset, innerNetwork, inner);
    if (this.place === PLACE.WITHIN) this.within();
    this.ip = this.place === PLACE.WITHIN ? inner.ip : at.ip;
    this.on.open.tell(this);
  }

  private within(): void {
    if (isTunnelled(this)) this.packet = this.inner;
    this.outer = this.gso === NONE ? OUTER.NONE : outerOf(this);
  }

  private closed({ frame }: SentFrame): void {
    const { at } = this;
    if (this.accepted.has(CSUM)) {
      const has = hasSum(frame, at);
      this.sums = has ? SUMS.RIGHT : SUMS.NONE;
      this.leftOpen = has && isLeftOpen(frame, at);
    } else this.sums = completeSums(frame, at);
    this.on.closed.tell(this);
  }
}

function swap(half: number): number {
  return ((half & 0xff) << 8) | (half >> 8);
}
