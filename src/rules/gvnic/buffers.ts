import { hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { GvnicEvents } from '../../gvnic/events.ts';
import { adminq_command, COMMAND_STATUS, create_rx_queue, OPCODE } from '../../gvnic/registers/admin.ts';
import { QUEUE_FORMAT } from '../../gvnic/registers/descriptor.ts';
import { countText } from './doorbells.ts';
import { type GvnicFacts, SOURCE } from './facts.ts';
import { FormatOf } from './format-of.ts';

/** As many buffers as hardware wants to be shown at once. */
const SHOWN = 8;
const HALF = 2048;
/** So many buffers one joined packet may take. */
const JOINED_MOST = 19;
const RSC_AT = adminq_command.offset.payload + create_rx_queue.offset.enable_rsc;
const ID_AT = adminq_command.offset.payload + create_rx_queue.offset.queue_id;

/** Rules for the receive buffers of a gVNIC. */
export const GVNIC_BUFFERS = {
  'gvnic/RX-COUNT': {
    where: SOURCE,
    text: 'A driver MUST count buffers in the doorbell of a GQI receive queue without end, no more outstanding than the ring has.',
    advice: 'Begin with the size of the ring, and add the buffers that were taken.',
    on: 'receive',
    kept: (k) => k.outstanding <= k.entries && k.added >= 0,
    said: (k) => `the doorbell of receive queue ${k.queue} ${countText(k, 'buffers')}`,
  },
  'gvnic/RX-EIGHT': {
    where: 'a driver’s comment: hardware takes no fewer at once',
    text: 'Give a DQO receive queue its buffers by multiples of eight.',
    advice: 'Round the tail down.',
    on: 'buffers',
    kept: (k) => k.tail % SHOWN === 0,
    said: (k) => `the tail of receive queue ${k.queue} is ${k.tail}`,
  },
  'gvnic/RX-TAIL': {
    where: SOURCE,
    text: 'A driver MUST write a slot of the ring to the doorbell of a DQO receive queue, and leave one slot free.',
    advice: 'Write the number of the slot behind the last buffer, little-endian.',
    on: 'buffers',
    kept: (k) => k.isTail && k.outstanding < k.entries,
    said: (k) =>
      `the tail of receive queue ${k.queue} is ${k.tail}, with ${k.outstanding} buffers outstanding, of ${k.entries} slots`,
  },
  'gvnic/RX-FEW': {
    where: SOURCE,
    text: 'Keep 19 buffers or more in a receive queue that joins segments: one packet may take as many.',
    advice: 'Give buffers back before they are so few.',
    on: 'buffers',
    when: (k) => k.joins && k.isTail,
    kept: (k) => k.outstanding >= JOINED_MOST,
    said: (k) => `receive queue ${k.queue} has ${k.outstanding}`,
  },
  'gvnic/RX-SLOT': {
    where: SOURCE,
    text: 'A driver MUST place a receive buffer in RAM, or in the list of pages of its queue.',
    advice: 'With a list give an offset in it, without one an address, before the doorbell.',
    on: 'slot',
    kept: (k) => k.isInside,
    said: (k) => `buffer ${hex(k.id, 4)} of receive queue ${k.queue} is where the device may not write`,
  },
  'gvnic/RX-HALF': {
    where: SOURCE,
    text: 'A driver MUST begin each GQI_QPL receive buffer at a page of its list, or in the middle of one.',
    advice: 'Give the offset of the page, or 2048 more.',
    on: 'slot',
    when: (k) => k.format === QUEUE_FORMAT.GQI_QPL,
    kept: (k) => k.id % HALF === 0,
    said: (k) => `a buffer of receive queue ${k.queue} begins at ${hex(k.id, 4)}`,
  },
  'gvnic/RX-TWICE': {
    where: SOURCE,
    text: 'A driver MUST NOT give the device a receive buffer that it has.',
    advice: 'Fill each slot in before the doorbell, and give a buffer again once its frame was taken.',
    on: 'slot',
    kept: (k) => !k.isTwice,
    said: (k) => `buffer ${hex(k.id, 4)} of receive queue ${k.queue} is there twice`,
  },
} as const satisfies Rules<BufferWatch>;

/** Of a buffer that was used: which it was of the queue's, and how many the device had been given then. */
interface Use {
  index: number;
  posted: number;
}

/** Watches the buffers that a gVNIC gets for what it receives. */
export class BufferWatch extends FormatOf implements Partial<GvnicEvents> {
  queue = 0;
  outstanding = 0;
  entries = 0;
  added = 0;
  tail = 0;
  isTail = true;
  joins = false;
  id = 0;
  isInside = true;
  isTwice = false;
  /** Queues that join segments, the tail of each, and the last use of each buffer. */
  private readonly joining = new Set<number>();
  private readonly tails = new Map<number, number>();
  private readonly uses = new Map<number, Map<number, Use>>();
  private readonly facts: GvnicFacts;
  private readonly on;

  constructor(facts: GvnicFacts, journal: Journal) {
    super();
    this.facts = facts;
    this.on = new Watch(journal, GVNIC_BUFFERS).on;
  }

  get subject(): string {
    return this.facts.subject;
  }

  override answered(opcode: number, status: number): void {
    super.answered(opcode, status);
    if (opcode !== OPCODE.CREATE_RX_QUEUE || status !== COMMAND_STATUS.PASSED) return;
    const queue = this.slot[ID_AT + 3]!;
    this.tails.set(queue, 0);
    this.uses.set(queue, new Map());
    if (this.slot[RSC_AT] === 0) this.joining.delete(queue);
    else this.joining.add(queue);
  }

  receiveRung(queue: number, outstanding: number, entries: number, added: number): void {
    this.queue = queue;
    this.outstanding = outstanding;
    this.entries = entries;
    this.added = added;
    this.on.receive.tell(this);
  }

  buffersRung(queue: number, tail: number, outstanding: number, entries: number): void {
    this.queue = queue;
    this.tail = tail;
    this.outstanding = outstanding;
    this.entries = entries;
    // A good driver counts on, beyond the ring.
    this.isTail = tail < entries || (tail - (this.tails.get(queue) ?? 0)) >>> 0 < entries;
    this.joins = this.joining.has(queue);
    this.tails.set(queue, tail);
    this.on.buffers.tell(this);
  }

  slotTaken(queue: number, id: number, isInside: boolean, index: number, posted: number): void {
    this.queue = queue;
    this.id = id;
    this.isInside = isInside;
    const uses = this.uses.get(queue);
    const use = uses?.get(id);
    // It is given again after it was used, so it is none of those that the device had then.
    this.isTwice = use !== undefined && use.index !== index && isBefore(index, use.posted);
    if (use === undefined) uses?.set(id, { index, posted });
    else if (use.index !== index) {
      use.index = index;
      use.posted = posted;
    }
    this.on.slot.tell(this);
  }
}

/** Of counts of 32 bits, which wrap. */
function isBefore(one: number, other: number): boolean {
  return ((one - other) | 0) < 0;
}
