import { hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { GvnicEvents } from '../../gvnic/events.ts';
import { QUEUE_FORMAT } from '../../gvnic/registers/descriptor.ts';
import { DQO_IRQ, GQI_IRQ } from '../../gvnic/registers/doorbells.ts';
import { gqi_tx_pkt_desc, TX_TYPE, TX_TYPE_FLAGS } from '../../gvnic/registers/gqi.ts';
import type { CommandWatch } from './command-watch.ts';
import { SOURCE } from './facts.ts';
import { addressIn, type LentArea, overlap } from './lent-areas.ts';

const WORD = 4;
const { ACK, EVENT } = GQI_IRQ.mask;
const { ENABLE, INDEX, INTERVAL } = DQO_IRQ.mask;

/** What is wrong with a count in a doorbell. */
export function countText(
  { added, outstanding, entries }: Pick<DoorbellWatch, 'added' | 'outstanding' | 'entries'>,
  what: string,
): string {
  return added < 0 ? `fell back by ${-added}` : `has ${outstanding} ${what} outstanding, of ${entries}`;
}

/** Rules for the doorbells of a gVNIC. */
export const GVNIC_DOORBELLS = {
  'gvnic/DB-WIDTH': {
    where: SOURCE,
    text: 'A driver MUST write a doorbell as a word of 32 bits, at its index × 4 in BAR2.',
    advice:
      'Multiply the index that the device gave by 4. A mailbox gives offsets in BAR0, which are multiples of 4.',
    on: 'doorbell',
    kept: (k) => k.width === WORD && k.offset % WORD === 0,
    said: (k) => `${k.width} bytes were written at ${hex(k.offset, 5)}`,
  },
  'gvnic/DB-INDEX': {
    where: SOURCE,
    text: 'A driver MUST ring only doorbells whose index the device gave, of a queue or block that exists.',
    advice:
      'Read the index from the resources of the queue after its command is done, and anew after each reset.',
    on: 'doorbell',
    when: (k) => k.width === WORD && k.offset % WORD === 0,
    kept: (k) => k.isGiven,
    said: (k) => `doorbell ${hex(k.offset / WORD, 3)}, at ${hex(k.offset, 5)}, is of nothing`,
  },
  'gvnic/IRQ-GQI': {
    where: SOURCE,
    text: 'A driver MUST NOT write other bits than ACK, MASK and EVENT to the doorbell of a block with GQI rings.',
    advice: 'Write it big-endian.',
    on: 'block',
    when: (k) => !k.isDqo,
    kept: (k) => (k.word & ~GQI_IRQ.writable) === 0,
    said: (k) => `the doorbell of block ${k.block} got ${hex(k.word, 8)}`,
  },
  'gvnic/IRQ-EVENT': {
    where: SOURCE,
    text: 'Set EVENT together with ACK.',
    advice: 'Acknowledge with both bits.',
    on: 'block',
    when: (k) => !k.isDqo && (k.word & ACK) !== 0,
    kept: (k) => (k.word & EVENT) !== 0,
    said: (k) => `block ${k.block} was acknowledged by ${hex(k.word, 8)}`,
  },
  'gvnic/IRQ-DQO': {
    where: SOURCE,
    text: 'A driver SHOULD NOT set bits without a meaning in the doorbell of a block with DQO rings.',
    advice: 'Write it little-endian: enable, index and interval.',
    on: 'block',
    when: (k) => k.isDqo,
    kept: (k) => (k.word & ~DQO_IRQ.writable) === 0,
    said: (k) => `the doorbell of block ${k.block} got ${hex(k.word, 8)}`,
  },
  'gvnic/IRQ-INTERVAL': {
    where: SOURCE,
    text: 'A driver SHOULD NOT give an interval to a block with DQO rings that it does not enable.',
    advice: 'Write 0 to disable a block, or NO_INT_MODE with index 3; GQI words are others, and big-endian.',
    on: 'block',
    when: (k) => k.isDqo,
    kept: (k) => (k.word & ENABLE) !== 0 || (k.word & INDEX) === INDEX || (k.word & INTERVAL) === 0,
    said: (k) => `the doorbell of block ${k.block} got ${hex(k.word, 8)}`,
  },
  'gvnic/TX-COUNT': {
    where: SOURCE,
    text: 'A driver MUST count descriptors in the doorbell of a GQI transmit queue without end, no more outstanding than the ring has.',
    advice: 'Wait for the counter before a descriptor is used again, and write the doorbell big-endian.',
    on: 'transmit',
    kept: (k) => k.outstanding <= k.entries && k.added >= 0,
    said: (k) => `the doorbell of transmit queue ${k.queue} ${countText(k, 'descriptors')}`,
    once: true,
  },
  'gvnic/TX-END': {
    where: SOURCE,
    text: 'A driver MUST end what it posts in a GQI ring with the last descriptor of a packet.',
    advice:
      'Count descriptors in the doorbell, not packets, and ring it once all those of a packet are written.',
    on: 'transmit',
    when: (k) => k.added > 0 && k.outstanding <= k.entries,
    kept: (k) => k.isEnd,
    said: (k) => `the last of ${k.added} new descriptors of transmit queue ${k.queue} does not end a packet`,
    once: true,
  },
} as const satisfies Rules<DoorbellWatch>;

/** Watches the doorbells of a gVNIC. */
export class DoorbellWatch implements Partial<GvnicEvents> {
  offset = 0;
  width = 0;
  isGiven = false;
  block = 0;
  word = 0;
  queue = 0;
  outstanding = 0;
  entries = 0;
  added = 0;
  isEnd = true;
  /** Where the next packet of each GQI transmit queue begins, of all descriptors. */
  private readonly begins = new Map<number, number>();
  /** Descriptors of each GQI transmit queue that the device is done with, and that were posted. */
  private readonly done = new Map<number, number>();
  private readonly posted = new Map<number, number>();
  private readonly commands: CommandWatch;
  private readonly on;

  constructor(commands: CommandWatch, journal: Journal) {
    this.commands = commands;
    this.on = new Watch(journal, GVNIC_DOORBELLS).on;
    commands.holders.push((area) => this.whatIn(area));
  }

  get subject(): string {
    return this.commands.subject;
  }

  get isDqo(): boolean {
    return this.commands.isDqo;
  }

  doorbellWritten(offset: number, width: number, known: boolean): void {
    this.offset = offset;
    this.width = width;
    this.isGiven = known;
    this.on.doorbell.tell(this);
  }

  blockRung(block: number, word: number): void {
    this.block = block;
    this.word = word;
    this.on.block.tell(this);
  }

  transmitRung(queue: number, outstanding: number, entries: number, added: number): void {
    this.queue = queue;
    this.outstanding = outstanding;
    this.entries = entries;
    this.added = added;
    const isCount = added >= 0 && outstanding <= entries;
    const posted = (this.done.get(queue) ?? 0) + outstanding;
    this.isEnd = !isCount || this.endsAt(queue, posted, entries);
    this.on.transmit.tell(this);
    if (isCount) this.posted.set(queue, posted);
  }

  /** Whether a packet ends before that descriptor, by the counts in those that begin one. */
  private endsAt(queue: number, posted: number, entries: number): boolean {
    const [ring] = this.commands.state.transmit.get(queue)?.areas ?? [];
    const range = ring && this.commands.facts.memory.find(ring.address, ring.length);
    if (!ring || !range) return true;
    const { type_flags, desc_cnt } = gqi_tx_pkt_desc.offset;
    let next = Math.max(this.begins.get(queue) ?? 0, this.done.get(queue) ?? 0);
    while (next < posted) {
      const at = ring.address - range.base + (next % entries) * gqi_tx_pkt_desc.size;
      const count = range.bytes[at + desc_cnt]!;
      // What begins none breaks another rule.
      if (count === 0 || range.bytes[at + type_flags]! >> TX_TYPE_FLAGS.shift.TYPE > TX_TYPE.TSO) return true;
      if (next + count > posted) break;
      next += count;
    }
    this.begins.set(queue, next);
    return next >= posted;
  }

  gqiCounted(queue: number, count: number): void {
    this.done.set(queue, count);
  }

  answered(): void {
    // A queue that is made anew begins at 0.
    for (const queue of this.posted.keys())
      if (!this.commands.state.transmit.has(queue)) {
        this.done.delete(queue);
        this.posted.delete(queue);
        this.begins.delete(queue);
      }
  }

  /** The GQI queue whose descriptors name bytes of an area, and are not done; null for none. */
  private whatIn(area: LentArea): string | null {
    const { state, facts, format } = this.commands;
    if (format !== QUEUE_FORMAT.GQI_RDA) return null;
    for (const [queue, { areas }] of state.transmit) {
      const bytes = facts.memory.slice(areas[0]!.address, areas[0]!.length);
      if (bytes === null) continue;
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      for (let i = this.done.get(queue) ?? 0; i < (this.posted.get(queue) ?? 0); i++)
        if (overlap(namedAt(view, (i * gqi_tx_pkt_desc.size) % bytes.length), area))
          return `a packet of transmit queue ${queue}`;
    }
    return null;
  }
}

/** The bytes that a GQI descriptor names; none of metadata. */
export function namedAt(view: DataView, at: number): LentArea {
  const { seg_len, seg_addr } = gqi_tx_pkt_desc.offset;
  const isMeta = view.getUint8(at) >> TX_TYPE_FLAGS.shift.TYPE === TX_TYPE.MTD;
  return {
    address: addressIn(view, at + seg_addr, false),
    length: isMeta ? 0 : view.getUint16(at + seg_len, false),
  };
}
