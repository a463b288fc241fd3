import type { Region } from '../core/access.ts';
import type { Wire } from '../core/line.ts';
import { registerText } from '../core/register-block.ts';
import type { I8042Events } from './events.ts';
import type { OnReset } from './piix4-ports.ts';
import type { Ps2Device } from './ps2-device.ts';
import { Ps2Keyboard } from './ps2-keyboard.ts';
import { Ps2Mouse } from './ps2-mouse.ts';
import { COMMAND_BYTE, CONTROLLER_COMMAND, DATA, OUTPUT_PORT, STATUS } from './registers/i8042.ts';

const { OBF, SYS, A2, UNLOCKED, AUXB } = STATUS.mask;
const { INT, INT2, EN, EN2, XLATE } = COMMAND_BYTE.mask;
const { RESET, IRQ1, IRQ12 } = OUTPUT_PORT.mask;

/** Commands that drivers and firmware write to port 64. RAM reads and writes have the index in their low bits. */
const COMMAND = {
  READ_RAM: 0x20,
  WRITE_RAM: 0x60,
  DISABLE_MOUSE: 0xa7,
  ENABLE_MOUSE: 0xa8,
  TEST_MOUSE: 0xa9,
  SELF_TEST: 0xaa,
  TEST_KEYBOARD: 0xab,
  DISABLE_KEYBOARD: 0xad,
  ENABLE_KEYBOARD: 0xae,
  READ_INPUT: 0xc0,
  READ_OUTPUT: 0xd0,
  WRITE_OUTPUT: 0xd1,
  KEYBOARD_BYTE: 0xd2,
  MOUSE_BYTE: 0xd3,
  TO_MOUSE: 0xd4,
  PULSE: 0xf0,
} as const;
const SWITCHES: Readonly<Record<number, { readonly clear: number; readonly set: number }>> = {
  [COMMAND.DISABLE_MOUSE]: { clear: 0, set: EN2 },
  [COMMAND.ENABLE_MOUSE]: { clear: EN2, set: 0 },
  [COMMAND.DISABLE_KEYBOARD]: { clear: 0, set: EN },
  [COMMAND.ENABLE_KEYBOARD]: { clear: EN, set: 0 },
};
const TAKES_BYTE: ReadonlySet<number> = new Set([
  COMMAND.WRITE_OUTPUT,
  COMMAND.KEYBOARD_BYTE,
  COMMAND.MOUSE_BYTE,
  COMMAND.TO_MOUSE,
]);
const RAM_SIZE = 32;
const NONE = -1;
const SELF_TEST_PASSED = 0x55;
const LINE_GOOD = 0x00;
const INPUT_UNLOCKED = 0x80;
/** Translation of the keyboard's answers from set 2 to set 1. */
const TRANSLATED: Readonly<Record<number, number>> = { 1: 0x43, 2: 0x41, 3: 0x3f, 131: 0x41 };

/** The controller's connections. */
interface I8042Wiring {
  readonly irq1: Wire;
  readonly irq12: Wire;
  readonly onReset: OnReset;
}

/**
 * The keyboard controller of a PC at ports 60 and 64, with a keyboard and a mouse without input. It answers at once.
 * Bit 0 of its output port, also by a pulse, resets the CPU.
 * Source: IBM PS/2 Hardware Interface Technical Reference, Keyboard and Auxiliary Device Controller.
 *
 * @example
 * const i8042 = new I8042('i8042', { irq1, irq12, onReset: () => restart() }, { locked: true });
 * ports.map(0x60, i8042.data, 'bridge');
 * ports.map(0x64, i8042.command, 'bridge');
 * ports.write(0x64, 0xaa, 1);
 * ports.read(0x60, 1);                     // 55h
 */
export class I8042 {
  readonly name: string;
  /** Port 60. */
  readonly data: Region;
  /** Port 64. */
  readonly command: Region;
  private readonly wiring: I8042Wiring;
  private readonly unlocked: number;
  private readonly keyboard = new Ps2Keyboard();
  private readonly mouse = new Ps2Mouse();
  private readonly ram = new Uint8Array(RAM_SIZE);
  private status = 0;
  private outputPort = OUTPUT_PORT.reset;
  private output = 0;
  /** The command whose parameter comes next at port 60, or null. */
  private pending: number | null = null;
  /** What port 60 holds is the controller's own answer. */
  private isOwn = false;
  /** The watcher of the driver; null for none. */
  events: I8042Events | null = null;

  /** @param options `locked`: the state of the keyboard lock. */
  constructor(name: string, wiring: I8042Wiring, options: { readonly locked: boolean }) {
    this.name = name;
    this.wiring = wiring;
    this.unlocked = options.locked ? 0 : UNLOCKED;
    this.keyboard.onByte = () => this.fill();
    this.mouse.onByte = () => this.fill();
    this.data = {
      name: `${name} data`,
      size: 1,
      read: () => this.readData(),
      write: (_offset, value) => this.writeData(value),
      describe: (access) => `${name} ${registerText(DATA, access)}`,
    };
    this.command = {
      name: `${name} command`,
      size: 1,
      read: () => this.readStatus(),
      write: (_offset, value) => this.writeCommand(value),
      describe: (access) => `${name} ${registerText(access.write ? CONTROLLER_COMMAND : STATUS, access)}`,
    };
  }

  reset(): void {
    this.ram.fill(0);
    this.status = 0;
    this.outputPort = OUTPUT_PORT.reset;
    this.output = 0;
    this.pending = null;
    this.keyboard.reset();
    this.mouse.reset();
    this.update();
  }

  private get commandByte(): number {
    return this.ram[0]!;
  }

  /** Of the keyboard or the mouse, that was asked for, and not typed. */
  private get hasAnswer(): boolean {
    return (this.status & OBF) !== 0 && !this.isOwn;
  }

  private readStatus(): number {
    this.events?.asked();
    return this.status | this.unlocked;
  }

  private readData(): number {
    const { output } = this;
    this.events?.taken((this.status & OBF) === 0);
    this.status &= ~(OBF | AUXB);
    this.update();
    this.fill();
    return output;
  }

  private writeData(value: number): void {
    const { pending } = this;
    this.events?.written(NONE);
    this.pending = null;
    this.status &= ~A2;
    if (pending === null) {
      this.events?.sent(this.hasAnswer);
      this.setCommandByte(this.commandByte & ~EN);
      this.keyboard.send(value);
    } else this.finish(pending, value);
  }

  private finish(command: number, value: number): void {
    switch (command) {
      case COMMAND.WRITE_OUTPUT:
        this.outputPort = OUTPUT_PORT.write(0, value);
        if ((value & RESET) === 0) this.resetCpu();
        break;
      case COMMAND.KEYBOARD_BYTE:
        this.put(value, 0);
        break;
      case COMMAND.MOUSE_BYTE:
        this.put(value, AUXB);
        break;
      case COMMAND.TO_MOUSE:
        this.events?.sent(this.hasAnswer);
        this.setCommandByte(this.commandByte & ~EN2);
        this.mouse.send(value);
        break;
      case COMMAND.WRITE_RAM:
        this.setCommandByte(COMMAND_BYTE.write(0, value));
        break;
      default:
        this.ram[command - COMMAND.WRITE_RAM] = value;
    }
  }

  private writeCommand(command: number): void {
    this.status |= A2;
    this.events?.written(this.pending ?? NONE);
    this.pending = null;
    if (command >= COMMAND.PULSE) {
      if ((command & RESET) === 0) this.resetCpu();
      return;
    }
    const index = command & (RAM_SIZE - 1);
    if ((command & ~(RAM_SIZE - 1)) === COMMAND.READ_RAM) this.put(this.ram[index]!, 0);
    else if ((command & ~(RAM_SIZE - 1)) === COMMAND.WRITE_RAM) this.await(command);
    else this.carryOut(command);
  }

  private carryOut(command: number): void {
    const change = SWITCHES[command];
    const answer = this.answerTo(command);
    if (change !== undefined) this.setCommandByte((this.commandByte & ~change.clear) | change.set);
    else if (answer !== null) this.put(answer, 0);
    else if (TAKES_BYTE.has(command)) this.await(command);
  }

  private await(command: number): void {
    this.pending = command;
    this.events?.begun(command);
  }

  private answerTo(command: number): number | null {
    switch (command) {
      case COMMAND.TEST_MOUSE:
      case COMMAND.TEST_KEYBOARD:
        return LINE_GOOD;
      case COMMAND.SELF_TEST:
        this.setCommandByte(this.commandByte | COMMAND_BYTE.mask.SYS);
        return SELF_TEST_PASSED;
      case COMMAND.READ_INPUT:
        return this.unlocked ? INPUT_UNLOCKED : 0;
      case COMMAND.READ_OUTPUT:
        return this.outputPort | this.pendingLines();
      default:
        return null;
    }
  }

  /** The interrupt outputs, as in the output port. */
  private pendingLines(): number {
    if ((this.status & OBF) === 0) return 0;
    return this.status & AUXB ? IRQ12 : IRQ1;
  }

  private setCommandByte(value: number): void {
    this.ram[0] = value;
    this.status = value & COMMAND_BYTE.mask.SYS ? this.status | SYS : this.status & ~SYS;
    this.update();
    this.fill();
  }

  /** The controller's own answers precede those of devices; an unread one is lost. */
  private put(value: number, from: number): void {
    this.events?.answered(this.isOwn && (this.status & OBF) !== 0 ? this.output : NONE);
    this.isOwn = true;
    this.show(value, from);
  }

  private show(value: number, from: number): void {
    this.status &= ~(OBF | AUXB);
    this.update();
    this.status |= from | OBF;
    this.output = value;
    this.update();
  }

  /** Takes the next byte from an enabled device. */
  private fill(): void {
    if (this.status & OBF) return;
    const typed = this.takeFrom(this.keyboard, EN);
    this.isOwn = false;
    if (typed !== null) {
      this.show(this.commandByte & XLATE ? (TRANSLATED[typed] ?? typed) : typed, 0);
      return;
    }
    const moved = this.takeFrom(this.mouse, EN2);
    if (moved !== null) this.show(moved, AUXB);
  }

  private takeFrom(device: Ps2Device, off: number): number | null {
    return this.commandByte & off ? null : device.take();
  }

  private update(): void {
    const { irq1, irq12 } = this.wiring;
    const isMouse = (this.status & AUXB) !== 0;
    const full = (this.status & OBF) !== 0;
    irq1.set(full && !isMouse && (this.commandByte & INT) !== 0);
    irq12.set(full && isMouse && (this.commandByte & INT2) !== 0);
  }

  private resetCpu(): void {
    this.wiring.onReset(false);
  }
}
