import { hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { DqoPacket, GvnicEvents } from '../../gvnic/events.ts';
import { PAGE } from '../../gvnic/registers/admin.ts';
import { QUEUE_FORMAT } from '../../gvnic/registers/descriptor.ts';
import { DQO_COMPLETION_TYPE, dqo_tx_pkt_desc } from '../../gvnic/registers/dqo.ts';
import { gqi_tx_pkt_desc } from '../../gvnic/registers/gqi.ts';
import { type Held, HeldMemory } from '../memory/held-memory.ts';
import type { StoreParts } from '../virtio/stores/ring-parts.ts';
import type { MadeQueue } from './card-state.ts';
import type { CommandWatch } from './command-watch.ts';
import { namedAt as gqiBytes } from './doorbells.ts';
import { namedAt as dqoBytes } from './dqo-ring.ts';
import { SOURCE } from './facts.ts';

const { PACKET, REINJECTION } = DQO_COMPLETION_TYPE;

/** Rules for what a card sends. */
export const GVNIC_SENDS = {
  'gvnic/TX-BUSY': {
    where: SOURCE,
    text: 'A driver MUST NOT change bytes that it sends before the device is done with them.',
    advice:
      'Use the memory of a packet again once the counter is past its descriptors, or its tag is completed; if it missed, once it was injected again.',
    on: ['done', 'touched'],
    kept: (k) => k.address < 0,
    said: (k) =>
      `${hex(k.address, 8)} was written to, which is of a packet that transmit queue ${k.queue} has`,
    alike: true,
  },
} as const satisfies Rules<SendWatch>;

/** What the device has of one transmit queue. */
class Sends {
  readonly made: MadeQueue;
  /** Of descriptors that are posted, in their order; with DQO rings of those that are not taken. */
  readonly posted: Held[] = [];
  /** Of packets that were taken, by their tags. */
  readonly taken = new Map<number, Held[]>();
  /** Descriptors of a GQI ring that are done. */
  done = 0;

  constructor(made: MadeQueue) {
    this.made = made;
  }
}

/** The bytes of a descriptor, as columns; reused. */
class Bytes {
  count = 0;
  readonly address: number[] = [];
  readonly length: number[] = [];
  readonly isList: readonly boolean[] = [];

  add(address: number, length: number): void {
    this.address[this.count] = address;
    this.length[this.count++] = length;
  }
}

/** Watches memory that a card sends from, between the doorbell and the completion. */
export class SendWatch implements Partial<GvnicEvents> {
  queue = 0;
  /** Where it was touched; -1 is nowhere. */
  address = -1;
  private readonly sends = new Map<number, Sends>();
  private readonly bytes = new Bytes();
  private readonly commands: CommandWatch;
  private readonly parts: StoreParts;
  private readonly held: HeldMemory;
  private readonly on;

  /** @param parts of a watch of all accesses of the driver. */
  constructor(commands: CommandWatch, parts: StoreParts, journal: Journal) {
    this.commands = commands;
    this.parts = parts;
    this.on = new Watch(journal, GVNIC_SENDS).on;
    this.held = new HeldMemory(commands.subject, parts.index, (queue, _id, address) => {
      this.queue = queue;
      this.address = address;
      this.on.touched.tell(this);
      this.address = -1;
    });
  }

  get subject(): string {
    return this.commands.subject;
  }

  transmitRung(queue: number, outstanding: number, entries: number, added: number): void {
    const sends = this.of(queue);
    if (sends === null || added < 0 || outstanding > entries) return;
    for (let i = outstanding - added; i < outstanding; i++)
      this.post(queue, sends, (sends.done + i) % entries);
  }

  gqiCounted(queue: number, count: number): void {
    const sends = this.of(queue);
    if (sends === null) return;
    this.end(sends.posted.splice(0, (count - sends.done) >>> 0));
    sends.done = count;
  }

  tailRung(
    queue: number,
    tail: number,
    entries: number,
    added: number,
    _isEnd: boolean,
    outstanding: number,
  ): void {
    const sends = this.of(queue);
    if (sends === null || outstanding >= entries) return;
    for (let i = added; i > 0; i--) this.post(queue, sends, (tail - i + entries) % entries);
  }

  dqoPacket({ queue, tag, count }: DqoPacket): void {
    const sends = this.of(queue);
    if (sends === null) return;
    this.complete(sends, tag);
    sends.taken.set(tag, sends.posted.splice(0, count));
  }

  dqoCompleted(queue: number, type: number, tag: number): void {
    const sends = this.of(queue);
    if (sends !== null && (type === PACKET || type === REINJECTION)) this.complete(sends, tag);
  }

  /** What is gone with its queue is the driver's again. */
  answered(): void {
    for (const queue of this.sends.keys()) this.of(queue);
  }

  replied(): void {
    this.answered();
  }

  reset(): void {
    this.answered();
  }

  private complete(sends: Sends, tag: number): void {
    const held = sends.taken.get(tag);
    if (held === undefined) return;
    sends.taken.delete(tag);
    this.end(held);
  }

  private end(held: readonly Held[]): void {
    for (const one of held) this.held.end(one);
    // Where its stores are not seen nothing is known.
    if (held.length > 0 && this.parts.shadows?.alone !== true) this.on.done.tell(this);
  }

  /** A descriptor was posted. */
  private post(queue: number, { made, posted }: Sends, slot: number): void {
    const { facts, format, isDqo } = this.commands;
    const [ring] = made.areas;
    const range = facts.memory.find(ring!.address, ring!.length);
    const one: Held = { touched: null };
    posted.push(one);
    if (range === null) return;
    const size = isDqo ? dqo_tx_pkt_desc.size : gqi_tx_pkt_desc.size;
    const at = ring!.address - range.base + slot * size;
    const { address, length } = isDqo ? dqoBytes(range.view, at) : gqiBytes(range.view, at);
    this.bytes.count = 0;
    if (format !== QUEUE_FORMAT.GQI_QPL) this.bytes.add(address, length);
    else this.addListed(made, address, length);
    this.held.hold(one, queue, slot, false, this.bytes);
  }

  /** Bytes by their place in a list of pages. */
  private addListed({ list = -1 }: MadeQueue, offset: number, length: number): void {
    const pages = this.commands.state.lists.get(list) ?? [];
    for (let at = offset; at < offset + length; at = at - (at % PAGE) + PAGE) {
      const page = pages[Math.floor(at / PAGE)];
      if (page === undefined) return;
      this.bytes.add(page + (at % PAGE), Math.min(PAGE - (at % PAGE), offset + length - at));
    }
  }

  /** What the device has of a queue; null of one that is not there. */
  private of(queue: number): Sends | null {
    const known = this.sends.get(queue);
    const made = this.commands.state.transmit.get(queue);
    if (known?.made === made) return known ?? null;
    if (known !== undefined)
      for (const one of [known.posted, ...known.taken.values()].flat()) this.held.end(one);
    this.sends.delete(queue);
    if (made === undefined) return null;
    const sends = new Sends(made);
    this.sends.set(queue, sends);
    return sends;
  }
}
