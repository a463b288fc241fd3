import { checkFunction } from '../core/checks.ts';
import type { SerialEndpoint } from './endpoint.ts';

const LF = 0x0a;
const CR = 0x0d;
/** In bytes. */
const LONGEST = 0x1_0000;

/**
 * Delivers what the guest prints line by line, as UTF-8 without line ends. A line of more than 64 KiB comes in parts.
 *
 * @example
 * machine.serial[0]!.listen(new SerialLines((line) => console.log(line)));
 */
export class SerialLines implements SerialEndpoint {
  private readonly onLine: (line: string) => void;
  private readonly bytes: number[] = [];

  constructor(onLine: (line: string) => void) {
    checkFunction('SerialLines', onLine);
    this.onLine = onLine;
  }

  receive(byte: number): void {
    if (byte === LF) this.end();
    else if (this.bytes.push(byte) === LONGEST) this.end();
  }

  /** What was printed since the last line end. */
  get rest(): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(this.bytes));
  }

  private end(): void {
    while (this.bytes.at(-1) === CR) this.bytes.pop();
    const line = this.rest;
    this.bytes.length = 0;
    this.onLine(line);
  }
}
