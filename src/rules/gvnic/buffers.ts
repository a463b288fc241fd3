import { hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { GvnicEvents } from '../../gvnic/events.ts';
import { PAGE } from '../../gvnic/registers/admin.ts';
import { QUEUE_FORMAT } from '../../gvnic/registers/descriptor.ts';
import type { CommandWatch } from './command-watch.ts';
import { countText } from './doorbells.ts';
import { isLendable, SOURCE } from './facts.ts';
import { GivenBuffers, Uses } from './given-buffers.ts';
import type { LentArea } from './lent-areas.ts';

/** As many buffers as hardware wants to be shown at once. */
const SHOWN = 8;
const HALF = 2048;
/** So many buffers one joined packet may take. */
const JOINED_MOST = 19;
const TWICE = 'is there twice';

/** Rules for the receive buffers of a gVNIC. */
export const GVNIC_BUFFERS = {
  'gvnic/RX-COUNT': {
    where: SOURCE,
    text: 'A driver MUST count buffers in the doorbell of a GQI receive queue without end, no more outstanding than the ring has.',
    advice: 'Begin with the size of the ring, and add the buffers that were taken.',
    on: 'receive',
    kept: (k) => k.outstanding <= k.entries && k.added >= 0,
    said: (k) => `the doorbell of receive queue ${k.queue} ${countText(k, 'buffers')}`,
    once: true,
  },
  'gvnic/RX-EIGHT': {
    where: 'a driver’s comment: hardware takes no fewer at once',
    text: 'Give a DQO receive queue its buffers by multiples of eight.',
    advice: 'Round the tail down.',
    on: 'buffers',
    kept: (k) => k.tail % SHOWN === 0,
    said: (k) => `the tail of receive queue ${k.queue} is ${k.tail}`,
    once: true,
  },
  'gvnic/RX-TAIL': {
    where: SOURCE,
    text: 'A driver MUST write a slot of the ring to the doorbell of a DQO receive queue, leave one slot free, and have no more buffers outstanding than completions fit.',
    advice:
      'Write the number of the slot behind the last buffer, little-endian; make both rings of one size.',
    on: 'buffers',
    kept: (k) => k.isTail && k.outstanding < k.entries && k.outstanding <= k.completions,
    said: (k) =>
      `the tail of receive queue ${k.queue} is ${k.tail}, with ${k.outstanding} buffers outstanding, of ${k.entries} slots${k.completions < k.entries ? ` and ${k.completions} completions` : ''}`,
  },
  'gvnic/RX-FEW': {
    where: SOURCE,
    text: 'Keep 19 buffers or more in a receive queue that joins segments: one packet may take as many.',
    advice: 'Give buffers back before they are so few.',
    on: 'buffers',
    // With a mailbox a doorbell is written before there is a buffer.
    when: (k) => k.joins && k.isTail && k.outstanding > 0,
    kept: (k) => k.outstanding >= JOINED_MOST,
    said: (k) => `receive queue ${k.queue} has ${k.outstanding}`,
  },
  'gvnic/RX-SLOT': {
    where: SOURCE,
    text: 'A driver MUST place a receive buffer in RAM, or in the list of pages of its queue.',
    advice: 'With a list give an offset in it, without one an address, before the doorbell.',
    on: ['slot', 'given'],
    kept: (k) => k.isInside && !k.isNull,
    said: (k) =>
      `${k.isOfHeaders ? 'the place for headers of ' : ''}buffer ${hex(k.id, 4)} of receive queue ${k.queue} is ${k.isNull ? 'at address 0' : 'where the device may not write'}`,
  },
  'gvnic/RX-HALF': {
    where: SOURCE,
    text: 'A driver MUST begin each GQI_QPL receive buffer at a page of its list, or in the middle of one.',
    advice: 'Give the offset of the page, or 2048 more.',
    on: 'slot',
    when: (k) => k.format === QUEUE_FORMAT.GQI_QPL,
    kept: (k) => k.id % HALF === 0,
    said: (k) => `a buffer of receive queue ${k.queue} begins at ${hex(k.id, 4)}`,
    once: true,
  },
  'gvnic/RX-TWICE': {
    where: SOURCE,
    text: 'A driver MUST NOT give the device a receive buffer any byte of which it has.',
    advice:
      'Fill each slot in before the doorbell, let buffers be as far apart as they are long, and give one again once its frame was taken.',
    on: ['slot', 'given'],
    kept: (k) => k.meets === null,
    said: (k) => `buffer ${hex(k.id, 4)} of receive queue ${k.queue} ${k.meets}`,
    once: true,
  },
} as const satisfies Rules<BufferWatch>;

/** Watches the buffers that a gVNIC gets for what it receives. */
export class BufferWatch implements Partial<GvnicEvents> {
  queue = 0;
  outstanding = 0;
  /** Entries of the ring of completions. */
  completions = 0;
  entries = 0;
  added = 0;
  tail = 0;
  isTail = true;
  joins = false;
  id = 0;
  isInside = true;
  isNull = false;
  isOfHeaders = false;
  /** What a buffer has in common with another, or with something else of the device; null for nothing. */
  meets: string | null = null;
  private readonly tails = new Map<number, number>();
  private readonly given = new Map<number, GivenBuffers>();
  /** Of addresses; a list of pages has its own. */
  private readonly uses = new Uses();
  /** Doorbells of all queues up to now. */
  private time = 0;
  private readonly commands: CommandWatch;
  private readonly on;

  constructor(commands: CommandWatch, journal: Journal) {
    this.commands = commands;
    this.on = new Watch(journal, GVNIC_BUFFERS).on;
    commands.holders.push((area) => this.whatIn(area));
  }

  get subject(): string {
    return this.commands.subject;
  }

  get format(): number {
    return this.commands.format;
  }

  receiveRung(queue: number, outstanding: number, entries: number, added: number): void {
    this.queue = queue;
    this.outstanding = outstanding;
    this.entries = entries;
    this.added = added;
    this.on.receive.tell(this);
    if (added >= 0 && outstanding <= entries) this.give(this.givenTo(queue), outstanding);
  }

  buffersRung(queue: number, tail: number, outstanding: number, entries: number): void {
    const given = this.givenTo(queue);
    this.queue = queue;
    this.tail = tail;
    this.outstanding = outstanding;
    this.entries = entries;
    // A good driver counts on, beyond the ring.
    this.isTail = tail < entries || (tail - (this.tails.get(queue) ?? 0)) >>> 0 < entries;
    this.joins = given?.joins ?? false;
    const { facts, state } = this.commands;
    this.completions = (state.receive.get(queue)?.fields.rx_ring_size || facts.ringSize) ?? 0;
    this.tails.set(queue, tail);
    this.give(given, outstanding);
    this.on.buffers.tell(this);
  }

  /** What is wrong already when the device gets it is told of now: it may never be used. */
  private give(given: GivenBuffers | null, outstanding: number): void {
    given?.give(outstanding, ++this.time, this.commands.facts.memory);
    if (given === null || given.wrong === null) return;
    // Of a ring in something else that is another rule's.
    if (given.isInItself || this.commands.state.whatIn([given.ring], `receive queue ${given.id}`) !== null)
      return;
    this.id = given.wrongId;
    this.isNull = given.wrong === 'null';
    this.isInside = given.wrong === 'twice';
    this.isOfHeaders = given.isOfHeaders;
    this.meets = given.wrong === 'twice' ? TWICE : null;
    this.on.given.tell(this);
  }

  received(queue: number, count: number): void {
    const given = this.givenTo(queue);
    if (given !== null) given.used += count;
  }

  slotTaken(
    queue: number,
    id: number,
    isInside: boolean,
    index: number,
    _posted: number,
    address: number,
    headers: number,
  ): void {
    const given = this.givenTo(queue);
    const isRaw = this.format !== QUEUE_FORMAT.GQI_QPL;
    this.queue = queue;
    this.id = id;
    this.isInside = isInside;
    this.isOfHeaders = isRaw && headers === 0;
    this.isNull = isRaw && (address === 0 || headers === 0);
    this.meets = given === null ? null : this.meetsOf(given, id, address, index, isRaw);
    this.on.slot.tell(this);
  }

  private meetsOf(
    given: GivenBuffers,
    id: number,
    address: number,
    index: number,
    isRaw: boolean,
  ): string | null {
    const { time } = this;
    // It is given again after it was used, so it is none of those that the device had then.
    const isTwice = given.hasTwice(id, index, time);
    const uses = isRaw ? this.uses : given.offsets;
    const other = uses.find(address, given.size, given, index);
    const text =
      isTwice || (other?.by === given && other.address === address)
        ? TWICE
        : other && `has bytes of one of receive queue ${other.by.id}`;
    const isKnown = uses.use(address, given.size, given, index, time);
    if (text !== null) return text;
    if (!isRaw || isKnown) return null;
    const what = this.commands.state.areas.whatIn([{ address, length: given.size }]);
    return what === null ? null : `has bytes of ${what}`;
  }

  /** What is known of the buffers of a queue; null if none is known to be there. */
  private givenTo(queue: number): GivenBuffers | null {
    const known = this.given.get(queue);
    const made = this.commands.state.receive.get(queue);
    if (made === undefined) return null;
    if (known?.made === made) return known;
    const { state, facts, isDqo } = this.commands;
    const pages = this.format === QUEUE_FORMAT.GQI_QPL ? state.lists.get(made.list ?? -1) : undefined;
    const most = pages && pages.length * PAGE;
    const given = new GivenBuffers(queue, made, isDqo, (address, length) =>
      most === undefined ? isLendable(facts.memory, address, length) : address + length <= most,
    );
    this.given.set(queue, given);
    this.tails.delete(queue);
    return given;
  }

  /** Whose buffers have bytes of an area; null for none. */
  private whatIn(area: LentArea): string | null {
    if (this.format === QUEUE_FORMAT.GQI_QPL) return null;
    for (const [queue, given] of this.given)
      if (
        this.commands.state.receive.get(queue) === given.made &&
        given.has(area, this.commands.facts.memory)
      )
        return `a buffer of receive queue ${queue}`;
    return null;
  }
}
