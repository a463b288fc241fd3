import type { SocketAddress } from '../endpoint.ts';
import type { TcpState } from './states.ts';

/** Why a connection is no more: both ends said that they were done, one broke it off, or nothing was heard of the other. */
export type TcpEnd = 'closed' | 'reset' | 'timeout';

/**
 * One end of a TCP connection, for whoever uses it. What is set is called as segments come, on the machine's clock. What came
 * before it was set is told when it is: 1 MiB waits, and then the guest is told to. While the guest does not take what is written, and
 * a MiB of it waits, nothing more is told of what it sends.
 *
 * @example
 * network.tcp(7, (socket) => {
 *   socket.onData = (bytes) => socket.write(bytes);
 *   socket.onEnd = () => socket.end();
 * });
 */
export interface TcpSocket {
  /** It is open: both may send. */
  onOpen: (() => void) | null;
  /** Bytes came, in order; valid only during the call. */
  onData: ((bytes: Uint8Array) => void) | null;
  /** The other end sends nothing more; this one still may. */
  onEnd: (() => void) | null;
  /** What was written is nearly all acknowledged, after `write` said that much waits. */
  onDrain: (() => void) | null;
  /** It is over. Called once. */
  onClose: ((why: TcpEnd) => void) | null;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly state: TcpState;
  /**
   * Sends a copy of them, text as UTF-8; before the connection is open they wait. What comes after `end` is lost.
   *
   * @returns false where a MiB or more waits for the guest: `onDrain` tells when more is welcome. All the same it is kept.
   */
  write(bytes: Uint8Array | string): boolean;
  /** Sends nothing more behind what was written. */
  end(): void;
  /** Breaks it off; the other end is told by a RST. */
  abort(): void;
}

/** The same for the network's own servers, which say what they keep. */
export interface ServerSocket extends TcpSocket {
  /** As `write`, of bytes that are nobody's any more, and behind them of bytes that are there anyhow and stay as they are. */
  send(own: Uint8Array, lent: Uint8Array): void;
  /** Of what `onData` told so many bytes are kept. */
  keeps(count: number): void;
  /** Of what it told these were not used, and come again. */
  putBack(bytes: Uint8Array): void;
  /** Calls `act` as soon as the guest may be answered. One at a time. */
  inTurn(act: () => void): void;
}
