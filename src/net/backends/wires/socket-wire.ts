import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { put32 } from '../../../core/big-endian.ts';
import { checkObject } from '../../../core/checks.ts';
import { MisuseError } from '../../../core/misuse.ts';
import type { NetBackend, NetPort } from '../backend.ts';
import { listenAtOwn } from './datagram-wire.ts';

/** Bytes of the length before each frame, big-endian. */
const PREFIX = 4;
/** QEMU's own bound (NET_BUFSIZE): a greater length means that the peer speaks another protocol. */
const FRAME_MOST = 4096 + 65536;

/** Bytes that wait for a peer that does not read; frames beyond are lost, as in a full transmit queue. */
const WAITING_MOST = 4 << 20;

/** Whether a stream with so many waiting bytes takes another frame. */
export function takesFrame({ writableLength }: { readonly writableLength: number }): boolean {
  return writableLength < WAITING_MOST;
}

/** A frame encoded as in a stream of QEMU's `-netdev socket`. */
export function prefixed(frame: Uint8Array): Uint8Array {
  const message = new Uint8Array(PREFIX + frame.length);
  put32(message, 0, frame.length);
  message.set(frame, PREFIX);
  return message;
}

/** Splits such a stream into frames again, however it was cut. */
export class FrameStream {
  private readonly to: (frame: Uint8Array) => void;
  private bytes: Buffer = Buffer.alloc(0);

  constructor(to: (frame: Uint8Array) => void) {
    this.to = to;
  }

  /** False if the stream has another format. */
  take(chunk: Buffer): boolean {
    let bytes = this.bytes.length === 0 ? chunk : Buffer.concat([this.bytes, chunk]);
    while (bytes.length >= PREFIX) {
      const length = bytes.readUInt32BE(0);
      if (length > FRAME_MOST) return false;
      if (bytes.length < PREFIX + length) break;
      this.to(bytes.subarray(PREFIX, PREFIX + length));
      bytes = bytes.subarray(PREFIX + length);
    }
    this.bytes = bytes;
    return true;
  }
}

/** Where the peer listens, or connects to: a port of this machine, or the path of a socket. */
export type SocketPlace = { readonly port: number; readonly host?: string } | { readonly path: string };

const LOOPBACK = '127.0.0.1';

/**
 * A cable to another program on this machine: frames over a stream, each after its length in four bytes, as in QEMU's
 * `-netdev socket` and `-netdev stream`. It works while the host's event loop runs, and frames arrive in the host's
 * time: a run with a peer is not reproducible.
 *
 * @example
 * // qemu-system-x86_64 … -netdev socket,id=n0,listen=127.0.0.1:4444 -device virtio-net-pci,netdev=n0
 * const wire = await SocketWire.connect({ port: 4444 });
 * const machine = gceN1({ nics: [{ backend: wire }] });
 * await new V86Host(machine, { … }).run();
 * await wire.close();
 *
 * const listening = await SocketWire.listen({ port: 4445 });      // QEMU: connect=127.0.0.1:4445
 *
 * @throws MisuseError if no process listens there, or one already does. A peer that disconnects, or that speaks
 * another protocol, ends the wire (`closed`): frames are lost from then on, as on a cable that was pulled; so are those for
 * a peer that does not read, while 4 MiB wait for it.
 */
export class SocketWire implements NetBackend {
  /** Settles when the peer is connected. */
  readonly connected: Promise<void>;
  /** Settles when the peer or this side has closed the connection. */
  readonly closed: Promise<void>;
  /** The port on which it listens, if any: the free one that was picked for 0. */
  readonly port: number | undefined;
  private readonly server: Server | null;
  private socket: Socket | null = null;
  private nic: NetPort | null = null;
  private settle: () => void = () => {};
  private meet: () => void = () => {};

  private constructor(server: Server | null) {
    const address = server?.address();
    this.port = typeof address === 'object' ? address?.port : undefined;
    this.server = server;
    this.connected = new Promise((resolve) => {
      this.meet = resolve;
    });
    this.closed = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  /** For QEMU with `listen=` or `server=on`. */
  static async connect(place: SocketPlace): Promise<SocketWire> {
    checkPlace(place);
    const { connect } = await import('node:net');
    const socket = connect(atHome(place));
    await once(socket, 'connect').catch((error: Error) => refuse(place, error));
    return SocketWire.over(socket);
  }

  /** For QEMU with `connect=`. Accepts one peer, now or later; frames are lost until it is connected. */
  static async listen(place: SocketPlace): Promise<SocketWire> {
    checkPlace(place);
    const { createServer } = await import('node:net');
    const server = createServer();
    const listening =
      'path' in place ? listenAtOwn(server, place.path) : once(server.listen(atHome(place)), 'listening');
    await listening.catch((error: Error) => refuse(place, error));
    const wire = new SocketWire(server);
    server.once('connection', (socket) => {
      server.close();
      wire.speakOver(socket);
    });
    return wire;
  }

  /** @internal Over an existing stream. */
  static over(socket: Socket): SocketWire {
    const wire = new SocketWire(null);
    wire.speakOver(socket);
    return wire;
  }

  attach(nic: NetPort | null): void {
    this.nic = nic;
  }

  send(frame: Uint8Array): void {
    const { socket } = this;
    if (socket !== null && takesFrame(socket)) socket.write(prefixed(frame));
  }

  async close(): Promise<void> {
    this.server?.close();
    if (this.socket === null) this.settle();
    else this.socket.destroy();
    await this.closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private speakOver(socket: Socket): void {
    const frames = new FrameStream((frame) => this.nic?.receive(frame));
    this.socket = socket;
    this.meet();
    socket.setNoDelay(true);
    // A peer that vanishes is like a cable that was pulled.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.socket = null;
      this.settle();
    });
    socket.on('data', (chunk) => {
      if (!frames.take(chunk)) socket.destroy();
    });
  }
}

function atHome(place: SocketPlace): { port: number; host: string } | { path: string } {
  return 'path' in place ? place : { host: LOOPBACK, ...place };
}

function checkPlace(place: SocketPlace): void {
  checkObject('socketWire', place);
  const { port, path } = place as { port?: unknown; path?: unknown };
  const known =
    typeof path === 'string' || (Number.isInteger(port) && Number(port) >= 0 && Number(port) < 65536);
  if (!known) throw new MisuseError('socketWire', place, '{ port } or { path }');
}

function refuse(place: SocketPlace, error: Error): never {
  throw new MisuseError('socketWire', place, '', error.message);
}
