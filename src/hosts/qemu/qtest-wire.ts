import { closeSync, readSync, writeSync } from 'node:fs';

const ROOM = 65_536;

/** QEMU, or the wire to it, is gone. */
export class WireGone extends Error {
  override readonly name = 'WireGone';
}

/**
 * QEMU's qtest protocol from the client's side, over two FIFOs: it writes a line and waits for the answer. Source:
 * QEMU, system/qtest.c, "QTest Protocol".
 *
 * @example
 * const wire = new QtestWire(to, from, (line, level) => lines[line]?.set(level));
 * wire.ask('inb 1016');                     // '0x0000'
 */
export class QtestWire {
  private readonly to: number;
  private readonly from: number;
  private readonly onLine: (line: number, level: boolean) => void;
  private readonly buffer = Buffer.alloc(ROOM);
  private pending = '';

  /** @param onLine called for each interrupt line that changed, before the answer to the command that caused it. */
  constructor(to: number, from: number, onLine: (line: number, level: boolean) => void) {
    this.to = to;
    this.from = from;
    this.onLine = onLine;
  }

  /** @returns the text after `OK`. @throws WireGone if QEMU has ended, Error if it refuses. */
  ask(command: string): string {
    const said = this.answer(command);
    if (said === null) throw new Error(`qtest: ${command} is refused`);
    return said;
  }

  /** As `ask`; null if QEMU refuses. */
  answer(command: string): string | null {
    this.send(`${command}\n`);
    for (;;) {
      const line = this.line();
      if (line.startsWith('OK')) return line.slice(3);
      const [, way, number] = /^IRQ (raise|lower) (\d+)/.exec(line) ?? [];
      if (way === undefined) return null;
      this.onLine(Number(number), way === 'raise');
    }
  }

  close(): void {
    closeSync(this.to);
    closeSync(this.from);
  }

  private send(text: string): void {
    try {
      writeSync(this.to, text);
    } catch (error) {
      throw new WireGone('QEMU takes no commands any more', { cause: error });
    }
  }

  private line(): string {
    for (;;) {
      const end = this.pending.indexOf('\n');
      if (end >= 0) {
        const line = this.pending.slice(0, end);
        this.pending = this.pending.slice(end + 1);
        return line;
      }
      const length = readSync(this.from, this.buffer);
      if (length === 0) throw new WireGone('QEMU has ended');
      this.pending += this.buffer.toString('latin1', 0, length);
    }
  }
}
