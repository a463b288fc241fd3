import { hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { GvnicEvents } from '../../gvnic/events.ts';
import { COMMAND_STATUS, configure_device_resources, OPCODE } from '../../gvnic/registers/admin.ts';
import { QUEUE_FORMAT } from '../../gvnic/registers/descriptor.ts';
import { DQO_IRQ, GQI_IRQ } from '../../gvnic/registers/doorbells.ts';
import { type GvnicFacts, SOURCE } from './facts.ts';

const WORD = 4;
const { ACK, EVENT } = GQI_IRQ.mask;
/** Slot header before the payload of a command. */
const FORMAT_AT = 8 + configure_device_resources.offset.queue_format;
/** As many buffers as hardware wants to be shown at once. */
const SHOWN = 8;

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
    text: 'A driver SHOULD set EVENT together with ACK.',
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
  'gvnic/TX-COUNT': {
    where: SOURCE,
    text: 'A driver MUST count descriptors in the doorbell of a GQI transmit queue without end, no more outstanding than the ring has.',
    advice: 'Wait for the counter before a descriptor is used again, and write the doorbell big-endian.',
    on: 'transmit',
    kept: (k) => k.outstanding <= k.entries,
    said: (k) => `transmit queue ${k.queue} has ${k.outstanding} descriptors outstanding, of ${k.entries}`,
  },
  'gvnic/RX-COUNT': {
    where: SOURCE,
    text: 'A driver MUST count buffers in the doorbell of a GQI receive queue without end, no more outstanding than the ring has.',
    advice: 'Begin with the size of the ring, and add the buffers that were taken.',
    on: 'receive',
    kept: (k) => k.outstanding <= k.entries,
    said: (k) => `receive queue ${k.queue} has ${k.outstanding} buffers outstanding, of ${k.entries}`,
  },
  'gvnic/RX-EIGHT': {
    where: SOURCE,
    text: 'A driver SHOULD show buffers of a DQO receive queue to the device by multiples of eight.',
    advice: 'Round the tail down: hardware takes no fewer at once.',
    on: 'buffers',
    kept: (k) => k.tail % SHOWN === 0,
    said: (k) => `the tail of receive queue ${k.queue} is ${k.tail}`,
  },
  'gvnic/RX-SLOT': {
    where: SOURCE,
    text: 'A driver MUST place a receive buffer in RAM, or in the list of pages of its queue.',
    advice: 'With a list give an offset in it, without one an address; both big-endian, before the doorbell.',
    on: 'slot',
    kept: (k) => k.isInside,
    said: (k) => `a buffer of receive queue ${k.queue} is at ${hex(k.address, 8)}`,
  },
} as const satisfies Rules<DoorbellWatch>;

/** Watches the doorbells of a gVNIC, and the buffers that it takes. */
export class DoorbellWatch implements Partial<GvnicEvents> {
  offset = 0;
  width = 0;
  isGiven = false;
  block = 0;
  word = 0;
  queue = 0;
  outstanding = 0;
  entries = 0;
  tail = 0;
  address = 0;
  isInside = true;
  isDqo = false;
  private asked = 0;
  private readonly facts: GvnicFacts;
  private readonly on;

  constructor(facts: GvnicFacts, journal: Journal) {
    this.facts = facts;
    this.on = new Watch(journal, GVNIC_DOORBELLS).on;
  }

  get subject(): string {
    return this.facts.subject;
  }

  commanded(slot: Uint8Array): void {
    this.asked = slot[FORMAT_AT]!;
  }

  answered(opcode: number, status: number): void {
    if (opcode === OPCODE.CONFIGURE_DEVICE_RESOURCES && status === COMMAND_STATUS.PASSED)
      this.isDqo = this.asked >= QUEUE_FORMAT.DQO_RDA;
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

  transmitRung(queue: number, outstanding: number, entries: number): void {
    this.queue = queue;
    this.outstanding = outstanding;
    this.entries = entries;
    this.on.transmit.tell(this);
  }

  receiveRung(queue: number, outstanding: number, entries: number): void {
    this.queue = queue;
    this.outstanding = outstanding;
    this.entries = entries;
    this.on.receive.tell(this);
  }

  buffersRung(queue: number, tail: number): void {
    this.queue = queue;
    this.tail = tail;
    this.on.buffers.tell(this);
  }

  slotTaken(queue: number, address: number, isInside: boolean): void {
    this.queue = queue;
    this.address = address;
    this.isInside = isInside;
    this.on.slot.tell(this);
  }
}
