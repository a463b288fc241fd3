import type { Coalesced, Cut, Sums } from '../../net/offload/index.ts';
import { NET_HDR_SIZE } from './registers.ts';

/** A frame as the guest will get it, and what the device says of it. */
export interface Packet {
  readonly frame: Uint8Array;
  /** virtio_net_hdr, in the guest's byte order. */
  readonly header: Uint8Array;
  /** How it is to be cut to have again what it was joined of, and into pieces of how many bytes; null and 0 as it came. */
  readonly cut: Cut | null;
  readonly gsoSize: number;
  /** Of one joined in a tunnel over UDP, where the packet within begins; else 0. */
  readonly within: number;
  /** Frames that it was joined of; 1 as it came. */
  readonly segments: number;
  /** The fragments that it was put together of, as they came; null of what was not. */
  readonly pieces: readonly Uint8Array[] | null;
  /** What its sums were, if they were looked at. */
  readonly sums: Sums;
}

/** A packet of which nothing is said. */
export function plain(frame: Uint8Array): Packet {
  const header = new Uint8Array(NET_HDR_SIZE.outer);
  return {
    frame: frame.slice(),
    header,
    cut: null,
    gsoSize: 0,
    within: 0,
    segments: 1,
    pieces: null,
    sums: 'none',
  };
}

/** A packet whose frame is another's: used again and again, and copied where it waits. */
export class Lent implements Packet {
  readonly header: Uint8Array;
  frame: Uint8Array;
  cut: Cut | null = null;
  gsoSize = 0;
  within = 0;
  segments = 1;
  pieces: readonly Uint8Array[] | null = null;
  sums: Sums = 'none';
  private readonly words = new Float64Array(NET_HDR_SIZE.outer / 8);

  constructor() {
    this.frame = this.header = new Uint8Array(this.words.buffer);
  }

  /** Of the frame nothing is said yet. */
  of(frame: Uint8Array): this {
    const { words } = this;
    for (let i = 0; i < words.length; i++) words[i] = 0;
    this.frame = frame;
    this.cut = null;
    this.gsoSize = this.within = 0;
    this.segments = 1;
    this.pieces = null;
    this.sums = 'none';
    return this;
  }

  /** Says what it was joined of. */
  say({ cut, gsoSize, within, segments, pieces, sums }: Coalesced): void {
    this.cut = cut;
    this.gsoSize = gsoSize;
    this.within = within;
    this.segments = segments;
    this.pieces = pieces;
    this.sums = sums;
  }
}

function copyOf({ frame, header, cut, gsoSize, within, segments, pieces, sums }: Packet): Packet {
  return { frame: frame.slice(), header: header.slice(), cut, gsoSize, within, segments, pieces, sums };
}

/** Packets that wait for buffers of one queue; what comes beyond is dropped, as by a full card. */
const WAITING_MAX = 4096;
const WAITING_BYTES_MAX = 32 << 20;
/** However many queues share what the card has, each has room for some of the longest. */
const WAITING_BYTES_LEAST = 1 << 20;

/** What waits for the buffers of one receive queue. */
export class Backlog {
  private readonly packets: Packet[] = [];
  private readonly bytesMax: number;
  private bytes = 0;

  /** @param shared how many queues share the card's room. */
  constructor(shared: number) {
    this.bytesMax = Math.max(WAITING_BYTES_MAX / shared, WAITING_BYTES_LEAST);
  }

  get first(): Packet | undefined {
    return this.packets[0];
  }

  /** False if there is no room for it. */
  add(packet: Packet): boolean {
    if (this.packets.length === WAITING_MAX || this.bytes > this.bytesMax) return false;
    this.packets.push(packet instanceof Lent ? copyOf(packet) : packet);
    this.bytes += packet.frame.length;
    return true;
  }

  /** Takes the first out. */
  drop(): void {
    this.bytes -= this.packets.shift()!.frame.length;
  }

  /** Takes all out, in order. */
  takeAll(): Packet[] {
    this.bytes = 0;
    return this.packets.splice(0);
  }
}
