import type { Coalesced, Cut, Sums } from '../../net/offload/index.ts';
import { NET_HDR_SIZE } from './registers.ts';

/** A frame as the guest will receive it, and its description. */
export interface Packet {
  readonly frame: Uint8Array;
  /** virtio_net_hdr, in the guest's byte order. */
  readonly header: Uint8Array;
  /** How it must be cut to restore the joined frames, and the payload bytes of each; null and 0 if it was not joined. */
  readonly cut: Cut | null;
  readonly gsoSize: number;
  /** For one joined in a tunnel over UDP, where the inner packet begins; else 0. */
  readonly within: number;
  /** Number of frames it was joined from; 1 if unchanged. */
  readonly segments: number;
  /** The original fragments of a reassembled packet; else null. */
  readonly pieces: readonly Uint8Array[] | null;
  /** State of its checksums, if they were checked. */
  readonly sums: Sums;
}

/** A packet without a description. */
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

/** A reusable packet that refers to another's frame, and is copied when it has to wait. */
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

  /** Sets the frame, without a description. */
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

  /** Describes how it was joined. */
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

/** Packets that wait for buffers of one queue; further ones are dropped, as on a full card. */
const WAITING_MAX = 4096;
const WAITING_BYTES_MAX = 32 << 20;
/** Minimum room of each queue, however many share the card's: some of the longest packets. */
const WAITING_BYTES_LEAST = 1 << 20;

/** The packets that wait for buffers of one receive queue. */
export class Backlog {
  private readonly packets: Packet[] = [];
  private readonly bytesMax: number;
  private bytes = 0;

  /** @param shared the number of queues that share the card's room. */
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

  /** Removes the first. */
  drop(): void {
    this.bytes -= this.packets.shift()!.frame.length;
  }

  /** Removes all, in order. */
  takeAll(): Packet[] {
    this.bytes = 0;
    return this.packets.splice(0);
  }
}
