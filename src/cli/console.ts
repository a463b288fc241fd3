import type { Machine } from '../machine/machine.ts';
import { PlainText } from './plain-text.ts';

/** How much of the last line is kept. */
const LINE_MOST = 400;

/** Output of a guest on its first serial port: shown as it arrives, and searched for a text. */
export class Console {
  private readonly decoder = new TextDecoder();
  private readonly screen = new PlainText();
  private readonly wanted: string | null;
  /** Output that was not shown yet. */
  private pending = '';
  private line = '';
  private before = '';
  /** The ends of the output and of the screen's text, where the wanted text may have begun. */
  private readonly tails = { raw: '', plain: '' };
  private found = false;

  /**
   * @param machine whose port it is; null if output arrives by `hear`.
   * @param wanted a text to search for, also across lines.
   */
  constructor(machine: Machine | null, wanted: string | null = null) {
    this.wanted = wanted;
    machine?.events.on('serial', (port, byte) => {
      if (port === 'ttyS0') this.hear(Uint8Array.of(byte));
    });
  }

  /** For a port that is not the machine's. */
  hear(bytes: Uint8Array): void {
    for (const sign of this.decoder.decode(bytes, { stream: true })) this.take(sign);
  }

  /** The wanted text was printed. */
  get printed(): boolean {
    return this.found;
  }

  /** The last line with something on it, as a terminal shows it; empty, if none was printed. */
  get lastLine(): string {
    return this.line.trim() || this.before.trim();
  }

  get printedAny(): boolean {
    return this.lastLine !== '';
  }

  /** The cursor follows text. */
  get midLine(): boolean {
    return this.line !== '';
  }

  /** Output since the last call. */
  read(): string {
    const text = this.pending;
    this.pending = '';
    return text;
  }

  private take(sign: string): void {
    this.pending += sign;
    this.look('raw', sign);
    for (const shown of this.screen.take(sign)) {
      this.look('plain', shown);
      this.keepLine(shown);
    }
  }

  private look(how: 'raw' | 'plain', sign: string): void {
    if (this.wanted === null || this.found) return;
    this.tails[how] = (this.tails[how] + sign).slice(-this.wanted.length);
    this.found = this.tails[how] === this.wanted;
  }

  private keepLine(sign: string): void {
    if (sign !== '\n') {
      this.line = (this.line + sign).slice(-LINE_MOST);
      return;
    }
    if (this.line.trim() !== '') this.before = this.line;
    this.line = '';
  }
}
