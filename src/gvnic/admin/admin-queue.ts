import type { Gpa } from '../../core/bits.ts';
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
  private area: Area | null = null;
  private readonly card: Card;
  private readonly execute: Execute;
  private readonly payload = new Uint8Array(PAYLOAD_BYTES);

  constructor(card: Card, execute: Execute) {
    this.card = card;
    this.execute = execute;
  }

  /** Both counts begin at 0. */
  start(address: Gpa): void {
    this.address = address;
    this.area = new Area(this.card.board.memory, address, ADMINQ_BYTES);
    this.done = 0;
  }

  stop(): void {
    this.address = 0;
    this.area = null;
    this.done = 0;
  }

  /** The driver has posted `count` commands in all. More than there are slots for is no count. */
  ring(count: number): void {
    const { area } = this;
    if (area !== null) this.card.events?.adminRung(count, this.done);
    if (area === null || !this.card.gate.open || (count - this.done) >>> 0 > SLOTS) return;
    while (this.done !== count && this.area === area && area.find()) this.take(area);
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
