import type { Access } from '../core/access.ts';
import type { Nanos } from '../core/bits.ts';
import type { Machine } from '../machine/machine.ts';
import { FCR, IER, LCR, LSR } from '../serial/registers.ts';

const MILLISECOND: Nanos = 1_000_000;
/** How late a guest may answer a line. */
const QUIET: Nanos = 100 * MILLISECOND;
/** Two polls for input closer together count as one; polls farther apart do not belong to one wait. */
const APART: Nanos = MILLISECOND;
const FORGOTTEN: Nanos = 100 * MILLISECOND;
/** After this many polls without output between, a guest waits for input. */
const LOOKS = 3;
const RBR = 0;
const NEW_LINE = 0x0a;
const { ERBFI } = IER.mask;
const { DLAB } = LCR.mask;
const { RESET_RCVR } = FCR.mask;

/**
 * Types input that arrived at once, as from a pipe, when the guest listens: a UART has room for one byte, or sixteen. A
 * guest listens if it has the receive interrupt on, or polls for data while it prints nothing. A byte is typed when the
 * one before it was taken, a line when the guest has answered the one before it.
 */
export class Typist {
  private readonly machine: Machine;
  private readonly waiting: number[] = [];
  private next = 0;
  private interrupted = false;
  private looks = 0;
  private lookedAt: Nanos = 0;
  private printedAt: Nanos = 0;
  /** The last typed byte was not taken yet. */
  private untaken = false;
  private atLineStart = true;

  constructor(machine: Machine) {
    this.machine = machine;
    const { name } = machine.serial[0]!;
    machine.events.on('serial', (port) => {
      if (port === name) this.printed();
    });
    machine.events.on('reset', () => {
      this.interrupted = this.untaken = false;
      this.looks = 0;
    });
    machine.observe({
      begin: () => {},
      end: (access) => {
        if (access.region?.name === name) this.accessed(access);
      },
    });
  }

  type(bytes: Uint8Array): void {
    for (const byte of bytes) this.waiting.push(byte);
  }

  /** To be called about every millisecond of the guest's time: types a byte, if the guest will take it. */
  tick(): void {
    const { machine, waiting } = this;
    if (this.next === waiting.length || this.untaken) return;
    if (!this.interrupted && this.looks < LOOKS) return;
    if (this.atLineStart && machine.now - this.printedAt < QUIET) return;
    const byte = waiting[this.next++]!;
    this.atLineStart = byte === NEW_LINE;
    this.untaken = true;
    machine.serial[0]!.type(Uint8Array.of(byte));
  }

  private printed(): void {
    this.printedAt = this.machine.now;
    this.looks = 0;
  }

  private accessed({ offset, write, value, context }: Access): void {
    const latched = (context & DLAB) !== 0;
    if (write && offset === IER.offset && !latched) this.interrupted = (value & ERBFI) !== 0;
    else if (write && offset === FCR.offset && (value & RESET_RCVR) !== 0) this.untaken = false;
    else if (!write && offset === RBR && !latched) this.untaken = false;
    else if (!write && offset === LSR.offset) this.looked();
  }

  private looked(): void {
    const since = this.machine.now - this.lookedAt;
    if (since < APART) return;
    this.looks = since > FORGOTTEN ? 1 : this.looks + 1;
    this.lookedAt = this.machine.now;
  }
}
