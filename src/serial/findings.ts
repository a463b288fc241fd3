import { hex } from '../core/bits.ts';
import type { Journal } from '../core/journal.ts';
import type { Baud } from './baud.ts';
import { IER } from './registers.ts';

const { ERBFI } = IER.mask;

/** Tells the journal what the guest did wrong with one UART. */
export class UartFindings {
  private readonly name: string;
  private readonly journal: Journal;
  private readonly baud: Baud;
  /** THR was written since the divisor latch was last open. */
  private inUse = false;
  /** The guest takes what comes: it enabled the interrupt, or took a byte by polling. */
  private receiving = false;

  constructor(name: string, journal: Journal, baud: Baud) {
    this.name = name;
    this.journal = journal;
    this.baud = baud;
  }

  latchClosed(): void {
    this.inUse = false;
    this.journal.met('uart/DIVISOR');
  }

  /** Before THR is written. The divisor is judged here: between two writes of the latch it may well be 0. */
  thrWritten(): void {
    if (this.inUse) return;
    this.inUse = true;
    this.journal.met('uart/THR-FULL');
    if (this.baud.divisor === 0)
      this.journal.report(
        'uart/DIVISOR',
        this.name,
        'THR was written with DLL and DLM at 00: nothing is sent',
      );
  }

  /** `lost` found no room in the transmitter. With the divisor at 0 there is never room: that was told already. */
  thrFull(fifoOn: boolean, written: number, lost: number): void {
    if (this.baud.divisor === 0) return;
    const said = fifoOn
      ? `THR took ${hex(written, 2)} while 16 bytes waited in the FIFO: it is lost`
      : `THR took ${hex(written, 2)} while ${hex(lost, 2)} waited in it: ${hex(lost, 2)} is lost`;
    this.journal.report('uart/THR-FULL', this.name, said, this.pace());
  }

  enabled(ier: number): void {
    if ((ier & ERBFI) !== 0) this.receiving = true;
  }

  byteTaken(): void {
    this.receiving = true;
  }

  /** A guest that empties the receiver or drops DTR, and wants no interrupt, lets go of the port. */
  released(ier: number): void {
    if ((ier & ERBFI) === 0) this.receiving = false;
  }

  reset(): void {
    this.receiving = false;
  }

  received(): void {
    if (this.receiving) this.journal.met('uart/OVERRUN');
  }

  /** Who types at a port that the guest does not read loses bytes, too, but not by the guest's fault. */
  overrun(fifoOn: boolean, came: number, lost: number): void {
    if (!this.receiving) return;
    const said = fifoOn
      ? `${hex(came, 2)} came while 16 bytes waited in the FIFO: it is lost`
      : `${hex(came, 2)} came while ${hex(lost, 2)} waited in RBR: ${hex(lost, 2)} is lost`;
    this.journal.report('uart/OVERRUN', this.name, said, this.pace());
  }

  private pace(): string {
    return `divisor ${this.baud.divisor}: a character takes ${this.baud.character} ns`;
  }
}
