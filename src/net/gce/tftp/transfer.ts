import type { Nanos } from '../../../core/bits.ts';
import type { Clock, Timer } from '../../../core/clock.ts';
import { acknowledgedIn, dataBytes, isError, optionsBytes, type ReadRequest } from './message.ts';

/** RFC 1350; RFC 2348 has 8 to 65464, and longer blocks than fit into one frame would come in fragments. */
const [BLOCK, BLOCK_LEAST] = [512, 8];
/** IPv4, UDP and TFTP before the block. */
const HEADERS = 20 + 8 + 4;
const AGAIN: Nanos = 1_000_000_000;
const TRIES = 10;

/** A file transfer: a block, its acknowledgment, the next block (RFC 1350, with RFC 2347, 2348 and 2349's options). */
export class Transfer {
  private readonly file: Uint8Array;
  private readonly size: number;
  private readonly say: (bytes: Uint8Array) => void;
  private readonly done: () => void;
  private readonly clock: Clock;
  private readonly timer: Timer;
  private said: Uint8Array;
  /** The block sent last; 0 is the option acknowledgment. */
  private block: number;
  private tries = 0;

  constructor(
    file: Uint8Array,
    { options }: ReadRequest,
    { clock, mtu }: { readonly clock: Clock; readonly mtu: number },
    say: (bytes: Uint8Array) => void,
    done: () => void,
  ) {
    this.file = file;
    this.say = say;
    this.done = done;
    this.clock = clock;
    this.timer = clock.timer('tftp', () => this.again());
    const asked = Number(options.get('blksize'));
    const takes = Number.isInteger(asked) && asked >= BLOCK_LEAST;
    this.size = takes ? Math.min(asked, mtu - HEADERS) : BLOCK;
    const agreed = new Map<string, number>();
    if (takes) agreed.set('blksize', this.size);
    if (options.has('tsize')) agreed.set('tsize', file.length);
    this.block = agreed.size === 0 ? 1 : 0;
    this.said = agreed.size === 0 ? this.data() : optionsBytes(agreed);
  }

  begin(): void {
    this.tell();
  }

  hear(bytes: Uint8Array): void {
    if (isError(bytes)) this.end();
    else if (acknowledgedIn(bytes) === (this.block & 0xffff)) this.next();
  }

  end(): void {
    this.clock.remove(this.timer);
    this.done();
  }

  private next(): void {
    // A block that is not full, even an empty one, is the last.
    if (this.block * this.size > this.file.length) {
      this.end();
      return;
    }
    this.block++;
    this.tries = 0;
    this.said = this.data();
    this.tell();
  }

  private tell(): void {
    this.timer.arm(AGAIN);
    this.say(this.said);
  }

  private again(): void {
    if (++this.tries === TRIES) this.end();
    else this.tell();
  }

  private data(): Uint8Array {
    const from = (this.block - 1) * this.size;
    return dataBytes(this.block, this.file.subarray(from, from + this.size));
  }
}
