import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { DqoPacket, GvnicEvents } from '../../gvnic/events.ts';
import { adminq_command, COMMAND_STATUS, create_tx_queue, OPCODE } from '../../gvnic/registers/admin.ts';
import { DQO_COMPLETION_TYPE } from '../../gvnic/registers/dqo.ts';
import { type GvnicFacts, SOURCE } from './facts.ts';

/** Descriptors from one that asks for a completion to the next. */
const REPORT_LEAST = 32;
const ID_AT = adminq_command.offset.payload + create_tx_queue.offset.queue_id;
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
  /** Tags of packets that the device has, or whose completions the driver cannot have seen. */
  readonly lent = new Set<number>();
  /** Tags that were completed since the last doorbell. */
  readonly completed: number[] = [];
  hasAsked = false;
  /** Descriptors since the last one that asked; and those posted since the last completion of one. */
  since = 0;
  unreported = 0;
  tail = 0;
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
  private created = 0;
  private readonly rings = new Map<number, Ring>();
  private readonly facts: GvnicFacts;
  private readonly on;

  constructor(facts: GvnicFacts, journal: Journal) {
    this.facts = facts;
    this.on = new Watch(journal, GVNIC_DQO_RING).on;
  }

  get subject(): string {
    return this.facts.subject;
  }

  commanded(slot: Uint8Array): void {
    this.created = slot[ID_AT + 3]!;
  }

  answered(opcode: number, status: number): void {
    if (opcode === OPCODE.CREATE_TX_QUEUE && status === COMMAND_STATUS.PASSED)
      this.rings.set(this.created, new Ring());
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
    ring.unreported += added;
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

  dqoPacket({ queue, count, reports, tag }: DqoPacket): void {
    const ring = this.ringOf(queue);
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
    if (type === PACKET || type === REINJECTION) ring.completed.push(tag);
    else if (type === DESCRIPTOR) ring.unreported = (ring.tail - tag + this.entries) % this.entries;
  }

  private ringOf(queue: number): Ring {
    const known = this.rings.get(queue);
    if (known !== undefined) return known;
    const ring = new Ring();
    this.rings.set(queue, ring);
    return ring;
  }
}
