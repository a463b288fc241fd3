import { MCR, MSR } from './registers.ts';

const { DTR, RTS, OUT1, OUT2, LOOP } = MCR.mask;
const { CTS, DSR, RI, DCD } = MSR.mask;
/** Shift from CTS to DCTS, and DCD to DDCD. */
const TO_DELTA = 4;

/** The pins, in the bit order of `Modem.pins`. In loopback the outputs are off (PC16550D, 8.8). */
export const MODEM_PINS = ['DTR', 'RTS', 'OUT1', 'OUT2', 'CTS', 'DSR', 'RI', 'DCD'] as const;

/** The modem's four inputs, by name; those left out stay as they are. */
export interface ModemInputs {
  readonly CTS?: boolean;
  readonly DSR?: boolean;
  readonly RI?: boolean;
  readonly DCD?: boolean;
}

/** Modem control and status: the inputs from the other end, or in loopback our own outputs, and the changes. */
export class Modem {
  mcr = 0;
  /** Called when a pin changes; null for no listener. */
  onPins: ((pins: number) => void) | null = null;
  /** DCTS, DDSR, TERI and DDCD since MSR was read. */
  deltas = 0;
  /** A connected and ready terminal: without these a console with flow control never prints. */
  private inputs = CTS | DSR | DCD;

  /** Bit n is the pin n of `MODEM_PINS`: on is 1. */
  get pins(): number {
    return (this.loop ? 0 : this.mcr & (DTR | RTS | OUT1 | OUT2)) | this.inputs;
  }

  get loop(): boolean {
    return (this.mcr & LOOP) !== 0;
  }

  /** CTS, DSR, RI and DCD as MSR shows them: the inputs, or, in loopback, what each output feeds (PC16550D, 8.8). */
  get status(): number {
    const out = this.mcr;
    if ((out & LOOP) === 0) return this.inputs;
    return (
      ((out & RTS) === 0 ? 0 : CTS) |
      ((out & DTR) === 0 ? 0 : DSR) |
      ((out & OUT1) === 0 ? 0 : RI) |
      ((out & OUT2) === 0 ? 0 : DCD)
    );
  }

  /** A read of MSR, which clears the changes. */
  read(): number {
    const status = this.status | this.deltas;
    this.deltas = 0;
    return status;
  }

  write(mcr: number): void {
    const before = this.status;
    this.mcr = MCR.write(this.mcr, mcr);
    this.compare(before);
    this.onPins?.(this.pins);
  }

  set(inputs: ModemInputs): void {
    const before = this.status;
    this.input(CTS, inputs.CTS);
    this.input(DSR, inputs.DSR);
    this.input(RI, inputs.RI);
    this.input(DCD, inputs.DCD);
    this.compare(before);
    this.onPins?.(this.pins);
  }

  reset(): void {
    this.mcr = MCR.reset;
    this.deltas = 0;
    this.onPins?.(this.pins);
  }

  private input(bit: number, on: boolean | undefined): void {
    if (on !== undefined) this.inputs = on ? this.inputs | bit : this.inputs & ~bit;
  }

  /** RI counts only when it goes off. */
  private compare(before: number): void {
    const now = this.status;
    const changed = ((before ^ now) & (CTS | DSR | DCD)) | (before & ~now & RI);
    this.deltas |= changed >> TO_DELTA;
  }
}
