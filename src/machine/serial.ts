import type { SerialEndpoint } from '../serial/endpoint.ts';
import { SerialText } from '../serial/endpoint.ts';
import type { Uart16550 } from '../serial/uart16550.ts';

/** A serial port as a test holds it: what was printed, and a way to type. */
export class SerialPort implements SerialEndpoint {
  readonly name: string;
  readonly port: number;
  readonly irq: number;
  readonly uart: Uart16550;
  /** What lies at the other end beside the record; gets every byte. */
  endpoint: SerialEndpoint | null = null;
  /** Told of every byte too; for the machine's events. */
  onByte: ((byte: number) => void) | null = null;
  private readonly record = new SerialText();

  constructor(uart: Uart16550, port: number, irq: number) {
    this.name = uart.name;
    this.port = port;
    this.irq = irq;
    this.uart = uart;
    uart.endpoint = this;
  }

  /** What the guest sent so far, as text. */
  get text(): string {
    return this.record.text;
  }

  /** What the guest sent so far. */
  get bytes(): Uint8Array {
    return this.record.bytes;
  }

  /** The other end sends; bytes arrive one per character time. */
  type(bytes: Uint8Array | string): void {
    this.uart.type(bytes);
  }

  receive(byte: number): void {
    this.record.receive(byte);
    this.endpoint?.receive(byte);
    this.onByte?.(byte);
  }
}
