import { hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { GvnicEvents } from '../../gvnic/events.ts';
import { DQO_IRQ, GQI_IRQ } from '../../gvnic/registers/doorbells.ts';
import { type GvnicFacts, SOURCE } from './facts.ts';
import { FormatOf } from './format-of.ts';

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
    advice: 'Multiply the index that the device gave by 4.',
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
    said: (k) => `doorbell ${hex(k.offset / WORD, 3)} is of nothing`,
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
  },
} as const satisfies Rules<DoorbellWatch>;

/** Watches the doorbells of a gVNIC. */
export class DoorbellWatch extends FormatOf implements Partial<GvnicEvents> {
  offset = 0;
  width = 0;
  isGiven = false;
  block = 0;
  word = 0;
  queue = 0;
  outstanding = 0;
  entries = 0;
  added = 0;
  private readonly facts: GvnicFacts;
  private readonly on;

  constructor(facts: GvnicFacts, journal: Journal) {
    super();
    this.facts = facts;
    this.on = new Watch(journal, GVNIC_DOORBELLS).on;
  }

  get subject(): string {
    return this.facts.subject;
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
    this.on.transmit.tell(this);
  }
}
