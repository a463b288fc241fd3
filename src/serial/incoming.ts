import type { Clock, Timer } from '../core/clock.ts';
import { MisuseError } from '../core/misuse.ts';
import type { Baud } from './baud.ts';
import { type CharacterFlags, character } from './character.ts';

/** Limit of sent words before their memory is reused together. */
const SENT_MAX = 4096;

/** The receiver of the words. */
interface IncomingOwner {
  /** Whether there is no room for another byte. */
  full(): boolean;
  /** A byte and its OE, PE, FE and BI, after its last bit. */
  arrive(byte: number, flags: number): void;
}

/** What the other end has still to send. One character is sent per character time. */
export class Incoming {
  private readonly words: number[] = [];
  private next = 0;
  private readonly name: string;
  private readonly clock: Clock;
  private readonly baud: Baud;
  private readonly owner: IncomingOwner;
  private readonly arrival: Timer;

  constructor(name: string, clock: Clock, baud: Baud, owner: IncomingOwner) {
    this.name = name;
    this.clock = clock;
    this.baud = baud;
    this.owner = owner;
    this.arrival = clock.timer(`${name} receiver`, () => this.tick());
  }

  /** Bytes that are not sent yet. */
  get waiting(): number {
    return this.words.length - this.next;
  }

  /** Text goes as UTF-8. */
  type(bytes: Uint8Array | string): void {
    if (typeof bytes !== 'string' && !(bytes instanceof Uint8Array))
      throw new MisuseError(`${this.name}.type`, bytes, 'a string or Uint8Array');
    const sent = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
    for (const byte of sent) this.add(byte, 0);
  }

  /** One byte, with its errors. */
  inject(byte: number, wrong: CharacterFlags): void {
    const { byte: seen, flags } = character(this.name, byte, wrong);
    this.add(seen, flags);
  }

  /** Continues if there is something to send and a baud clock to sample it. */
  run(): void {
    if (this.next === this.words.length || this.waits()) return;
    if (this.arrival.due === Number.POSITIVE_INFINITY) this.arrival.arm(this.baud.transfer);
  }

  clear(): void {
    this.words.length = 0;
    this.next = 0;
    this.arrival.disarm();
  }

  close(): void {
    this.clock.remove(this.arrival);
  }

  private add(byte: number, flags: number): void {
    this.words.push(byte | (flags << 8));
    this.run();
  }

  /** A line ignores the receiver's room; a byte stream does not. */
  private waits(): boolean {
    return this.baud.divisor === 0 || (this.baud.pace === 'instant' && this.owner.full());
  }

  private tick(): void {
    if (this.waits()) return;
    const word = this.words[this.next++]!;
    if (this.next === this.words.length) this.clear();
    else if (this.next === SENT_MAX) {
      this.words.splice(0, this.next);
      this.next = 0;
    }
    this.run();
    this.owner.arrive(word & this.baud.word, word >> 8);
  }
}
