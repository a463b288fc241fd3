import type { NetBackend, NetPort } from './backend.ts';

/** A plug that joins a NIC's transmit to its receive: every frame sent comes back at once. */
export class Loopback implements NetBackend {
  private port: NetPort | null = null;

  attach(port: NetPort | null): void {
    this.port = port;
  }

  send(frame: Uint8Array): void {
    this.port?.receive(frame);
  }
}
