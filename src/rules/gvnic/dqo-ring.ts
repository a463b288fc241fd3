import type { Journal } from '../../core/journal.ts';
import type { GuestMemory } from '../../core/memory.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { DqoPacket, GvnicEvents } from '../../gvnic/events.ts';
import {
  DQO_COMPLETION_TYPE,
  DQO_LENGTH_MASK,
  DQO_TX_FLAGS,
  DQO_TX_TYPE,
  dqo_tx_pkt_desc,
} from '../../gvnic/registers/dqo.ts';
import type { MadeQueue } from './card-state.ts';
import type { CommandWatch } from './command-watch.ts';
import { SOURCE } from './facts.ts';
import { addressIn, type LentArea, overlap } from './lent-areas.ts';

/** Descriptors from one that asks for a completion to the next. */
const REPORT_LEAST = 32;
const { PACKET, REINJECTION, DESCRIPTOR } = DQO_COMPLETION_TYPE;

/** Rules for DQO transmit rings. */
export const GVNIC_DQO_RING = {
  'gvnic/DQO-TAIL': {
    where: SOURCE,
    text: 'A driver MUST write the slot behind the last descriptor to the doorbell of a DQO transmit queue, never go back, and leave one slot free.',
    advice:
      'Write the number of the slot modulo the size of the ring, little-endian, and stop before the slot that the device takes next.',
    on: 'tail',
    kept: (k) => k.tail < k.entries && k.outstanding < k.entries,
    said: (k) =>
      `the tail of transmit queue ${k.queue} is ${k.tail}, by which ${k.outstanding} descriptors are outstanding, of ${k.entries} slots`,
  },
  'gvnic/DQO-END': {
    where: SOURCE,
    text: 'A driver MUST end what it posts in a DQO ring with the last descriptor of a packet.',
    advice: 'Set END_OF_PACKET in the last descriptor of bytes, and ring the doorbell behind it.',
    on: 'tail',
    when: (k) => k.added > 0 && k.tail < k.entries && k.outstanding < k.entries,
    kept: (k) => k.isEnd,
    said: (k) => `the last of ${k.added} new descriptors of transmit queue ${k.queue} does not end a packet`,
  },
  'gvnic/DQO-SPACED': {
    where: SOURCE,
    text: 'A driver MUST ask for descriptor completions 32 descriptors apart or more.',
    advice: 'Count descriptors since the last one that asked.',
    on: 'packet',
    when: (k) => k.asks && k.hasAsked,
    kept: (k) => k.since >= REPORT_LEAST,
    said: (k) => `transmit queue ${k.queue} asked again after ${k.since} descriptors`,
  },
  'gvnic/DQO-REUSE': {
    where: SOURCE,
    text: 'A driver that asks for descriptor completions MUST wait for one before it uses slots of a DQO ring again.',
    advice: 'Free slots by descriptor completions alone, and ask for one often enough.',
    on: 'tail',
    when: (k) => k.hasAsked && k.outstanding < k.entries,
    kept: (k) => k.unreported < k.entries,
    said: (k) =>
      `transmit queue ${k.queue} has posted ${k.unreported} descriptors since the last completion of one, of ${k.entries}`,
  },
  'gvnic/DQO-TAG': {
    where: SOURCE,
    text: 'A driver MUST NOT give a DQO packet the tag of one that is not completed.',
    advice:
      'Take tags from a list of those that are free, and put them back with the completion of the packet.',
    on: 'packet',
    kept: (k) => !k.isLent,
    said: (k) => `tag ${k.tag} of transmit queue ${k.queue} is that of a packet that the device has`,
  },
} as const satisfies Rules<DqoRingWatch>;

/** What is known of one ring. */
class Ring {
  readonly made: MadeQueue | undefined;
  /** By tag, where the bytes are of packets that the device has: how many places, then the address and the length of each. */
  readonly named = new Map<number, number[]>();
  /** Descriptors that the device has not taken. */
  outstanding = 0;
  /** Tags of packets that the device has, or whose completions the driver cannot have seen. */
  readonly lent = new Set<number>();
  /** Tags that were completed since the last doorbell. */
  readonly completed: number[] = [];
  hasAsked = false;
  /** Descriptors since the last one that asked; and those posted since the last completion of one. */
  since = 0;
  unreported = 0;
  tail = 0;
  /** Of its descriptors, as the last doorbell had it. */
  entries = 1;
  /** Of packets that are completed: used again. */
  private readonly spare: number[][] = [];

  constructor(made: MadeQueue | undefined) {
    this.made = made;
  }

  take({ tag, named, count }: DqoPacket): void {
    this.outstanding = Math.max(0, this.outstanding - count);
    const places = this.named.get(tag) ?? this.spare.pop() ?? [0];
    places[0] = named.count;
    for (let i = 0; i < named.count; i++) {
      places[2 * i + 1] = named.addresses[i]!;
      places[2 * i + 2] = named.lengths[i]!;
    }
    this.named.set(tag, places);
  }

  complete(tag: number): void {
    const places = this.named.get(tag);
    if (places === undefined) return;
    this.named.delete(tag);
    this.spare.push(places);
  }

  /** Whether a packet that is not completed has bytes of an area. */
  has(area: LentArea, memory: GuestMemory): boolean {
    for (const places of this.named.values())
      for (let i = 0; i < places[0]!; i++)
        if (overlap({ address: places[2 * i + 1]!, length: places[2 * i + 2]! }, area)) return true;
    const [ring] = this.made?.areas ?? [];
    const bytes = ring === undefined ? null : memory.slice(ring.address, ring.length);
    if (bytes === null) return false;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const { size } = dqo_tx_pkt_desc;
    const entries = bytes.length / size;
    for (let i = 1; i <= this.outstanding; i++)
      if (overlap(namedAt(view, ((this.tail - i + entries) % entries) * size), area)) return true;
    return false;
  }
}

/** The bytes that a DQO descriptor names; none of a context. */
export function namedAt(view: DataView, at: number): LentArea {
  const { buf_addr, buf_size, type_flags } = dqo_tx_pkt_desc.offset;
  const isPiece = (view.getUint8(at + type_flags) & DQO_TX_FLAGS.mask.TYPE) === DQO_TX_TYPE.PACKET;
  return {
    address: addressIn(view, at + buf_addr, true),
    length: isPiece ? view.getUint16(at + buf_size, true) & DQO_LENGTH_MASK : 0,
  };
}

/** Watches the transmit rings of a gVNIC with DQO rings. */
export class DqoRingWatch implements Partial<GvnicEvents> {
  queue = 0;
  tail = 0;
  entries = 0;
  added = 0;
  outstanding = 0;
  isEnd = true;
  asks = false;
  hasAsked = false;
  since = 0;
  unreported = 0;
  tag = 0;
  isLent = false;
  private readonly rings = new Map<number, Ring>();
  private readonly commands: CommandWatch;
  private readonly on;

  constructor(commands: CommandWatch, journal: Journal) {
    this.commands = commands;
    this.on = new Watch(journal, GVNIC_DQO_RING).on;
    commands.holders.push((area) => this.whatIn(area));
  }

  get subject(): string {
    return this.commands.subject;
  }

  tailRung(
    queue: number,
    tail: number,
    entries: number,
    added: number,
    isEnd: boolean,
    outstanding: number,
  ): void {
    const ring = this.ringOf(queue);
    // The driver may have seen all that is completed.
    for (const tag of ring.completed) ring.lent.delete(tag);
    ring.completed.length = 0;
    ring.entries = entries;
    ring.unreported += added;
    ring.outstanding = Math.min(outstanding, entries);
    ring.tail = (ring.tail + added) % entries;
    this.queue = queue;
    this.tail = tail;
    this.entries = entries;
    this.added = added;
    this.outstanding = outstanding;
    this.isEnd = isEnd;
    this.hasAsked = ring.hasAsked;
    this.unreported = ring.unreported;
    this.on.tail.tell(this);
  }

  dqoPacket(packet: DqoPacket): void {
    const { queue, count, reports, tag } = packet;
    const ring = this.ringOf(queue);
    ring.take(packet);
    ring.since += count;
    this.queue = queue;
    this.tag = tag;
    this.isLent = ring.lent.has(tag);
    this.asks = reports;
    this.hasAsked = ring.hasAsked;
    this.since = ring.since;
    ring.lent.add(tag);
    this.on.packet.tell(this);
    if (!reports) return;
    ring.hasAsked = true;
    ring.since = 0;
  }

  dqoCompleted(queue: number, type: number, tag: number): void {
    const ring = this.ringOf(queue);
    if (type === PACKET || type === REINJECTION) {
      ring.completed.push(tag);
      ring.complete(tag);
    } else if (type === DESCRIPTOR) ring.unreported = (ring.tail - tag + ring.entries) % ring.entries;
  }

  private ringOf(queue: number): Ring {
    const known = this.rings.get(queue);
    const made = this.commands.state.transmit.get(queue);
    if (known !== undefined && known.made === made) return known;
    const ring = new Ring(made);
    this.rings.set(queue, ring);
    return ring;
  }

  /** Whose packet has bytes of an area; null for none. */
  private whatIn(area: LentArea): string | null {
    const { state, facts } = this.commands;
    for (const [queue, ring] of this.rings)
      if (ring.made !== undefined && state.transmit.get(queue) === ring.made && ring.has(area, facts.memory))
        return `a packet of transmit queue ${queue}`;
    return null;
  }
}
