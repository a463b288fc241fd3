import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { checkObject, checkWhole } from '../../../core/checks.ts';
import { MisuseError } from '../../../core/misuse.ts';
import type { NetBackend, NetPort } from '../backend.ts';

/** Both ends of a wire of datagrams, on this machine. */
export interface DatagramPlaces {
  /** The port to which the peer sends; 0 picks a free one. */
  readonly local: number;
  /** The port on which the peer listens. */
  readonly remote: number;
}

const LOOPBACK = '127.0.0.1';
/** Bytes queued for the host: none leave before the event loop runs. */
const WAITING_MOST = 4 << 20;

/**
 * A cable to another program on this machine, one frame per datagram, as QEMU's `-netdev dgram`. It works while the
 * host's event loop runs, and in the host's time. Frames that the peer does not receive are lost.
 *
 * @example
 * // qemu-system-x86_64 … -netdev dgram,id=n0,local.type=inet,local.host=127.0.0.1,local.port=4445,
 * //     remote.type=inet,remote.host=127.0.0.1,remote.port=4444 -device virtio-net-pci,netdev=n0
 * const wire = await DatagramWire.open({ local: 4444, remote: 4445 });
 * const machine = gceN1({ nics: [{ backend: wire }] });
 * await new V86Host(machine, { … }).run();
 * await wire.close();
 *
 * @throws MisuseError if the port is taken.
 */
export class DatagramWire implements NetBackend {
  /** The local port. */
  readonly port: number;
  private readonly socket: Socket;
  private readonly remote: number;
  private nic: NetPort | null = null;
  private open = true;
  private waiting = 0;

  private constructor(socket: Socket, remote: number) {
    this.socket = socket;
    this.port = socket.address().port;
    this.remote = remote;
    socket.on('message', (frame) => this.nic?.receive(frame));
    // The host reports that no socket listens there: such frames are lost.
    socket.on('error', () => {});
  }

  static async open(places: DatagramPlaces): Promise<DatagramWire> {
    checkObject('datagramWire', places);
    checkWhole('datagramWire.local', places.local, 0, 0xffff);
    checkWhole('datagramWire.remote', places.remote, 1, 0xffff);
    const { createSocket } = await import('node:dgram');
    const socket = createSocket('udp4');
    socket.bind(places.local, LOOPBACK);
    await once(socket, 'listening').catch((error: Error) => {
      throw new MisuseError('datagramWire', places, '', error.message);
    });
    return new DatagramWire(socket, places.remote);
  }

  attach(nic: NetPort | null): void {
    this.nic = nic;
  }

  send(frame: Uint8Array): void {
    if (!this.open || this.waiting >= WAITING_MOST) return;
    const { length } = frame;
    this.waiting += length;
    // Sent after this call, while the frame is valid only during it. A frame that the host refuses is lost.
    this.socket.send(frame.slice(), this.remote, LOOPBACK, () => {
      this.waiting -= length;
    });
  }

  async close(): Promise<void> {
    if (!this.open) return;
    this.open = false;
    const closed = once(this.socket, 'close');
    this.socket.close();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const OWN_SOCKET = 0o600;
const OWN_FOLDER = 0o700;
/** File permissions of other users. */
const OTHERS = 0o077;

/** The part of `net.Server` that is used. */
interface Listener {
  readonly listening: boolean;
  listen(path: string): unknown;
  once(event: 'listening' | 'error', told: (error: Error) => void): unknown;
}

/** Makes `server` listen at a path to which no other user can connect. Rejects if that is impossible. */
export async function listenAtOwn(server: Listener, path: string): Promise<void> {
  const listens = new Promise<void>((resolve, reject) => {
    server.once('listening', () => resolve());
    server.once('error', reject);
  });
  server.listen(path);
  // It exists at once, or belongs to another process.
  if (server.listening) chmodSync(path, OWN_SOCKET);
  await listens;
}

/** Makes a folder that no other user can enter, unless it exists. @throws MisuseError for another user's folder. */
export function ownFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: OWN_FOLDER });
  const made = lstatSync(path);
  if (made.uid !== userInfo().uid || (made.mode & OTHERS) !== 0 || !made.isDirectory())
    throw new MisuseError('sharedHub', path, 'a folder of your own, which no other user may enter');
  return path;
}
