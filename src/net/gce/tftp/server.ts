import type { Nanos } from '../../../core/bits.ts';
import type { Clock, Timer } from '../../../core/clock.ts';
import { MisuseError } from '../../../core/misuse.ts';
import type { Message } from '../../stack/udp.ts';
import {
  acknowledgedIn,
  dataBytes,
  errorBytes,
  isError,
  optionsBytes,
  type ReadRequest,
  readRequestIn,
  TFTP_ERROR,
} from './message.ts';

/** RFC 6335: ports without a permanent assignment. */
const [FIRST_PORT, PORTS] = [49_152, 16_384];
/** Transfers at once: the oldest is dropped for a new one. */
const MOST = 64;

/** RFC 1350; RFC 2348 has 8 to 65464, and longer blocks than fit into one frame would come in fragments. */
const [BLOCK, BLOCK_LEAST] = [512, 8];
/** IPv4, UDP and TFTP before the block. */
const HEADERS = 20 + 8 + 4;
const AGAIN: Nanos = 1_000_000_000;
const TRIES = 10;

/** A file transfer: a block, its acknowledgment, the next block (RFC 1350, with RFC 2347, 2348 and 2349's options). */
class Transfer {
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

interface TftpWire {
  readonly clock: () => Clock;
  readonly mtu: number;
  tell(message: Message): void;
}

/** Serves files over TFTP, each transfer from a port of its own. */
export class TftpServer {
  readonly files = new Map<string, Uint8Array>();
  private readonly transfers = new Map<number, Transfer>();
  private readonly wire: TftpWire;
  private used = 0;

  constructor(wire: TftpWire) {
    this.wire = wire;
  }

  /** Handles a read request. */
  ask({ from, to, bytes }: Message): void {
    const request = readRequestIn(bytes);
    if (request === null) return;
    const source = { address: to.address, port: this.nextPort() };
    const say = (answer: Uint8Array) => this.wire.tell({ from: source, to: from, bytes: answer });
    const file = this.files.get(plain(request.name));
    if (request.mode !== 'octet') say(errorBytes(TFTP_ERROR.ILLEGAL, 'octet is the only mode here'));
    else if (file === undefined) say(errorBytes(TFTP_ERROR.NOT_FOUND, `${request.name} is not here`));
    else {
      if (this.transfers.size === MOST) this.oldest.end();
      const { mtu } = this.wire;
      const over = () => this.transfers.delete(source.port);
      const transfer = new Transfer(file, request, { clock: this.wire.clock(), mtu }, say, over);
      this.transfers.set(source.port, transfer);
      transfer.begin();
    }
  }

  /** @returns whether it belongs to a transfer. */
  hear({ to, bytes }: Message): boolean {
    const transfer = this.transfers.get(to.port);
    transfer?.hear(bytes);
    return transfer !== undefined;
  }

  /** The network is detached. */
  forget(): void {
    for (const transfer of [...this.transfers.values()]) transfer.end();
  }

  /** @throws MisuseError for an invalid file name. */
  serve(name: string, bytes: Uint8Array): void {
    if (typeof name !== 'string' || plain(name) === '' || name.includes('\0'))
      throw new MisuseError('tftp.name', name, 'a file name');
    this.files.set(plain(name), bytes);
  }

  private get oldest(): Transfer {
    const [first] = this.transfers.values();
    return first!;
  }

  private nextPort(): number {
    do this.used = (this.used + 1) % PORTS;
    while (this.transfers.has(FIRST_PORT + this.used));
    return FIRST_PORT + this.used;
  }
}

/** Some clients begin a name with a slash. */
function plain(name: string): string {
  return name.replace(/^\/+/, '');
}
