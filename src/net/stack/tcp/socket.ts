import type { SocketAddress } from '../endpoint.ts';
import type { TcpState } from './states.ts';

/** Why a connection ended: both ends closed it, one reset it, or the other stopped responding. */
export type TcpEnd = 'closed' | 'reset' | 'timeout';

/**
 * One end of a TCP connection, for its user. Callbacks run as segments come, on the machine's clock. Data that came before
 * a callback was set is delivered when it is: up to 1 MiB waits, then the window closes. While a MiB of written data waits
 * for the guest, no more of what it sends is delivered.
 *
 * @example
 * network.tcp(7, (socket) => {
 *   socket.onData = (bytes) => socket.write(bytes);
 *   socket.onEnd = () => socket.end();
 * });
 */
export interface TcpSocket {
  /** The connection is open: both may send. */
  onOpen: (() => void) | null;
  /** Bytes came, in order; valid only during the call. */
  onData: ((bytes: Uint8Array) => void) | null;
  /** The other end sends nothing more; this one still may. */
  onEnd: (() => void) | null;
  /** Written data is mostly acknowledged, after `write` returned false. */
  onDrain: (() => void) | null;
  /** The connection is over. Called once. */
  onClose: ((why: TcpEnd) => void) | null;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly state: TcpState;
  /**
   * Sends a copy of the bytes, text as UTF-8; before the connection is open they wait. Writes after `end` are ignored.
   *
   * @returns false if a MiB or more waits for the guest: `onDrain` tells when to go on. The bytes are kept all the same.
   */
  write(bytes: Uint8Array | string): boolean;
  /** Sends nothing more after what was written. */
  end(): void;
  /** Resets the connection with a RST. */
  abort(): void;
}

/** The same for the network's own servers, which account for what they keep. */
export interface ServerSocket extends TcpSocket {
  /** As `write`, but without a copy: `own` is given up by the caller, `lent` exists elsewhere anyway and does not change. */
  send(own: Uint8Array, lent: Uint8Array): void;
  /** The number of bytes from `onData` that the user keeps. */
  keeps(count: number): void;
  /** These bytes from `onData` were not used, and are delivered again. */
  putBack(bytes: Uint8Array): void;
  /** Calls `act` as soon as the guest may be answered. One at a time. */
  inTurn(act: () => void): void;
}
