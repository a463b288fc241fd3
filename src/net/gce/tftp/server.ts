import type { Clock } from '../../../core/clock.ts';
import { MisuseError } from '../../../core/misuse.ts';
import type { Message } from '../../stack/udp.ts';
import { errorBytes, readRequestIn, TFTP_ERROR } from './message.ts';
import { Transfer } from './transfer.ts';

/** RFC 6335: ports without a permanent assignment. */
const [FIRST_PORT, PORTS] = [49_152, 16_384];
/** Transfers at once: the oldest is dropped for a new one. */
const MOST = 64;

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
      throw new MisuseError('tftp.name', name, 'a name of a file');
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
