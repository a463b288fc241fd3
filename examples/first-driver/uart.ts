import type { GuestPort } from 'guestrig';

// PC16550D, 8.0: registers by their offset, and what is used of them.
const [RBR, THR, DLL, DLM, FCR, LCR, LSR] = [0, 0, 0, 1, 2, 3, 5];
const [DR, THRE] = [0x01, 0x20];
const [EIGHT_BITS, DLAB] = [0x03, 0x80];
const FIFO_ON = 0x07;

/** A serial port, polled: 115200 baud, eight bits, no parity. */
export class MyUart {
  private readonly port: GuestPort;
  private readonly base: number;

  /** @param base 0x3f8 for COM1. */
  constructor(port: GuestPort, base: number) {
    this.port = port;
    this.base = base;
    this.write(LCR, EIGHT_BITS | DLAB);
    this.write(DLL, 1);
    this.write(DLM, 0);
    this.write(LCR, EIGHT_BITS);
    this.write(FCR, FIFO_ON);
  }

  print(text: Uint8Array): void {
    for (const byte of text) {
      this.port.wait(() => (this.read(LSR) & THRE) !== 0, 1_000_000);
      this.write(THR, byte);
    }
  }

  /** @returns what came in, or null. */
  key(): number | null {
    return (this.read(LSR) & DR) === 0 ? null : this.read(RBR);
  }

  private read(register: number): number {
    return this.port.in(this.base + register, 1);
  }

  private write(register: number, value: number): void {
    this.port.out(this.base + register, value, 1);
  }
}
