import type { Region } from '../core/access.ts';
import type { Width } from '../core/bits.ts';
import type { Board, ResetKind } from '../core/board.ts';
import type { Line } from '../core/line.ts';
import { Baud, type Pace } from './baud.ts';
import type { CharacterFlags } from './character.ts';
import { type Described, describe } from './describe.ts';
import { DmaSignals } from './dma-signals.ts';
import type { SerialEndpoint } from './endpoint.ts';
import { UartFindings } from './findings.ts';
import { Incoming } from './incoming.ts';
import { UartInterrupts } from './interrupts.ts';
import { Modem, type ModemInputs } from './modem.ts';
import { Receiver } from './receiver.ts';
import { DLL, DLM, FCR, IER, IIR, LCR, LSR, MCR, SCR, UART_PORTS } from './registers.ts';
import { Transmitter } from './transmitter.ts';

const { ENABLE, RESET_RCVR, RESET_XMIT, DMA } = FCR.mask;
const { DLAB, SBC } = LCR.mask;
const { DTR } = MCR.mask;
const ERRORS = LSR.rc;
const FIFO_BITS = IIR.mask.FIFO;
const POWER_ON_DIVISOR = (DLM.reset << 8) | DLL.reset;

/**
 * A National PC16550D as a PC wires it: eight ports, a clock of 1.8432 MHz, OUT2 gates the interrupt. Characters
 * take their time on the board's clock; the other end always sends with the guest's own baud rate and format.
 *
 * Reports `uart/DIVISOR`, `uart/THR-FULL` and `uart/OVERRUN`; the last two never in loopback, where a probe fills
 * the FIFO on purpose, the last only from a guest that receives. A guest cannot make it throw.
 *
 * @example
 * const com1 = new Uart16550('ttyS0', board, irq4);
 * ports.map(0x3f8, com1, 'subtractive');
 * com1.endpoint = new SerialText();
 * com1.type('root\n');                    // arrives one character at a time
 * com1.inject(0x00, { break: true });     // then a break
 * com1.modem({ CTS: false });             // the other end is busy
 * com1.reset('hard');
 * com1.close();                           // its timers leave the clock, its wire falls
 */
export class Uart16550 implements Region {
  readonly name: string;
  readonly size = UART_PORTS;
  readonly widths = 1;
  /** The other end: gets each byte when its character time has passed. */
  endpoint: SerialEndpoint | null = null;
  /** RXRDY and TXRDY. */
  readonly dma: DmaSignals;
  private readonly baud: Baud;
  private readonly lines = new Modem();
  private readonly transmitter: Transmitter;
  private readonly receiver: Receiver;
  private readonly incoming: Incoming;
  private readonly interrupts: UartInterrupts;
  private readonly findings: UartFindings;
  private lcr = 0;
  private scr = 0;
  private fifoOn = false;
  private multipleDma = false;
  private breaking = false;

  /** @param pace how long characters take; by the baud rate, unless told otherwise. */
  constructor(name: string, board: Board, irq: Line, pace: Pace = 'baud') {
    this.name = name;
    this.baud = new Baud(pace);
    const update = (): void => this.update();
    const { clock } = board;
    this.transmitter = new Transmitter(name, clock, this.baud, {
      empty: update,
      sent: (byte) => this.sent(byte),
    });
    this.incoming = new Incoming(name, clock, this.baud, {
      full: () => this.receiver.full,
      arrive: (byte, flags) => this.arrive(byte, flags),
    });
    // After both that feed it: of two timers due at once the older fires first, and a byte puts off the timeout.
    this.receiver = new Receiver(name, clock, this.baud, update);
    this.dma = new DmaSignals(this.receiver, this.transmitter);
    this.interrupts = new UartInterrupts(irq.source(name), this.receiver, this.transmitter, this.lines);
    this.findings = new UartFindings(name, board.journal, this.baud);
    this.reset('power');
  }

  /** The other end sends; text goes as UTF-8. Bytes queue and arrive one per character time, in loopback in vain. */
  type(bytes: Uint8Array | string): void {
    this.incoming.type(bytes);
  }

  /** The other end sends one byte, 0 to 255, with a parity error, a framing error or as a break; it queues too. */
  inject(byte: number, flags: CharacterFlags): void {
    this.incoming.inject(byte, flags);
  }

  /** The other end turns modem lines on or off. CTS, DSR and DCD are on from the start. */
  modem(inputs: ModemInputs): void {
    this.lines.set(inputs);
    this.update();
  }

  /** The divisor and SCR survive a reset, not the loss of power, which also ends what the other end was sending. */
  reset(kind: ResetKind): void {
    this.interrupts.ier = IER.reset;
    this.lcr = LCR.reset;
    this.fifoOn = false;
    this.lines.reset();
    this.transmitter.reset();
    this.receiver.reset();
    this.findings.reset();
    this.signalBreak();
    if (kind === 'power') {
      this.scr = SCR.reset;
      this.incoming.clear();
    }
    this.baud.set(kind === 'power' ? POWER_ON_DIVISOR : this.baud.divisor, this.lcr);
    this.update();
  }

  /** Removes its timers from the clock and its hold on the line. */
  close(): void {
    this.interrupts.close();
    this.transmitter.close();
    this.receiver.close();
    this.incoming.close();
  }

  context(): number {
    return this.lcr;
  }

  describe(access: Described): string {
    return `${this.name} ${describe(access)}`;
  }

  read(offset: number, _width: Width): number {
    const latch = (this.lcr & DLAB) !== 0;
    switch (offset) {
      case 0:
        return latch ? this.baud.divisor & 0xff : this.readRbr();
      case 1:
        return latch ? this.baud.divisor >> 8 : this.interrupts.ier;
      case 2:
        return this.readIir();
      case 3:
        return this.lcr;
      case 4:
        return this.lines.mcr;
      case 5:
        return this.readLsr();
      case 6:
        return this.readMsr();
      default:
        return this.scr;
    }
  }

  /** LSR and MSR take no writes: that is for the factory (PC16550D, 8.4). */
  write(offset: number, value: number, _width: Width): void {
    const latch = (this.lcr & DLAB) !== 0;
    switch (offset) {
      case 0:
        if (latch) this.setBaud((this.baud.divisor & 0xff00) | value, this.lcr);
        else this.writeThr(value);
        break;
      case 1:
        if (latch) this.setBaud((this.baud.divisor & 0xff) | (value << 8), this.lcr);
        else this.writeIer(value);
        break;
      case 2:
        this.writeFcr(value);
        break;
      case 3:
        this.writeLcr(value);
        break;
      case 4:
        this.writeMcr(value);
        break;
      case 7:
        this.scr = value;
        break;
    }
  }

  private readRbr(): number {
    if (!this.receiver.empty && !this.lines.loop) this.findings.byteTaken();
    const byte = this.receiver.read();
    this.incoming.run();
    this.update();
    return byte;
  }

  private readIir(): number {
    const id = this.interrupts.identify();
    this.update();
    return this.fifoOn ? id | FIFO_BITS : id;
  }

  private readLsr(): number {
    const value = this.receiver.status | this.transmitter.status;
    if ((value & ERRORS) !== 0) {
      this.receiver.told();
      this.update();
    }
    return value;
  }

  private readMsr(): number {
    const value = this.lines.read();
    this.update();
    return value;
  }

  private writeThr(byte: number): void {
    this.findings.thrWritten();
    const lost = this.transmitter.write(byte);
    this.update();
    if (lost >= 0 && !this.lines.loop) this.findings.thrFull(this.fifoOn, byte, lost);
  }

  private writeIer(value: number): void {
    this.interrupts.enable(value);
    this.findings.enabled(value);
    this.update();
  }

  /** PC16550D, 8.5: without ENABLE no other bit is programmed; a change of ENABLE empties both FIFOs. */
  private writeFcr(value: number): void {
    const on = (value & ENABLE) !== 0;
    const changed = on !== this.fifoOn;
    if (changed) {
      this.fifoOn = on;
      this.receiver.setFifo(on);
      this.transmitter.setFifo(on);
    } else if (on) {
      if ((value & RESET_RCVR) !== 0) this.receiver.clear();
      if ((value & RESET_XMIT) !== 0) this.transmitter.clear();
    }
    if (on) this.receiver.setTrigger(value);
    // With room for one byte, both modes of DMA come to the same.
    this.multipleDma = (value & DMA) !== 0;
    if (this.receiver.empty) this.findings.released(this.interrupts.ier);
    this.incoming.run();
    this.update();
  }

  private writeMcr(value: number): void {
    this.lines.write(value);
    if ((value & DTR) === 0) this.findings.released(this.interrupts.ier);
    this.signalBreak();
    this.update();
  }

  private writeLcr(value: number): void {
    if ((this.lcr & ~value & DLAB) !== 0) this.findings.latchClosed();
    this.lcr = value;
    this.setBaud(this.baud.divisor, value);
    this.signalBreak();
  }

  /** In loopback SOUT is held at mark (PC16550D, 8.8). */
  private signalBreak(): void {
    const on = (this.lcr & SBC) !== 0 && !this.lines.loop;
    if (on === this.breaking) return;
    this.breaking = on;
    this.endpoint?.breaks?.(on);
  }

  private setBaud(divisor: number, lcr: number): void {
    this.baud.set(divisor, lcr);
    this.transmitter.run();
    this.receiver.run();
    this.incoming.run();
  }

  private sent(byte: number): void {
    if (this.lines.loop) {
      this.receiver.take(byte, 0);
      this.update();
    } else if (!this.breaking) this.endpoint?.receive(byte);
  }

  /** In loopback the line is not connected to the receiver: what comes is lost. */
  private arrive(byte: number, flags: number): void {
    if (this.lines.loop) return;
    const lost = this.receiver.take(byte, flags);
    this.update();
    this.findings.received();
    if (lost >= 0) this.findings.overrun(this.fifoOn, byte, lost);
  }

  private update(): void {
    this.dma.update(this.multipleDma);
    this.interrupts.update();
  }
}
