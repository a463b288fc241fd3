import { stripVTControlCharacters } from 'node:util';
import type { Machine } from '../machine/machine.ts';

/** As much of the last line is kept. */
const LINE_MOST = 400;

/** What a guest prints on its first serial port: shown as it comes, and looked through for a text. */
export class Console {
  private readonly decoder = new TextDecoder();
  private readonly wanted: string | null;
  /** What is not shown yet. */
  private pending = '';
  private line = '';
  private before = '';
  /** The end of all that came, where the wanted text may have begun. */
  private tail = '';
  private found = false;

  /** @param wanted a text to look for, over the ends of lines too. */
  constructor(machine: Machine, wanted: string | null = null) {
    this.wanted = wanted;
    machine.events.on('serial', (port, byte) => {
      if (port !== 'ttyS0') return;
      for (const sign of this.decoder.decode(Uint8Array.of(byte), { stream: true })) this.take(sign);
    });
  }

  /** The wanted text was printed. */
  get printed(): boolean {
    return this.found;
  }

  /** The last line with something on it, without what moves a cursor or colours; empty, if none was printed. */
  get lastLine(): string {
    return plain(this.line) || plain(this.before);
  }

  /** What came since the last call. */
  read(): string {
    const text = this.pending;
    this.pending = '';
    return text;
  }

  private take(sign: string): void {
    this.pending += sign;
    this.keepLine(sign);
    if (this.wanted === null || this.found) return;
    this.tail = (this.tail + sign).slice(-this.wanted.length);
    this.found = this.tail === this.wanted;
  }

  private keepLine(sign: string): void {
    if (sign !== '\n') {
      this.line = (this.line + sign).slice(-LINE_MOST);
      return;
    }
    if (plain(this.line) !== '') this.before = this.line;
    this.line = '';
  }
}

function plain(line: string): string {
  return stripVTControlCharacters(line).trim();
}
