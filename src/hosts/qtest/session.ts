import { Buffer } from 'node:buffer';
import type { Machine } from '../../machine/machine.ts';
import { BusMemory } from './bus-memory.ts';
import { COMMANDS, type Wired } from './commands.ts';
import { Intercepts } from './intercepts.ts';
import { WireTime } from './time.ts';
import { WireError } from './wire-error.ts';

const NEW_LINE = 0x0a;
/** Bytes of a line: twice those of the longest piece of memory, and some. */
const LONGEST = (256 << 20) + 4096;
/** The part of a client's word that is quoted. */
const QUOTED = 80;

/**
 * A client on the qtest wire: a line is a command, and each is answered by one line. Every line is answered: where QEMU
 * aborts, by `FAIL` and the reason.
 *
 * @example
 * const session = new QtestSession(machine, (text) => socket.write(text));
 * session.feed(Buffer.from('outl 0xcf8 0x80000000\ninl 0xcfc\n'));      // OK\nOK 0x12378086\n
 */
export class QtestSession {
  /** How many commands came. */
  commands = 0;
  private readonly wired: Wired;
  private readonly send: (text: string) => void;
  private parts: Buffer[] = [];
  private pending = 0;
  private out = '';
  private within = false;

  /** @param send takes whole lines. @param named whether the user gave a part of the machine this name. */
  constructor(machine: Machine, send: (text: string) => void, named: (id: string) => boolean) {
    const { chassis, port } = machine;
    const { board, interrupts, mmio } = chassis;
    const exists = (name: string) => named(name) || machine.functions.some((fn) => fn.name === name);
    this.send = send;
    this.wired = {
      port,
      memory: new BusMemory(port, board.memory, mmio),
      intercepts: new Intercepts(interrupts, (line) => this.say(line), exists),
      time: new WireTime(board.clock),
    };
  }

  feed(chunk: Buffer): void {
    this.within = true;
    let from = 0;
    for (let end = chunk.indexOf(NEW_LINE); end >= 0; end = chunk.indexOf(NEW_LINE, from)) {
      this.say(this.answer(this.lineUpTo(chunk.subarray(from, end))));
      from = end + 1;
    }
    if (from < chunk.length) this.keep(from === 0 ? chunk : chunk.subarray(from));
    this.within = false;
    this.flush();
  }

  /** An interrupt is reported when it comes, before the answer to its cause. */
  private say(line: string): void {
    this.out += `${line}\n`;
    if (!this.within) this.flush();
  }

  private flush(): void {
    if (this.out === '') return;
    const text = this.out;
    this.out = '';
    this.send(text);
  }

  private keep(part: Buffer): void {
    this.pending += part.length;
    // Of a line that is too long, only the length is kept.
    if (this.pending > LONGEST) this.parts = [];
    else this.parts.push(part);
  }

  /** Null for a line that was too long. */
  private lineUpTo(last: Buffer): string | null {
    if (this.pending === 0) return last.toString('latin1');
    const length = this.pending + last.length;
    const whole = length > LONGEST ? null : Buffer.concat([...this.parts, last]).toString('latin1');
    this.parts = [];
    this.pending = 0;
    return whole;
  }

  private answer(line: string | null): string {
    this.commands++;
    if (line === null) return `FAIL a line has at most ${LONGEST} bytes`;
    const words = line.split(' ');
    const command = COMMANDS.get(words[0]!);
    if (command === undefined) return `FAIL Unknown command '${printable(words[0]!)}'`;
    try {
      return command(words, this.wired);
    } catch (error) {
      return `FAIL ${reasonOf(error)}`;
    }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof WireError) return error.message;
  return printable(error instanceof Error ? error.message : String(error), 1000);
}

function printable(text: string, length = QUOTED): string {
  return text.slice(0, length).replace(/[^\x20-\x7e]/g, '?');
}
