import type { Mark } from '../../../core/access.ts';
import { BitSet } from '../../../core/bit-set.ts';
import { bytesText } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import { RepeatedMoment } from '../../../core/repeated-moment.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import type { Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';
import type { Chain, NetEvents } from '../../../virtio/net/events.ts';
import {
  ETHERNET_HEADER,
  FRAME_MAX,
  NET_FEATURE,
  NET_HDR_SIZE,
  netHeaderSize,
} from '../../../virtio/net/registers.ts';
import { StockWatch } from '../queue/stock.ts';
import type { VirtioWatches } from '../watches.ts';
import type { NetFacts } from './facts.ts';
import { buffers, type ChainKnows, FRAMING, readableIn } from './framing.ts';

const { GUEST_TSO4, MRG_RXBUF, MTU } = NET_FEATURE;
const HEADERS: readonly number[] = Object.values(NET_HDR_SIZE);
/** Smallest receive buffer with GSO and without MRG_RXBUF, header included, by versions 1.0 to 1.3. */
const GSO_BUFFER = 65_562;

/** The longest frames that buffers are made for, without segmentation by the device and with it. */
const FRAMES: readonly number[] = [FRAME_MAX, 65_589];

/** The first receive queue. */
const FIRST_RECEIVE = 0;

const RECEIVE_BUFFERS = 'virtio 1.4, Setting Up Receive Buffers';

/** Rules on the size of receive buffers, checked when a frame takes one. Readable parts in one break NET-IMP-2. */
export const RECEIVE = {
  'virtio/NET-RXB-D1': {
    where: RECEIVE_BUFFERS,
    text: 'A driver with guest GSO and without MRG_RXBUF SHOULD give each receive buffer 65562 bytes (virtio 1.0 to 1.3; 1.4 asks for 65601).',
    advice: 'Offer buffers of 65562 bytes, accept MRG_RXBUF, or do not accept the receive offloads.',
    on: 'buffer',
    when: (k) => k.astray === 0 && !merges(k.accepted) && k.accepted.has(GUEST_TSO4),
    kept: (k) => k.bytes >= GSO_BUFFER,
    said: size,
    facts: buffers,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-RXB-D2': {
    where: RECEIVE_BUFFERS,
    text: 'A driver without guest GSO and MRG_RXBUF SHOULD give each receive buffer the header plus 1514 bytes.',
    advice: 'Offer buffers of at least the header plus 1514 bytes: a whole Ethernet frame.',
    on: 'buffer',
    when: (k) => k.astray === 0 && !merges(k.accepted) && !k.accepted.has(GUEST_TSO4),
    kept: (k) => k.bytes >= netHeaderSize(k.accepted) + FRAME_MAX,
    said: size,
    facts: buffers,
    since: (k) => k.negotiatedAt,
    follows: ['virtio/NET-RXB-D4'],
    apart: (k) => recounted(k) < netHeaderSize(k.accepted) + FRAME_MAX,
  },
  'virtio/NET-RXB-D3': {
    where: RECEIVE_BUFFERS,
    text: 'A driver with MRG_RXBUF MUST give each receive buffer room for at least the header.',
    advice: 'Offer buffers of at least 12 bytes; whole pages waste less.',
    on: 'buffer',
    when: (k) => k.astray === 0 && merges(k.accepted),
    kept: (k) => k.bytes >= netHeaderSize(k.accepted),
    said: size,
    facts: buffers,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-RXB-D4': {
    where: RECEIVE_BUFFERS,
    text: 'A driver MUST count every field up to the newest negotiated one in the header size (checked if a buffer fits a shorter header and the longest frame).',
    advice:
      'Use 32 bytes of header with OUT_NET_HEADER or IPSEC, 24 with tunnels, 20 with HASH_REPORT, and 12 with none of them.',
    on: 'buffer',
    // The lengths that the same section names do not count longer headers.
    when: (k) => k.astray === 0 && !merges(k.accepted) && isNamed(netHeaderSize(k.accepted)),
    kept: (k) => headerCounted(k) === undefined,
    said: (k) =>
      `a receive buffer has ${bytesText(k.bytes)}, as for a header of ${headerCounted(k)}, but the header has ${netHeaderSize(k.accepted)}`,
    facts: buffers,
    since: (k) => k.negotiatedAt,
    follows: ['virtio/NET-TX-D1'],
    anywhere: true,
  },
  'virtio/NET-CFG-D8': {
    where: 'virtio 1.4, Device configuration layout',
    text: 'A driver with MTU MUST offer receive space for one frame of mtu bytes.',
    advice:
      'Offer buffers of the header, the Ethernet header and mtu bytes, with MRG_RXBUF in all buffers together; or do not accept MTU (3).',
    on: 'buffer',
    when: (k) => k.astray === 0 && k.accepted.has(MTU),
    kept: (k) => most(k) >= ownFrame(k),
    said: (k) =>
      merges(k.accepted)
        ? `${k.ringSize} receive buffers of ${bytesText(k.bytes)} hold no frame of ${k.mtu} bytes and its headers`
        : `a receive buffer has ${bytesText(k.bytes)}, but mtu is ${k.mtu}`,
    facts: buffers,
    since: (k) => k.negotiatedAt,
    follows: ['virtio/NET-RXB-D3'],
    apart: (k) => netHeaderSize(k.accepted) * k.ringSize < ownFrame(k),
  },
} as const satisfies Rules<ReceiveWatch>;

function isNamed(header: number): boolean {
  return header === NET_HDR_SIZE.mergeable || header === NET_HDR_SIZE.hash;
}

/** The shorter header that the buffer's length allows for, if it does. */
function headerCounted({ bytes, accepted }: ReceiveWatch): number | undefined {
  const header = netHeaderSize(accepted);
  return HEADERS.find((other) => other < header && FRAMES.includes(bytes - other));
}

/** How long the buffer would be with the right header; 0 if it has that. */
function recounted(k: ReceiveWatch): number {
  const counted = headerCounted(k);
  return counted === undefined ? 0 : k.bytes - counted + netHeaderSize(k.accepted);
}

/** A frame of mtu bytes, and its headers. */
function ownFrame({ accepted, mtu }: ReceiveWatch): number {
  return netHeaderSize(accepted) + ETHERNET_HEADER + mtu;
}

/** The bytes that one frame can take, if all buffers are like this one. */
function most({ bytes, accepted, ringSize }: ReceiveWatch): number {
  return merges(accepted) ? bytes * ringSize : bytes;
}

function merges(accepted: BitSet): boolean {
  return accepted.has(MRG_RXBUF);
}

function size({ bytes }: ChainKnows): string {
  return `a receive buffer has ${bytesText(bytes)}`;
}

const RULES = { ...FRAMING, ...RECEIVE };

/** Watches the buffers that a driver receives into. Most are like the one before, and are only counted. */
export class ReceiveWatch implements Partial<NetEvents> {
  /** Of its own: buffers are counted as long as these are the same. */
  readonly accepted = new BitSet();
  negotiatedAt: Mark = 0;
  readonly receives = true;
  queue = 0;
  chain: Chain | null = null;
  bytes = 0;
  first = 0;
  astray = 0;
  private readonly facts: NetFacts;
  private readonly journal: Journal;
  private readonly chains;

  constructor(facts: NetFacts, journal: Journal) {
    this.facts = facts;
    this.journal = journal;
    this.chains = new RepeatedMoment<ReceiveWatch>(journal, new Watch(journal, RULES).on.buffer, this);
  }

  get header(): number {
    return netHeaderSize(this.accepted);
  }

  /** mtu of the configuration. */
  get mtu(): number {
    return this.facts.shown.mtu;
  }

  /** The most chains that the queue can have. */
  get ringSize(): number {
    return this.facts.queueSizes[this.queue]!;
  }

  get subject(): string {
    return this.facts.queueName(this.queue);
  }

  get picture(): RingPicture | null {
    return this.facts.pictures?.of(this.queue, this.chain?.id) ?? null;
  }

  negotiated(accepted: BitSet): void {
    this.chains.end();
    this.accepted.words.set(accepted.words);
    this.negotiatedAt = this.journal.mark;
  }

  buffer(queue: number, chain: Chain): void {
    const { readableBytes: astray, writableBytes: bytes } = chain;
    const first = bytes === 0 ? 0 : chain.lengthOf(astray === 0 ? 0 : readableIn(chain));
    const { chains } = this;
    if (chains.on && bytes === this.bytes && first === this.first && astray === this.astray) {
      chains.again();
      return;
    }
    chains.end();
    this.queue = queue;
    this.chain = chain;
    this.bytes = bytes;
    this.first = first;
    this.astray = astray;
    chains.begin();
  }
}

/** Watches whether the receive queues that are in use are stocked with buffers when the run is over. */
export class ReceiveStock implements Partial<NetEvents> {
  private pairs = 1;
  /** The pairs that RSS_CONFIG names for received frames; null is the enabled ones. */
  private steeredTo: ReadonlySet<number> | null = null;
  private readonly others: VirtioWatches;
  private readonly stock: StockWatch;

  constructor(journal: Journal, others: VirtioWatches) {
    this.others = others;
    this.stock = new StockWatch('frames', journal);
    journal.atEnd(() => this.ended());
  }

  reset(): void {
    this.pairsSet(0, 1);
  }

  pairsSet(_queue: number, pairs: number): void {
    this.pairs = pairs;
    this.steeredTo = null;
  }

  steered(receive: ReadonlySet<number>): void {
    this.steeredTo = receive;
  }

  /** A driver that only sends has no receive queue in use, though it may have set one up. */
  private ended(): void {
    const { outcome, queues, vectors } = this.others;
    const { stores } = this.others.facts;
    if (!outcome.isLive) return;
    const receiving = queues.list.filter((_, i) => i % 2 === 0 && this.isReceiving(i >> 1));
    const receives =
      receiving.length > 1 ||
      receiving.some(({ announce }) => announce.inUse) ||
      vectors.listened.has(FIRST_RECEIVE);
    for (const queue of receiving) {
      if (!receives || queue.place === null) continue;
      const { announce, left } = queue;
      const index = queues.list.indexOf(queue);
      const hasUnseen = stores?.hasUnseen(index) ?? false;
      const unseen = hasUnseen || (stores?.leftIn(index) ?? 0) > 0;
      const ahead = hasUnseen && vectors.serves(index) ? (queue.events?.eventAhead ?? null) : null;
      const held = vectors.heldBack(index) ?? ahead;
      this.stock.ended(queue, announce.isStocked, announce.starved, { left, unseen, held });
    }
  }

  private isReceiving(pair: number): boolean {
    return this.steeredTo?.has(pair) ?? pair < this.pairs;
  }
}
