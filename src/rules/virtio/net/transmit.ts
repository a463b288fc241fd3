import type { Mark } from '../../../core/access.ts';
import { BitSet } from '../../../core/bit-set.ts';
import type { Journal } from '../../../core/journal.ts';
import { RepeatedMoment } from '../../../core/repeated-moment.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import type { Rules } from '../../../core/rule.ts';
import { Staging } from '../../../core/staging.ts';
import { Watch } from '../../../core/watch.ts';
import type { Chain, NetEvents, SentFrame } from '../../../virtio/net/events.ts';
import {
  ETHERNET_HEADER,
  IPV4_FRAME_MAX,
  NET_HDR_GSO,
  NET_HDR_SIZE,
  netHeaderSize,
  TRANSMIT_MAX,
} from '../../../virtio/net/registers.ts';
import type { QueueWatches } from '../queue/queue-watches.ts';
import { gsoOf } from './claims/knows.ts';
import { type NetFacts, pairsOf } from './facts.ts';
import { buffers, FRAMING } from './framing.ts';
import { HEADER, type HeaderKnows } from './header.ts';

const MAY_BE_IPV6: ReadonlySet<number> = new Set([NET_HDR_GSO.TCPV6, NET_HDR_GSO.UDP, NET_HDR_GSO.UDP_L4]);
const PACKET_TRANSMISSION = 'virtio 1.4, Packet Transmission';

const { legacy: SHORT, mergeable: LONG, outer: LONGEST } = NET_HDR_SIZE;
/** Offset of EtherType in a frame. */
const ETHERTYPE = ETHERNET_HEADER - 2;
/** IPv4, ARP, VLAN tags, IPv6, PPPoE, LLDP, experiments: types that show where a frame begins. */
const KNOWN: readonly number[] = [
  0x0800, 0x0806, 0x8100, 0x86dd, 0x8863, 0x8864, 0x88a8, 0x88b5, 0x88b6, 0x88cc,
];

/**
 * How many bytes of header a driver has put before a frame, by the position of EtherType.
 *
 * @example
 * new SentHeader().sizeOf(chain, 12, 0x4201);      // 10: EtherType is where a short header puts it
 */
class SentHeader {
  private readonly bytes = new Staging(LONGEST + ETHERNET_HEADER);

  /**
   * @param expected 10 or 12, the result where nothing shows otherwise.
   * @param buffers num_buffers as the card reads it; behind a short header the first two bytes of the frame.
   */
  sizeOf(chain: Chain, expected: number, buffers: number): number {
    const other = expected === LONG ? SHORT : LONG;
    // This shows most right headers of modern drivers without a look at the frame.
    if (expected === LONG && buffers === 0) return expected;
    chain.gather(this.bytes);
    if (this.isFrameAt(expected)) return expected;
    if (this.isFrameAt(other)) return other;
    return expected === LONG && chain.lengthOf(0) === SHORT ? SHORT : expected;
  }

  private isFrameAt(header: number): boolean {
    const { bytes } = this.bytes;
    const at = header + ETHERTYPE;
    return KNOWN.includes((bytes[at]! << 8) | bytes[at + 1]!);
  }
}

/** Rules on any frame that is sent. */
const FRAMES = {
  'virtio/NET-MQ-D3': {
    where: 'virtio 1.4, Automatic receive steering in multiqueue mode',
    text: 'A driver MUST send only on transmitq1 before VQ_PAIRS_SET.',
    advice:
      'Send on the first pair until VQ_PAIRS_SET was answered with OK, and then on as many pairs as it named.',
    on: ['sends', 'drops'],
    when: (k) => k.pairsEnabled < k.pairs && !k.byCommand,
    kept: (k) => pairOf(k) < k.pairsEnabled,
    said: unenabled,
    since: (k) => k.enabledAt,
  },
  'virtio/NET-MQ-D4': {
    where: 'virtio 1.4, Automatic receive steering in multiqueue mode',
    text: 'A driver MUST NOT send on transmit queues beyond the pairs that VQ_PAIRS_SET named once that command is available.',
    advice: 'Send on no more pairs than the last command named, from the moment it is made available.',
    on: ['sends', 'drops'],
    // A packet made available before is not a new one.
    when: (k) => k.pairsEnabled < k.pairs && k.byCommand && !k.older,
    kept: (k) => pairOf(k) < k.pairsEnabled,
    said: unenabled,
    since: (k) => k.enabledAt,
  },
  'virtio/NET-TX-D1': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST use a transmit header of the same size as the receive header.',
    advice:
      'Put 12 bytes of virtio_net_hdr before a frame with VERSION_1 or MRG_RXBUF, 10 without, and more with HASH_REPORT or tunnels, as the device does for received frames.',
    on: ['sends', 'drops'],
    // A chain with buffers to write breaks NET-IMP-2: what is left of it says nothing of the header.
    when: (k) => k.astray === 0,
    kept: (k) => k.bytes >= least(k) && k.header === netHeaderSize(k.accepted),
    said: (k) =>
      k.bytes < least(k)
        ? `a transmit chain has ${k.bytes} bytes, and a header and that of Ethernet are ${least(k)}`
        : `a frame was sent after a header of ${k.header} bytes, but it has ${netHeaderSize(k.accepted)}`,
    facts: buffers,
    since: (k) => k.negotiatedAt,
    follows: ['virtio/RFEAT-D1'],
    // With VERSION_1 it would be right.
    apart: (k) => k.header !== LONG,
  },
  'virtio/NET-IMP-11': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST NOT send a frame longer than its Ethernet header plus 65,535 bytes (for IPv6, plus the IPv6 header).',
    advice:
      'Send at most 65,535 bytes after the Ethernet header: the card drops frames whose length no IP header can state.',
    on: ['sends', 'drops'],
    kept: (k) =>
      k.bytes <= netHeaderSize(k.accepted) + (MAY_BE_IPV6.has(k.gso) ? TRANSMIT_MAX : IPV4_FRAME_MAX),
    said: (k) => `a transmit chain has ${k.bytes} bytes`,
    facts: buffers,
  },
} as const satisfies Rules<TransmitWatch>;

export const TRANSMIT = { ...FRAMES, ...HEADER } as const;

/** Bytes of the shortest chain that holds a frame's header. */
function least({ accepted }: TransmitWatch): number {
  return netHeaderSize(accepted) + ETHERNET_HEADER;
}

function unenabled(k: TransmitWatch): string {
  const enabled = k.pairsEnabled === 1 ? '1 pair is' : `${k.pairsEnabled} pairs are`;
  return `pair ${pairOf(k) + 1} of queues was used, and ${enabled} enabled`;
}

function pairOf({ queue }: TransmitWatch): number {
  return queue >> 1;
}

const RULES = { ...FRAMING, ...TRANSMIT };

/** Watches what a driver sends. Most frames are like the one before, and are only counted. */
export class TransmitWatch implements HeaderKnows, Partial<NetEvents> {
  /** Of its own: frames are counted as long as these are the same. */
  readonly accepted = new BitSet();
  negotiatedAt: Mark = 0;
  readonly receives = false;
  queue = 0;
  /** Pairs of queues that the card has, and those that are enabled. */
  readonly pairs: number;
  pairsEnabled = 1;
  /** They were enabled by a command, and not by a reset. */
  byCommand = false;
  /** When they were enabled. */
  enabledAt: Mark = 0;
  /** The frame was made available before that. */
  older = false;
  chain: Chain | null = null;
  bytes = 0;
  first = 0;
  astray = 0;
  flags = 0;
  gso = 0;
  gsoSize = 0;
  buffers = 0;
  hash = 0;
  header = 0;
  gsoType = 0;
  /** Frames of each queue that were available when pairs were enabled last. */
  private readonly old: number[] = [];
  private readonly looked = new SentHeader();
  private readonly facts: NetFacts;
  private readonly journal: Journal;
  private readonly queues: QueueWatches;
  private readonly frames;
  private readonly on;

  constructor(facts: NetFacts, journal: Journal, queues: QueueWatches) {
    this.facts = facts;
    this.journal = journal;
    this.queues = queues;
    this.pairs = pairsOf(facts);
    this.on = new Watch(journal, RULES).on;
    this.frames = new RepeatedMoment<TransmitWatch>(journal, this.on.sends, this);
  }

  get subject(): string {
    return this.facts.queueName(this.queue);
  }

  get picture(): RingPicture | null {
    return this.facts.pictures?.of(this.queue, this.chain?.id) ?? null;
  }

  reset(): void {
    this.enable(1, false);
  }

  negotiated(accepted: BitSet): void {
    this.frames.end();
    this.accepted.words.set(accepted.words);
    this.negotiatedAt = this.journal.mark;
  }

  pairsSet(_queue: number, pairs: number): void {
    this.enable(pairs, true);
  }

  steered(_receive: ReadonlySet<number>, transmit: number): void {
    this.enable(transmit, true);
  }

  sends(queue: number, chain: Chain, sent: SentFrame): void {
    const { frames } = this;
    if (this.isAlike(queue, chain, sent)) frames.again();
    else {
      frames.end();
      this.took(queue, chain);
      this.fills(chain, sent);
      frames.begin();
      if (this.older) frames.end();
    }
  }

  drops(queue: number, chain: Chain): void {
    this.frames.end();
    this.took(queue, chain);
    this.header = netHeaderSize(this.accepted);
    this.on.drops.tell(this);
  }

  /** @param byCommand by the driver, and not by a reset. */
  private enable(pairs: number, byCommand: boolean): void {
    const { old, queues } = this;
    this.frames.end();
    this.pairsEnabled = pairs;
    this.enabledAt = this.journal.mark;
    this.byCommand = byCommand;
    for (let pair = pairs; pair < this.pairs; pair++)
      old[pair] = byCommand ? queues.waitingIn(2 * pair + 1) : 0;
  }

  private isAlike(queue: number, chain: Chain, sent: SentFrame): boolean {
    return (
      this.frames.on &&
      chain.readableBytes === this.bytes &&
      chain.writableBytes === this.astray &&
      chain.lengthOf(0) === this.first &&
      queue === this.queue &&
      sent.flags === this.flags &&
      sent.gsoType === this.gsoType &&
      sent.gsoSize === this.gsoSize &&
      sent.numBuffers === this.buffers &&
      sent.hash === this.hash
    );
  }

  private fills(chain: Chain, { flags, gsoType, gsoSize, numBuffers, hash }: SentFrame): void {
    this.flags = flags;
    this.gsoType = gsoType;
    this.gso = gsoOf(gsoType);
    this.gsoSize = gsoSize;
    this.buffers = numBuffers;
    this.hash = hash;
    this.header = this.looked.sizeOf(chain, netHeaderSize(this.accepted), numBuffers);
  }

  private took(queue: number, chain: Chain): void {
    this.queue = queue;
    this.chain = chain;
    this.bytes = chain.readableBytes;
    this.first = this.bytes === 0 ? 0 : chain.lengthOf(0);
    this.astray = chain.writableBytes;
    const pair = queue >> 1;
    this.older = pair >= this.pairsEnabled && this.old[pair]! > 0;
    if (this.older) this.old[pair]!--;
  }
}
