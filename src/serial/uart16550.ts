import type { Described, Region } from '../core/access.ts';
import type { Width } from '../core/bits.ts';
import type { Board, ResetKind } from '../core/board.ts';
import { checkObject } from '../core/checks.ts';
import type { Line } from '../core/line.ts';
import { Baud, type UartManners } from './baud.ts';
import type { CharacterFlags } from './character.ts';
import { describe } from './describe.ts';
import { DmaSignals } from './dma-signals.ts';
import type { SerialEndpoint } from './endpoint.ts';
import type { UartEvents } from './events.ts';
import { FifoControl } from './fifo-control.ts';
import { Incoming } from './incoming.ts';
import { UartInterrupts } from './interrupts.ts';
import { LineControl } from './line-control.ts';
import { Modem, type ModemInputs } from './modem.ts';
import { Receiver } from './receiver.ts';
import { IER, IIR, LSR, MCR, SCR, UART_PORTS } from './registers.ts';
import { Transmitter } from './transmitter.ts';

const [{ DTR, OUT2 }, { ERBFI, ETBEI }] = [MCR.mask, IER.mask];
/** Errors that belong to a byte: an overrun does not. */
const BYTE_ERRORS = LSR.mask.PE | LSR.mask.FE | LSR.mask.BI;
const [ERRORS, FIFO_BITS] = [LSR.rc, IIR.mask.FIFO];

/**
 * A National PC16550D, or an NS16450, wired as on a PC: eight ports, a clock of 1.8432 MHz, OUT2 gates the interrupt.
 * Characters take time on the board's clock; the other end always sends with the guest's own baud rate and format.
 *
 * @example
 * const com1 = new Uart16550('ttyS0', board, irq4);
 * ports.map(0x3f8, com1, 'subtractive');
 * com1.endpoint = new SerialText();
 * com1.type('root\n');                    // arrives one character at a time
 * com1.inject(0x00, { break: true });     // then a break
 * com1.modem({ CTS: false });             // the other end is busy
 * com1.reset('hard');
 * com1.close();                           // removes its timers, releases its wire
 */
export class Uart16550 implements Region {
  readonly name: string;
  readonly size = UART_PORTS;
  readonly widths = 1;
  /** The other end: gets each byte when its character time has passed. */
  endpoint: SerialEndpoint | null = null;
  /** The watcher of the driver; null for none. */
  events: UartEvents | null = null;
  /** RXRDY and TXRDY. */
  readonly dma: DmaSignals;
  private readonly lineControl: LineControl;
  readonly lines = new Modem();
  private readonly transmitter: Transmitter;
  private readonly receiver: Receiver;
  readonly incoming: Incoming;
  private readonly interrupts: UartInterrupts;
  private readonly fifos: FifoControl;
  private readonly baud: Baud;
  private scr = 0;
  private breaking = false;

  /** @param manners default a 16550A, whose characters take the time of the baud rate. */
  constructor(name: string, board: Board, irq: Line, { pace = 'baud', fifo = true }: UartManners = {}) {
    this.name = name;
    const baud = (this.baud = new Baud(pace));
    this.lineControl = new LineControl(baud, () => this.paceChanged());
    const update = (): void => this.update();
    this.transmitter = new Transmitter(name, board.clock, baud, {
      empty: update,
      sent: (byte) => this.sent(byte),
    });
    this.incoming = new Incoming(name, board.clock, baud, {
      full: () => this.receiver.full,
      arrive: (byte, flags) => this.arrive(byte, flags),
    });
    // After both that feed it: of two timers due at once the older fires first, and a byte restarts the timeout.
    this.receiver = new Receiver(name, board.clock, baud, update);
    this.dma = new DmaSignals(this.receiver, this.transmitter);
    this.fifos = new FifoControl(this.receiver, this.transmitter, this.dma, fifo);
    this.interrupts = new UartInterrupts(irq.source(name), this.receiver, this.transmitter, this.lines);
    this.reset('power');
  }

  /** The other end sends; text goes as UTF-8. Bytes queue and arrive one per character time; in loopback they are lost. */
  type(bytes: Uint8Array | string): void {
    this.incoming.type(bytes);
  }

  /** The other end sends one byte, 0 to 255, with a parity error, a framing error or as a break; it queues too. */
  inject(byte: number, flags: CharacterFlags): void {
    this.incoming.inject(byte, flags);
  }

  /** The other end turns modem lines on or off. CTS, DSR and DCD are on from the start. */
  modem(inputs: ModemInputs): void {
    checkObject(`${this.name}.modem`, inputs);
    this.lines.set(inputs);
    this.update();
  }

  /** The divisor and SCR survive a reset, not the loss of power, which also ends what the other end was sending. */
  reset(kind: ResetKind): void {
    this.interrupts.enable(IER.reset);
    this.lineControl.reset(kind);
    this.lines.reset();
    this.fifos.reset();
    this.events?.reset();
    this.signalBreak();
    if (kind === 'power') {
      this.scr = SCR.reset;
      this.incoming.clear();
    }
    this.update();
  }

  /** Removes its timers from the clock and releases the line. */
  close(): void {
    this.interrupts.close();
    this.transmitter.close();
    this.receiver.close();
    this.incoming.close();
  }

  context(): number {
    return this.lineControl.lcr;
  }

  describe(access: Described): string {
    return `${this.name} ${describe(access)}`;
  }

  read(offset: number, _width: Width): number {
    const { lineControl: line } = this;
    switch (offset) {
      case 0:
        if (line.latch) this.events?.latchRead();
        return line.latch ? line.dll : this.readRbr();
      case 1:
        return line.latch ? line.dlm : this.interrupts.ier;
      case 2:
        return this.readIir();
      case 3:
        return line.lcr;
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

  /** LSR and MSR ignore writes: these are for factory testing (PC16550D, 8.4). */
  write(offset: number, value: number, _width: Width): void {
    const { latch } = this.lineControl;
    switch (offset) {
      case 0:
        if (latch) this.writeDivisor(value, false);
        else this.writeThr(value);
        break;
      case 1:
        if (latch) this.writeDivisor(value, true);
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
      case 5:
        this.events?.statusWritten(value);
        break;
      case 7:
        this.scr = value;
    }
  }

  private readRbr(): number {
    if (this.events !== null) this.tellRead(this.events);
    const byte = this.receiver.read();
    this.incoming.run();
    this.update();
    return byte;
  }

  private tellRead(events: UartEvents): void {
    if (this.lines.loop) events.looped(-1);
    else if (this.receiver.empty) events.takenNothing();
    else events.taken(this.receiver.errors & BYTE_ERRORS);
  }

  private readIir(): number {
    const id = this.interrupts.identify();
    this.events?.looked(id);
    this.update();
    return this.fifos.on ? id | FIFO_BITS : id;
  }

  private readLsr(): number {
    this.events?.looked(-1);
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

  private writeDivisor(value: number, high: boolean): void {
    const { divisor } = this.baud;
    this.lineControl.writeDivisor(value, high);
    this.events?.divisorWritten(high, this.transmitter.busy && this.baud.divisor !== divisor, value);
  }

  private writeThr(byte: number): void {
    const lost = this.transmitter.write(byte);
    this.update();
    if (this.lines.loop) this.events?.looped(byte);
    else this.events?.transmitted(byte, lost, this.fifos.on, this.baud);
  }

  private writeIer(value: number): void {
    this.interrupts.enable(value);
    this.events?.interruptsEnabled(value);
    if (value & ETBEI && this.transmitter.empty) this.events?.wantedInterrupt((this.lines.mcr & OUT2) !== 0);
    this.update();
  }

  private writeFcr(value: number): void {
    const unsent = this.fifos.write(value);
    this.events?.fifoWritten(unsent, value);
    if (this.receiver.empty) this.events?.released(this.interrupts.ier);
    this.incoming.run();
    this.update();
  }

  private writeMcr(value: number): void {
    this.lines.write(value);
    this.events?.loopTurned(this.lines.loop, this.transmitter.busy);
    if ((value & DTR) === 0) this.events?.released(this.interrupts.ier);
    this.signalBreak();
    this.update();
  }

  private writeLcr(value: number): void {
    const wasOpen = this.lineControl.latch;
    this.events?.formatWritten(value, this.transmitter.busy);
    this.lineControl.writeLcr(value);
    if (wasOpen && !this.lineControl.latch) this.events?.latchClosed();
    this.signalBreak();
  }

  /** In loopback SOUT is held at mark (PC16550D, 8.8). */
  private signalBreak(): void {
    const on = this.lineControl.break && !this.lines.loop;
    if (on === this.breaking) return;
    this.breaking = on;
    this.events?.breakSent(on, this.transmitter.busy);
    this.endpoint?.breaks?.(on);
  }

  /** Resumes what waits for a baud clock. */
  private paceChanged(): void {
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

  /** In loopback the line is not connected to the receiver: received bytes are lost. */
  private arrive(byte: number, flags: number): void {
    if (this.lines.loop) return;
    const lost = this.receiver.take(byte, flags);
    this.update();
    this.events?.received(byte, lost, this.fifos.on, this.baud);
    if ((this.interrupts.ier & ERBFI) !== 0) this.events?.wantedInterrupt((this.lines.mcr & OUT2) !== 0);
  }

  private update(): void {
    this.dma.update();
    this.interrupts.update();
  }
}
