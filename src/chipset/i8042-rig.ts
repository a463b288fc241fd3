import { Line } from '../core/line.ts';
import { Rig } from '../core/rig.ts';
import { I8042 } from './i8042.ts';

/** For tests: a keyboard controller at its ports. */
export class I8042Rig extends Rig {
  readonly irq1 = new Line('irq1');
  readonly irq12 = new Line('irq12');
  /** Interrupts that went high, `1` or `12`, and resets of the CPU. */
  readonly events: string[] = [];
  readonly i8042 = new I8042(
    'i8042',
    {
      irq1: this.irq1.source('i8042'),
      irq12: this.irq12.source('i8042'),
      onReset: (hard) => this.events.push(hard ? 'hard' : 'soft'),
    },
    { locked: true },
  );

  constructor() {
    super();
    this.ports.map(0x60, this.i8042.data, 'bridge');
    this.ports.map(0x64, this.i8042.command, 'bridge');
    this.irq1.onChange = (level) => level && this.events.push('1');
    this.irq12.onChange = (level) => level && this.events.push('12');
  }

  get status(): number {
    return this.ports.read(0x64, 1);
  }

  /** Writes a command and its bytes. */
  command(command: number, ...bytes: number[]): this {
    this.ports.write(0x64, command, 1);
    for (const byte of bytes) this.ports.write(0x60, byte, 1);
    return this;
  }

  /** Reads all available bytes, the mouse's with 100 added. */
  read(): number[] {
    const bytes: number[] = [];
    for (let status = this.status; status & 1; status = this.status)
      bytes.push(this.ports.read(0x60, 1) + (status & 0x20 ? 0x100 : 0));
    return bytes;
  }

  /** The keyboard's answers to each byte. */
  keyboard(...bytes: number[]): number[] {
    return bytes.flatMap((byte) => {
      this.ports.write(0x60, byte, 1);
      return this.read();
    });
  }

  /** The mouse's answers to each byte. */
  mouse(...bytes: number[]): number[] {
    return bytes.flatMap((byte) => this.command(0xd4, byte).read());
  }
}
