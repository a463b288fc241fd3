import { hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Register } from '../../core/register.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { GvnicEvents } from '../../gvnic/events.ts';
import * as reg from '../../gvnic/registers/mailbox.ts';
import { type GvnicFacts, isLendable, SOURCE } from './facts.ts';
import { faultIn, faultInFirst, idsOf } from './mailbox-commands.ts';

const { MAILBOX_OPCODE: OPCODE, mailbox_desc: desc } = reg;
const { DD } = reg.MAILBOX_FLAGS.mask;
const { RESET } = reg.RESET_CONTROL.mask;
const { DONE } = reg.RESET_STATUS.mask;
const { ENABLE } = reg.TX_LENGTH.mask;
/** As many requests as Google's own driver has under way. */
const MOST = 48;
const ALIGNED = 64;
const HIGH = 0x1_0000_0000;

/** Rules for the mailbox of 1ae0:0043. */
export const GVNIC_MAILBOX = {
  'gvnic/MBX-RESET': {
    where: SOURCE,
    text: 'A driver MUST reset the device, and wait until it is, before it sets a mailbox up.',
    advice: 'Write 1 to reset_control, and read reset_status until DONE is set.',
    on: 'enabled',
    kept: (k) => k.stage === 'done',
    said: (k) =>
      `a ring of the mailbox was enabled, and the device was ${k.stage === 'begun' ? 'not known to be reset' : 'not reset'}`,
  },
  'gvnic/MBX-RING': {
    where: SOURCE,
    text: 'A driver MUST place a ring of a mailbox at a multiple of 64 in RAM before it enables the ring.',
    advice: 'Write the halves of the address first, then the length with ENABLE.',
    on: 'enabled',
    kept: (k) => k.isRing,
    said: (k) => `a ring of ${k.slots} slots at ${hex(k.base, 8)} was enabled`,
  },
  'gvnic/MBX-BUFFERS': {
    where: SOURCE,
    text: 'A driver MUST give a mailbox a buffer for the answer before it posts a request.',
    advice: 'Fill the ring of answers first, and give each slot again once its answer is read.',
    on: 'rung',
    kept: (k) => k.hasBuffer,
    said: (k) => `${k.posted} requests were posted, and there is no buffer for an answer`,
  },
  'gvnic/MBX-SLOT': {
    where: SOURCE,
    text: 'A driver MUST clear a slot of a mailbox that is done before it gives the slot again.',
    advice:
      'Zero the slot of a request, and write that of an answer anew: DD of the last one looks as if this one were done.',
    on: ['rung', 'given'],
    kept: (k) => k.stale < 0,
    said: (k) => `slot ${k.stale} was given with DD set`,
    once: true,
  },
  'gvnic/MBX-REQUEST': {
    where: SOURCE,
    text: 'A driver MUST post a request of a mailbox whole: BUF and RD, the control plane, an opcode that there is, and its body in RAM.',
    advice:
      'Store all 32 bytes before the tail, little-endian: flags 1400, destination 0801, the length of the body, and its address, high half first.',
    on: ['rung', 'requested'],
    when: (k) => k.stale < 0,
    kept: (k) => k.fault === null,
    said: (k) => k.fault!,
    once: true,
  },
  'gvnic/MBX-COOKIE': {
    where: SOURCE,
    text: 'A driver MUST give each request that is outstanding in a mailbox a cookie of its own.',
    advice: 'Count cookies up: an answer is known by its cookie alone.',
    on: 'rung',
    kept: (k) => k.twice < 0,
    said: (k) => `two outstanding requests have the cookie ${hex(k.twice, 4)}`,
  },
  'gvnic/MBX-MOST': {
    where: 'Google’s own driver',
    text: 'Keep at most 48 requests outstanding in a mailbox.',
    advice: 'Wait for answers before further requests are posted.',
    on: 'rung',
    kept: (k) => k.posted <= MOST,
    said: (k) => `${k.posted} requests are outstanding`,
  },
  'gvnic/MBX-FIRST': {
    where: SOURCE,
    text: 'A driver MUST enable receive queues before transmit queues.',
    advice: 'Send ENABLE_RX_QUEUES, then ENABLE_TX_QUEUES.',
    on: 'enables',
    when: (k) => k.opcode === OPCODE.ENABLE_RX_QUEUES,
    kept: (k) => k.hasReceived || !k.transmits,
    said: () => 'receive queues were enabled, and a transmit queue was already',
  },
  'gvnic/MBX-TAIL': {
    where: SOURCE,
    text: 'A driver SHOULD write 0 to the tail doorbell of a queue before it enables the queue, and nothing else until then.',
    advice: 'Write the doorbells of all queues once they are made, enable the queues, and then post.',
    on: ['enables', 'early'],
    kept: (k) => k.unwritten < 0 && k.early === null,
    said: (k) =>
      k.early === null
        ? `queue ${k.unwritten} was enabled, and its doorbell was never written`
        : `the doorbell of ${k.early} was written again, and the queue is not enabled`,
    once: true,
  },
} as const satisfies Rules<MailboxWatch>;

/** Watches a driver of a card with a mailbox. */
export class MailboxWatch implements Partial<GvnicEvents> {
  stage: 'none' | 'asked' | 'begun' | 'done' = 'none';
  /** The ring that is enabled. */
  base = 0;
  slots = 0;
  isRing = true;
  posted = 0;
  hasBuffer = false;
  /** A slot with DD among those that were posted, and a cookie that two of them have; -1 for none. */
  stale = -1;
  twice = -1;
  /** What is wrong with a request; null for nothing. */
  fault: string | null = null;
  /** The queue whose doorbell was written again before it was enabled; null for none. */
  early: string | null = null;
  opcode = 0;
  /** A transmit queue is enabled; and a receive queue was, before the first. */
  transmits = false;
  hasReceived = false;
  /** Of the queues that are to be enabled, one whose doorbell was not written; -1 for none. */
  unwritten = -1;
  private ids: readonly number[] = [];
  /** What was written to them since the reset. */
  private readonly registers = new Map<Register, number>();
  /** Queues whose doorbells are known, by their offsets; and those whose doorbells were written. */
  private readonly doorbells = new Map<number, string>();
  private readonly written = new Set<string>();
  private readonly enabled = new Set<string>();
  private readonly facts: GvnicFacts;
  private readonly on;

  constructor(facts: GvnicFacts, journal: Journal) {
    this.facts = facts;
    this.on = new Watch(journal, GVNIC_MAILBOX).on;
  }

  get subject(): string {
    return this.facts.subject;
  }

  /** By its driver, or not. */
  reset(): void {
    this.stage = this.stage === 'asked' ? 'begun' : 'none';
    this.transmits = this.hasReceived = false;
    this.registers.clear();
    this.doorbells.clear();
    this.written.clear();
    this.enabled.clear();
  }

  registerWritten(register: Register | null, _offset: number, _width: number, value: number): void {
    if (register === (reg.RESET_CONTROL as Register) && (value & RESET) !== 0) this.stage = 'asked';
    if (register === null) return;
    this.registers.set(register, value);
    if (register === (reg.RX_TAIL as Register)) this.lookAtAnswer(value);
    const receives = register === (reg.RX_LENGTH as Register);
    if ((!receives && register !== (reg.TX_LENGTH as Register)) || (value & ENABLE) === 0) return;
    const [low, high] = receives ? [reg.RX_BASE_LOW, reg.RX_BASE_HIGH] : [reg.TX_BASE_LOW, reg.TX_BASE_HIGH];
    const word = (one: unknown) => this.registers.get(one as Register) ?? 0;
    this.base = word(high) * HIGH + word(low);
    this.slots = value & (receives ? reg.RX_LENGTH.mask.LENGTH : reg.TX_LENGTH.mask.LENGTH);
    const isRam = isLendable(this.facts.memory, this.base, this.slots * desc.size);
    this.isRing = isRam && this.base % ALIGNED === 0 && this.slots > 0;
    this.on.enabled.tell(this);
  }

  registerRead(register: Register | null, _offset: number, _width: number, value: number): void {
    if (register !== (reg.RESET_STATUS as Register) || (value & DONE) === 0) return;
    if (this.stage === 'begun') this.stage = 'done';
  }

  requestsRung(ring: number, first: number, tail: number, entries: number, hasBuffer: boolean): void {
    this.posted = (tail - first + entries) % entries;
    this.hasBuffer = hasBuffer;
    this.stale = this.twice = -1;
    this.fault = null;
    const bytes = this.facts.memory.slice(ring, entries * desc.size);
    const cookies = new Set<number>();
    for (let i = 0; bytes !== null && i < this.posted; i++) {
      const slot = (first + i) % entries;
      const request = desc.decode(bytes, slot * desc.size);
      const { flags, cookie } = request;
      if ((flags & DD) !== 0) this.stale = slot;
      this.fault ??= faultIn(request, slot, this.facts.memory);
      if (cookies.has(cookie)) this.twice = cookie;
      cookies.add(cookie);
    }
    this.on.rung.tell(this);
  }

  /** A slot is given again for an answer: the one before the tail. */
  private lookAtAnswer(tail: number): void {
    const word = (one: unknown) => this.registers.get(one as Register) ?? 0;
    const slots = word(reg.RX_LENGTH) & reg.RX_LENGTH.mask.LENGTH;
    const ring = word(reg.RX_BASE_HIGH) * HIGH + word(reg.RX_BASE_LOW);
    const last = (tail - 1 + slots) % slots;
    const bytes = slots > 0 ? this.facts.memory.slice(ring + last * desc.size, desc.size) : null;
    if (bytes === null) return;
    this.stale = (desc.decode(bytes).flags & DD) === 0 ? -1 : last;
    this.on.given.tell(this);
  }

  doorbellWritten(offset: number): void {
    const queue = this.doorbells.get(offset);
    if (queue === undefined || this.enabled.has(queue)) return;
    this.early = this.written.has(queue) ? `${queue.replace(' ', ' queue ')}` : null;
    this.unwritten = -1;
    this.written.add(queue);
    if (this.early !== null) this.on.early.tell(this);
    this.early = null;
  }

  requested(opcode: number, body: Uint8Array): void {
    this.opcode = opcode;
    if (opcode === OPCODE.NEGOTIATE_CAPABILITIES) {
      this.stale = -1;
      this.fault = faultInFirst(body);
      this.on.requested.tell(this);
    }
    const enables = opcode === OPCODE.ENABLE_RX_QUEUES || opcode === OPCODE.ENABLE_TX_QUEUES;
    const destroys = opcode === OPCODE.DESTROY_RX_QUEUES || opcode === OPCODE.DESTROY_TX_QUEUES;
    this.ids = enables || destroys ? idsOf(body) : [];
    if (!enables) return;
    this.unwritten = this.ids.find((id) => !this.written.has(this.nameOf(id))) ?? -1;
    this.on.enables.tell(this);
  }

  replied(opcode: number, status: number, answer: Uint8Array): void {
    if (status !== reg.MAILBOX_STATUS.PASSED) return;
    switch (opcode) {
      case OPCODE.CREATE_TX_QUEUES:
      case OPCODE.CREATE_RX_QUEUES:
        for (const { id, tail_db } of madeIn(answer)) this.doorbells.set(tail_db, this.nameOf(id));
        break;
      case OPCODE.ENABLE_TX_QUEUES:
      case OPCODE.ENABLE_RX_QUEUES:
        if (!this.transmits) this.hasReceived ||= opcode === OPCODE.ENABLE_RX_QUEUES;
        for (const id of this.ids) this.enabled.add(this.nameOf(id));
        this.look();
        break;
      case OPCODE.DESTROY_TX_QUEUES:
      case OPCODE.DESTROY_RX_QUEUES:
        this.forget();
        break;
    }
  }

  private forget(): void {
    for (const id of this.ids) {
      this.written.delete(this.nameOf(id));
      this.enabled.delete(this.nameOf(id));
    }
    this.look();
  }

  private look(): void {
    this.transmits = [...this.enabled].some((queue) => queue.startsWith('transmit'));
    if (this.enabled.size === 0) this.hasReceived = false;
  }

  /** By the request under way. */
  private nameOf(id: number): string {
    return `${TRANSMITS.includes(this.opcode) ? 'transmit' : 'receive'} ${id}`;
  }
}

const TRANSMITS: readonly number[] = [
  OPCODE.CREATE_TX_QUEUES,
  OPCODE.ENABLE_TX_QUEUES,
  OPCODE.DESTROY_TX_QUEUES,
];

function madeIn(answer: Uint8Array): readonly ReturnType<typeof reg.mailbox_queue_made.decode>[] {
  const count = new DataView(answer.buffer, answer.byteOffset).getUint16(0, true);
  const { size } = reg.mailbox_queue_made;
  return Array.from({ length: count }, (_, i) =>
    reg.mailbox_queue_made.decode(answer, reg.QUEUES_AT + i * size),
  );
}
