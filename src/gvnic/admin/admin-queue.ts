import type { Gpa } from '../../core/bits.ts';
import type { Timer } from '../../core/clock.ts';
import { Area } from '../area.ts';
import type { Card } from '../card.ts';
import { ADMINQ_BYTES, adminq_command, SLOT_BYTES, SLOTS } from '../registers/admin.ts';

const { opcode, status, payload } = adminq_command.offset;
const PAYLOAD_BYTES = adminq_command.members.payload.bytes;

/** Carries out one command; returns its status. */
type Execute = (opcode: number, payload: Uint8Array) => number;

/** The queue of commands: a page of slots, which the device takes in order while the driver's count is ahead. */
export class AdminQueue {
  /** Commands done. */
  done = 0;
  /** Where it is; 0 while there is none. */
  address: Gpa = 0;
  /** Commands that the driver posted. */
  private posted = 0;
  /** When the next is done; null if all are at once. */
  private readonly timer: Timer | null;
  private area: Area | null = null;
  private readonly card: Card;
  private readonly execute: Execute;
  private readonly payload = new Uint8Array(PAYLOAD_BYTES);

  constructor(card: Card, execute: Execute) {
    const { name, board, settings } = card;
    this.card = card;
    this.execute = execute;
    this.timer = settings.commandLatency && board.clock.timer(`${name} commands`, () => this.takeLate());
  }

  /** Both counts begin at 0. */
  start(address: Gpa): void {
    this.address = address;
    this.area = new Area(this.card.board.memory, address, ADMINQ_BYTES);
    this.timer?.disarm();
    this.done = this.posted = 0;
  }

  stop(): void {
    this.timer?.disarm();
    this.address = 0;
    this.area = null;
    this.done = this.posted = 0;
  }

  /** The driver has posted `count` commands in all. More than there are slots for is no count. */
  ring(count: number): void {
    const { area } = this;
    if (area !== null) this.card.events?.adminRung(count, this.done);
    if (area === null || !this.card.gate.open || (count - this.done) >>> 0 > SLOTS) return;
    this.posted = count;
    if (this.timer !== null) this.delay(this.timer);
    else while (this.done !== count && this.area === area && area.find()) this.take(area);
  }

  close(): void {
    if (this.timer !== null) this.card.board.clock.remove(this.timer);
  }

  private takeLate(): void {
    const { area, timer, card } = this;
    if (area === null || !card.gate.open || !area.find()) return;
    this.take(area);
    this.delay(timer!);
  }

  private delay(timer: Timer): void {
    const { settings, board } = this.card;
    const [least, most] = settings.commandLatency!;
    if (this.done === this.posted || timer.due !== Number.POSITIVE_INFINITY) return;
    timer.arm(least + board.random.below(most - least + 1));
  }

  private take(area: Area): void {
    const slot = (this.done % SLOTS) * SLOT_BYTES;
    const at = area.at + slot;
    this.payload.set(area.bytes.subarray(at + payload, at + payload + PAYLOAD_BYTES));
    const code = area.view.getUint32(at + opcode, false);
    this.card.events?.commanded(area.bytes.subarray(at, at + SLOT_BYTES));
    const answer = this.execute(code, this.payload);
    area.view.setUint32(at + status, answer, false);
    area.wrote(slot + status, 4);
    this.card.events?.answered(code, answer);
    this.done = (this.done + 1) >>> 0;
  }
}
