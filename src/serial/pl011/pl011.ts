import type { Described, Region } from '../../core/access.ts';
import type { Width } from '../../core/bits.ts';
import type { Board, ResetKind } from '../../core/board.ts';
import type { Line } from '../../core/line.ts';
import { registerBlock } from '../../core/register-block.ts';
import { Baud, type UartManners } from '../baud.ts';
import type { CharacterFlags } from '../character.ts';
import { quotedText } from '../describe.ts';
import type { SerialEndpoint } from '../endpoint.ts';
import { Incoming } from '../incoming.ts';
import { Modem, type ModemInputs } from '../modem.ts';
import { MSR } from '../registers.ts';
import { Pl011Control } from './control.ts';
import type { Pl011Events } from './events.ts';
import { Pl011Interrupts } from './interrupts.ts';
import { Pl011Receiver } from './receiver.ts';
import * as reg from './registers.ts';
import { errorsOf, modemFlags, modemInterrupts } from './signals.ts';
import { Pl011Transmitter } from './transmitter.ts';

const BLOCK = registerBlock([...reg.GENERIC_UART, ...reg.PL011_ONLY]);
const OWN: ReadonlySet<number> = new Set(reg.PL011_ONLY.map(({ offset }) => offset));
const FORMAT: readonly number[] = [reg.UARTIBRD, reg.UARTFBRD, reg.UARTLCR_H].map(({ offset }) => offset);
/** UARTIMSC, UARTRIS, UARTMIS and UARTICR take no single byte (SBSA, appendix B). */
const [NO_BYTE_FIRST, NO_BYTE_LAST] = [reg.UARTIMSC.offset, reg.UARTICR.offset];
const TAKES_ALL: readonly number[] = [reg.UARTRSR, reg.UARTICR].map(({ offset }) => offset);
const ID_LAST = reg.UART_IDS.first + 4 * reg.UART_IDS.bytes.length;
const MODEM_INTERRUPTS = modemInterrupts(~0);
const ALL = ~0;

/** What may differ from one PL011 to another. */
export interface Pl011Manners extends Pick<UartManners, 'pace'> {
  /** A whole PL011; without, the generic UART of SBSA, of which a guest sees the registers that need no set-up. */
  readonly whole?: boolean | undefined;
}

/**
 * Arm's PL011, revision r1p5, or the generic UART of SBSA, which is a part of it. A guest cannot make it throw.
 *
 * @example
 * const uart = new Pl011('ttyAMA0', board, gsi33);
 * mmio.map(0x0900_0000, uart);
 * uart.endpoint = new SerialText();
 * uart.type('root\n');                    // arrives one character at a time
 * uart.inject(0x00, { break: true });
 * uart.reset('hard');
 * uart.close();                           // removes its timers, releases its wire
 */
export class Pl011 implements Region {
  readonly name: string;
  readonly size = reg.PL011_BYTES;
  endpoint: SerialEndpoint | null = null;
  /** The watcher of the driver; null for none. */
  events: Pl011Events | null = null;
  readonly lines = new Modem();
  readonly incoming: Incoming;
  /** More than a generic UART. */
  readonly whole: boolean;
  private readonly baud: Baud;
  private readonly control: Pl011Control;
  private readonly interrupts: Pl011Interrupts;
  private readonly receiver: Pl011Receiver;
  private readonly transmitter: Pl011Transmitter;
  private breaking = false;

  constructor(name: string, board: Board, irq: Line, { pace = 'baud', whole = false }: Pl011Manners = {}) {
    const { clock } = board;
    this.name = name;
    this.whole = whole;
    this.baud = new Baud(pace);
    this.control = new Pl011Control(this.baud);
    this.interrupts = new Pl011Interrupts(irq.source(name), whole ? ALL : ~MODEM_INTERRUPTS);
    this.transmitter = new Pl011Transmitter(name, clock, this.baud, this.interrupts, (byte) =>
      this.sent(byte),
    );
    this.incoming = new Incoming(name, clock, this.baud, {
      full: () => this.receiver.full,
      arrive: (byte, flags) => this.arrive(byte, flags),
    });
    this.receiver = new Pl011Receiver(name, clock, this.baud, this.interrupts);
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

  /** The other end turns modem lines on or off, of which a generic UART shows nothing. */
  modem(inputs: ModemInputs): void {
    const before = this.lines.status;
    this.lines.set(inputs);
    this.linesChanged(before);
  }

  reset(kind: ResetKind): void {
    this.interrupts.reset();
    this.transmitter.reset();
    this.receiver.reset();
    this.control.reset(this.whole);
    this.events?.reset();
    this.controlled();
    this.interrupts.end(MODEM_INTERRUPTS);
    if (kind === 'power') this.incoming.clear();
  }

  /** Removes its timers from the clock and releases the line. */
  close(): void {
    this.interrupts.close();
    this.transmitter.close();
    this.receiver.close();
    this.incoming.close();
  }

  describe(access: Described): string {
    const { offset, value } = access;
    return `${BLOCK.describe(access, this.name)}${offset === 0 ? quotedText(value === null ? null : value & 0xff) : ''}`;
  }

  read(offset: number, width: Width): number {
    if (!this.isThere(offset, width)) return 0;
    return (this.readRegister(offset & ~3, width) >>> (8 * (offset & 3))) & (width === 1 ? 0xff : 0xffff);
  }

  write(offset: number, value: number, width: Width): void {
    if (!this.isThere(offset, width) || (offset & 3) !== 0) return;
    const register = BLOCK.at(offset);
    // Any write of UARTECR clears, and UARTICR ends what there is: drivers write ones to both.
    const strange = register === null || TAKES_ALL.includes(offset) ? 0 : value & ~register.writable;
    if (strange !== 0) this.events?.bitsWritten(offset, strange >>> 0);
    this.writeRegister(offset, value);
  }

  /** Whether an access reaches a register; what is wrong with it is reported. */
  private isThere(offset: number, width: Width): boolean {
    const first = offset & ~3;
    const isId = first >= reg.UART_IDS.first && first < ID_LAST;
    if (isId && this.whole) return true;
    if (BLOCK.at(first) === null && !isId) {
      this.events?.nothingAt(offset);
      return false;
    }
    if ((isId || OWN.has(first)) && !this.whole) {
      this.events?.ownAt(offset);
      return false;
    }
    const isByte = width === 1 && first >= NO_BYTE_FIRST && first <= NO_BYTE_LAST;
    if (isByte || (offset & 3) !== 0) this.events?.widthAt(offset, width);
    return true;
  }

  private readRegister(offset: number, width: Width): number {
    switch (offset) {
      case reg.UARTDR.offset:
        return this.readData(width);
      case reg.UARTRSR.offset:
        this.events?.errorsRead();
        return this.receiver.errors;
      case reg.UARTFR.offset:
        this.events?.looked(0);
        return (
          this.receiver.flags | this.transmitter.flags | (this.whole ? modemFlags(this.lines.status) : 0)
        );
      case reg.UARTIMSC.offset:
        return this.interrupts.imsc;
      case reg.UARTRIS.offset:
        this.events?.looked(this.interrupts.mis);
        return this.interrupts.ris;
      case reg.UARTMIS.offset:
        this.events?.looked(this.interrupts.mis);
        return this.interrupts.mis;
      default:
        return offset < reg.UART_IDS.first
          ? this.control.read(offset)
          : reg.UART_IDS.bytes[(offset - reg.UART_IDS.first) >> 2]!;
    }
  }

  private writeRegister(offset: number, value: number): void {
    switch (offset) {
      case reg.UARTDR.offset:
        this.writeData(value & 0xff);
        break;
      case reg.UARTRSR.offset:
        this.receiver.errors = 0;
        this.events?.errorsRead();
        break;
      case reg.UARTIMSC.offset:
        this.interrupts.enable(value);
        this.events?.interruptsEnabled(this.interrupts.imsc);
        break;
      case reg.UARTICR.offset:
        this.interrupts.end(value);
        this.events?.interruptsEnded(value);
        break;
      default:
        if (OWN.has(offset)) this.writeControl(offset, value);
    }
  }

  private readData(width: Width): number {
    const { receiver } = this;
    if (receiver.empty) {
      this.events?.takenNothing();
      return receiver.read();
    }
    const word = receiver.read();
    this.events?.taken(word >> reg.UARTDR.shift.FE, width);
    this.incoming.run();
    return word;
  }

  private writeData(byte: number): void {
    const lost = !this.transmitter.write(byte);
    this.events?.transmitted(byte, lost, this.control.sends, this.baud);
  }

  private writeControl(offset: number, value: number): void {
    const { control, transmitter, events } = this;
    const before = control.cr;
    if (FORMAT.includes(offset)) events?.formatWritten(offset, control.enabled, transmitter.sending);
    control.write(offset, value);
    if (offset === reg.UARTCR.offset) events?.controlWritten(before, control.cr, transmitter.waiting);
    this.controlled();
  }

  /** Control registers changed. */
  private controlled(): void {
    const { control, transmitter, receiver } = this;
    const { fifoOn } = control.format;
    const before = this.lines.status;
    this.lines.write(control.mcr);
    transmitter.setFifo(fifoOn, control.ifls);
    receiver.setFifo(fifoOn, control.ifls);
    this.signalBreak();
    this.linesChanged(before);
    this.incoming.run();
  }

  private linesChanged(before: number): void {
    const { lines, control, interrupts, transmitter } = this;
    interrupts.raise(modemInterrupts(before ^ lines.status));
    transmitter.allow(control.sends && (!control.heedsCts || (lines.status & MSR.mask.CTS) !== 0));
  }

  private signalBreak(): void {
    const on = this.control.format.break && !this.control.loop;
    if (on === this.breaking) return;
    this.breaking = on;
    this.endpoint?.breaks?.(on);
  }

  private sent(byte: number): void {
    if (this.control.loop) this.take(byte, 0);
    else if (!this.breaking) this.endpoint?.receive(byte);
  }

  /** In loopback the line is not connected to the receiver: received bytes are lost. @param flags OE, PE, FE and BI of LSR. */
  private arrive(byte: number, flags: number): void {
    if (this.control.loop) return;
    this.take(byte, errorsOf(flags));
  }

  private take(byte: number, errors: number): void {
    if (!this.control.receives) return;
    const lost = !this.receiver.take(byte, errors);
    this.events?.received(byte, lost, this.baud);
  }
}
