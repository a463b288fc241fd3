import type { GuestMemory } from '../../core/memory.ts';
import { Area } from '../area.ts';
import type { Card } from '../card.ts';
import * as reg from '../registers/mailbox.ts';

const { DD, ERR } = reg.MAILBOX_FLAGS.mask;
const { ENABLE } = reg.TX_LENGTH.mask;
const { MAILBOX_BUFFER, mailbox_desc: desc } = reg;
const at = desc.offset;
const HIGH = 0x1_0000_0000;
/** Registers of both rings, in words. */
const WORDS = (reg.TX_TAIL.offset >> 2) + 1;
/** No answer is empty: drivers take a length of 0 for a fault. */
const LEAST = 8;

/** Carries out a request. */
interface Requests {
  /** The answer to the last one. */
  readonly reply: Uint8Array;
  readonly length: number;
  /** @returns its status. */
  run(opcode: number, body: Uint8Array): number;
}

/** A ring by its registers: the words of its base and length, from one on, and that of its head. */
interface Ring {
  readonly base: number;
  readonly length: number;
  readonly head: number;
  readonly mask: number;
}

const wordOf = ({ offset }: { readonly offset: number }) => offset >> 2;
const TX: Ring = {
  base: wordOf(reg.TX_BASE_LOW),
  length: wordOf(reg.TX_LENGTH),
  head: wordOf(reg.TX_HEAD),
  mask: reg.TX_LENGTH.mask.LENGTH,
};
const RX: Ring = {
  base: wordOf(reg.RX_BASE_LOW),
  length: wordOf(reg.RX_LENGTH),
  head: wordOf(reg.RX_HEAD),
  mask: reg.RX_LENGTH.mask.LENGTH,
};

/**
 * Two rings of 32 bytes a slot: of requests, which the device takes in order, and of buffers, into which it puts answers and
 * events. A buffer is there where a slot has a length and is not done: drivers differ in what the tail of its ring says.
 */
export class Mailbox {
  /** Of both rings, by their places. */
  readonly words = new Uint32Array(WORDS);
  private readonly card: Card;
  private readonly memory: GuestMemory;
  private readonly requests: Requests;
  /** The driver is told something, once it has a buffer. */
  private event = 0;
  private readonly told: () => void;
  private readonly body = new Uint8Array(MAILBOX_BUFFER);

  /** @param told the interrupt of the mailbox. */
  constructor(card: Card, requests: Requests, told: () => void) {
    this.card = card;
    this.memory = card.board.memory;
    this.requests = requests;
    this.told = told;
  }

  /** A driver wrote a register. */
  write(word: number, value: number): void {
    this.words[word] = value;
    if (word === wordOf(reg.TX_TAIL)) this.tellPosted();
    if (word === wordOf(reg.TX_TAIL) || word === wordOf(reg.RX_TAIL)) this.serve();
  }

  tell(event: number): void {
    this.event = event;
    this.serve();
  }

  reset(): void {
    this.words.fill(0);
    this.event = 0;
  }

  /** Takes requests while there are buffers for answers. */
  private serve(): void {
    if (!this.card.gate.open) return;
    let any = false;
    if (this.event !== 0 && this.findBuffer() !== null) {
      const bytes = new Uint8Array(LEAST);
      bytes[0] = this.event;
      this.event = 0;
      this.put({ opcode: reg.MAILBOX_OPCODE.EVENT, cookie: 0, status: reg.MAILBOX_STATUS.PASSED }, bytes);
      any = true;
    }
    for (let slot = this.nextRequest(); slot !== null; slot = this.nextRequest()) {
      this.take(slot);
      any = true;
    }
    if (any) this.told();
  }

  private tellPosted(): void {
    const { events, gate } = this.card;
    const { words } = this;
    const [first, tail] = [words[TX.head]!, words[wordOf(reg.TX_TAIL)]!];
    const entries = words[TX.length]! & TX.mask;
    // Of a head or a tail behind the ring nothing is taken.
    if (events === null || !gate.open || first === tail || Math.max(first, tail) >= entries) return;
    const ring = words[TX.base + 1]! * HIGH + words[TX.base]!;
    events.requestsRung(ring, first, tail, entries, this.findBuffer() !== null);
  }

  /** The next request, if it may be answered. */
  private nextRequest(): Area | null {
    const { words } = this;
    const tail = words[wordOf(reg.TX_TAIL)]!;
    const length = words[TX.length]! & TX.mask;
    if (words[TX.head] === tail || tail >= length) return null;
    const slot = this.slotOf(TX);
    return slot === null || this.findBuffer() === null ? null : slot;
  }

  private take(slot: Area): void {
    const { body, memory, requests } = this;
    const { opcode, cookie, length, addr_high, addr_low } = desc.decode(slot.bytes, slot.at);
    const from = memory.slice(addr_high * HIGH + addr_low, Math.min(length, MAILBOX_BUFFER));
    body.fill(0);
    if (from !== null) body.set(from);
    this.finish(slot, DD);
    this.advance(TX);
    const { events } = this.card;
    events?.requested(opcode, body);
    const status = requests.run(opcode, body);
    const answer = requests.reply.subarray(0, Math.max(LEAST, requests.length));
    events?.replied(opcode, status, answer);
    this.put({ opcode, cookie, status }, answer);
  }

  /** The slot of the next answer, whose buffer is RAM; others are passed over, as done and wrong. */
  private findBuffer(): Area | null {
    const { memory, words } = this;
    for (let left = words[RX.length]! & RX.mask; left > 0; left--) {
      const slot = this.slotOf(RX);
      if (slot === null) return null;
      const { flags, length, addr_high, addr_low } = desc.decode(slot.bytes, slot.at);
      if ((flags & DD) !== 0 || length === 0) return null;
      if (memory.find(addr_high * HIGH + addr_low, Math.min(length, MAILBOX_BUFFER)) !== null) return slot;
      this.finish(slot, DD | ERR);
      this.advance(RX);
    }
    return null;
  }

  /** What does not fit is cut off, and lost without a buffer: a hostile driver's rings may lie in one another. */
  private put(
    { opcode, cookie, status }: { readonly opcode: number; readonly cookie: number; readonly status: number },
    answer: Uint8Array,
  ): void {
    const slot = this.findBuffer();
    if (slot === null) return;
    const { length: room, addr_high, addr_low } = desc.decode(slot.bytes, slot.at);
    const bytes = answer.subarray(0, Math.min(room, MAILBOX_BUFFER));
    this.memory.write(addr_high * HIGH + addr_low, bytes);
    desc.encode({ opcode, cookie, status, length: bytes.length }, slot.bytes, slot.at);
    slot.wrote(0, desc.size);
    this.finish(slot, DD);
    this.advance(RX);
  }

  private finish(slot: Area, flags: number): void {
    const { view } = slot;
    view.setUint16(slot.at + at.flags, view.getUint16(slot.at + at.flags, true) | flags, true);
    slot.wrote(at.flags, 2);
  }

  private advance({ head, length, mask }: Ring): void {
    const { words } = this;
    const next = words[head]! + 1;
    words[head] = next < (words[length]! & mask) ? next : 0;
  }

  /** The slot at the head of a ring; null if the ring is off, or not in RAM. */
  private slotOf({ base, length, head, mask }: Ring): Area | null {
    const { words } = this;
    const entries = (words[length]! & ENABLE) === 0 ? 0 : words[length]! & mask;
    if (words[head]! >= entries) return null;
    const from = words[base + 1]! * HIGH + words[base]! + words[head]! * desc.size;
    const slot = new Area(this.memory, from, desc.size);
    return slot.find() ? slot : null;
  }
}
