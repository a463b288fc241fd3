import type { Clock } from '../../core/clock.ts';

/** A NIC's receive side, as its backend sees it. */
export interface NetPort {
  /** The NIC copies the frame into its queue, or drops it, as hardware does. It may be called from `send`. */
  receive(frame: Uint8Array): void;
  /** The machine's time. */
  readonly clock: Clock;
}

/**
 * The other end of a NIC's cable. Frames begin with the destination address and have no frame check sequence.
 *
 * @example
 * class Mirror implements NetBackend {
 *   private port: NetPort | null = null;
 *   attach(port: NetPort | null): void { this.port = port; }
 *   send(frame: Uint8Array): void { this.port?.receive(frame); }
 * }
 */
export interface NetBackend {
  /** A frame that the guest sent. Valid only during the call: copy what you keep. */
  send(frame: Uint8Array): void;
  /** Gives the backend its NIC; null when the NIC goes away. */
  attach(port: NetPort | null): void;
}

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
