import type { NetBackend, NetPort } from './backend.ts';

/**
 * A plug that joins a NIC's transmit to its receive: every frame sent comes back at once.
 *
 * @example
 * const machine = gceN1({ nics: [{ backend: new Loopback() }] });      // or backend: 'loopback'
 * const nic = machine.attach(virtioNetDriver);
 * nic.send(frame);
 * nic.receive();          // the same bytes
 */
export class Loopback implements NetBackend {
  private port: NetPort | null = null;

  attach(port: NetPort | null): void {
    this.port = port;
  }

  send(frame: Uint8Array): void {
    this.port?.receive(frame);
  }
}
