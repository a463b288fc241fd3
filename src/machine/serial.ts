import type { Nanos } from '../core/bits.ts';
import { checkMethods, checkObject } from '../core/checks.ts';
import type { Clock } from '../core/clock.ts';
import { MisuseError } from '../core/misuse.ts';
import type { UserCalls } from '../core/user-calls.ts';
import { character } from '../serial/character.ts';
import { Dialogue } from '../serial/dialogue.ts';
import type { SerialEndpoint, SerialPeer } from '../serial/endpoint.ts';
import { SerialText } from '../serial/endpoint.ts';
import type { Pl011 } from '../serial/pl011/pl011.ts';
import type { Uart16550 } from '../serial/uart16550.ts';
import { closedError } from './ram-access.ts';

/** The one of a PC, or of an Arm. */
export type Uart = Uart16550 | Pl011;

const ENDPOINT = 'an endpoint (receive)';

/**
 * A serial port from the host's side: its output, and a way to type.
 *
 * @throws MisuseError for what is not text, a byte or an endpoint, and once the machine is closed. An error that an
 * endpoint throws reaches the caller of the access when that is done.
 */
export interface SerialPort extends SerialPeer {
  /** Its first port; on Arm its address. */
  readonly port: number;
  /** Its ISA interrupt; on Arm its INTID. */
  readonly irq: number;
  /** `inject` sends bytes with errors and breaks, `modem` turns modem lines. */
  readonly uart: Pick<Uart, 'inject' | 'modem'>;
  /** The backend beside the record; it gets every byte. */
  endpoint: SerialEndpoint | null;
  /** The last text that the guest sent: as many bytes as the option `keep` says. `listen` gets all. */
  readonly text: string;
  /** The same in bytes. */
  readonly bytes: Uint8Array;
  /** How many bytes the guest sent in all. */
  readonly sentTotal: number;
  /** The other end sends; bytes arrive one per character time. */
  type(bytes: Uint8Array | string): void;
  /** Sends every byte from now on to `endpoint`, beside all others. @returns a function that ends that. */
  listen(endpoint: SerialEndpoint): () => void;
  /**
   * A script that begins with the guest's next output.
   *
   * @param patience virtual nanoseconds that each expectation may take. Default 60 seconds.
   */
  dialogue(patience?: Nanos): Dialogue;
}

interface Listener {
  readonly endpoint: SerialEndpoint;
  /** It gets nothing more, not even the byte that others are receiving now. */
  ended: boolean;
}

/** The other end of a UART's line. */
export class UartPort implements SerialPort, SerialEndpoint {
  readonly name: string;
  readonly port: number;
  readonly irq: number;
  readonly device: Uart;
  readonly uart: SerialPort['uart'];
  private end: SerialEndpoint | null = null;
  private closed = false;
  private readonly clock: Clock;
  private readonly record: SerialText;
  private listeners: readonly Listener[] = [];

  /** @param keep how many of the guest's bytes it keeps. */
  constructor(uart: Uart, port: number, irq: number, clock: Clock, keep: number) {
    this.name = uart.name;
    this.port = port;
    this.irq = irq;
    this.device = uart;
    this.uart = {
      inject: (byte, flags) => {
        character(uart.name, byte, flags);
        const given = { ...flags };
        this.userCalls.act(`${uart.name}.inject`, () => uart.inject(byte, given));
      },
      modem: (inputs) => {
        checkObject(`${uart.name}.modem`, inputs);
        const given = { ...inputs };
        this.userCalls.act(`${uart.name}.modem`, () => uart.modem(given));
      },
    };
    this.clock = clock;
    this.record = new SerialText(keep);
    uart.endpoint = this;
  }

  get text(): string {
    return this.record.text;
  }

  get bytes(): Uint8Array {
    return this.record.bytes;
  }

  get sentTotal(): number {
    return this.record.total;
  }

  get endpoint(): SerialEndpoint | null {
    return this.end;
  }

  set endpoint(endpoint: SerialEndpoint | null) {
    if (endpoint !== null) checkMethods(`${this.name}.endpoint`, endpoint, ['receive'], ENDPOINT);
    this.end = endpoint;
  }

  type(bytes: Uint8Array | string): void {
    this.checkOpen('type');
    const { userCalls } = this;
    const path = `${this.name}.type`;
    if (typeof bytes !== 'string' && !(bytes instanceof Uint8Array))
      throw new MisuseError(path, bytes, 'a string or Uint8Array');
    // Lent for the call.
    const typed = typeof bytes === 'string' || !userCalls.defers(path) ? bytes : bytes.slice();
    userCalls.act(path, () => this.device.type(typed));
  }

  listen(endpoint: SerialEndpoint): () => void {
    this.checkOpen('listen');
    checkMethods(`${this.name}.listen`, endpoint, ['receive'], ENDPOINT);
    const listener: Listener = { endpoint, ended: false };
    this.listeners = [...this.listeners, listener];
    return () => {
      listener.ended = true;
      this.listeners = this.listeners.filter((one) => one !== listener);
    };
  }

  dialogue(patience?: Nanos): Dialogue {
    this.checkOpen('dialogue');
    return new Dialogue(this, this.clock, patience);
  }

  receive(byte: number): void {
    this.record.receive(byte);
    if (this.end !== null) this.tell(this.end, byte);
    for (const { endpoint, ended } of this.listeners) if (!ended) this.tell(endpoint, byte);
  }

  breaks(on: boolean): void {
    const { userCalls } = this;
    userCalls.shield(() => this.end?.breaks?.(on));
    for (const { endpoint, ended } of this.listeners)
      if (!ended) userCalls.shield(() => endpoint.breaks?.(on));
  }

  close(): void {
    this.closed = true;
    this.device.close();
  }

  private get userCalls(): UserCalls {
    return this.clock.userCalls;
  }

  private tell(endpoint: SerialEndpoint, byte: number): void {
    const { userCalls } = this;
    userCalls.call();
    try {
      endpoint.receive(byte);
    } catch (error) {
      userCalls.keep(error);
    }
    userCalls.back();
  }

  private checkOpen(path: string): void {
    if (this.closed) throw closedError(`${this.name}.${path}`);
  }
}
