import { Socket } from 'node:net';
import { MisuseError } from '../../../core/misuse.ts';
import type { NetBackend, NetPort } from '../../../net/backends/backend.ts';
import { FrameStream, prefixed, takesFrame } from '../../../net/backends/wires/socket-wire.ts';
import { countOf, type Properties } from '../command-line/properties.ts';

/** The shortest with both addresses and a type: shorter frames are padded with zeros. */
const SHORTEST = 14;
/** Limit of received frames that wait: beyond it, no more is read. */
const FRAMES_MOST = 64;

/** `-netdev socket`: a stream of frames, each behind its length, 32 bits, high byte first. */
export class SocketNetdev implements NetBackend {
  private readonly socket: Socket;
  private port: NetPort | null = null;
  private readonly frames = new FrameStream((frame) => this.deliver(frame));
  private waiting: Uint8Array[] = [];
  private paused = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      // The peer is out of step.
      if (!this.frames.take(chunk)) socket.destroy();
    });
    // The peer is gone: as a cable that is pulled.
    socket.on('error', () => socket.destroy());
  }

  send(frame: Uint8Array): void {
    if (!this.socket.destroyed && takesFrame(this.socket)) this.socket.write(prefixed(frame));
  }

  attach(port: NetPort | null): void {
    this.port = port;
  }

  /** Frames wait from now on. */
  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.socket.resume();
    const { waiting } = this;
    this.waiting = [];
    for (const frame of waiting) this.port?.receive(frame);
  }

  close(): void {
    this.socket.destroy();
  }

  private deliver(bytes: Uint8Array): void {
    const frame = new Uint8Array(Math.max(bytes.length, SHORTEST));
    frame.set(bytes);
    if (!this.paused) this.port?.receive(frame);
    else if (this.waiting.push(frame) === FRAMES_MOST) this.socket.pause();
  }
}

/** Kinds without a peer: frames that the guest sends are dropped. */
const NO_PEER = ['user', 'hubport'];

/** The backends of `-netdev` and QMP. */
export class Netdevs {
  private readonly all = new Map<string, SocketNetdev | null>();

  constructor(declared: ReadonlyMap<string, Properties>) {
    for (const [id, netdev] of declared) this.add(id, netdev);
  }

  get count(): number {
    return this.all.size;
  }

  /** @throws MisuseError for an unknown kind. */
  add(id: string, { type, fd }: Properties): void {
    if (this.all.has(id)) throw new MisuseError('netdev', id, 'an id that is free');
    if (type === 'socket' && fd !== undefined)
      this.all.set(id, new SocketNetdev(new Socket({ fd: countOf('netdev.fd', fd) })));
    else if (type !== undefined && NO_PEER.includes(type)) this.all.set(id, null);
    else throw new MisuseError('netdev', type, 'socket,fd=N, user or hubport');
  }

  /** @returns null if there is no peer. @throws MisuseError for an undeclared id. */
  find(id: string | undefined): NetBackend | null {
    if (id === undefined) return null;
    const found = this.all.get(id);
    if (found === undefined) throw new MisuseError('netdev', id, 'the id of a -netdev');
    return found;
  }

  remove(id: string): void {
    this.find(id);
    this.all.get(id)?.close();
    this.all.delete(id);
  }

  pause(): void {
    for (const one of this.sockets) one.pause();
  }

  resume(): void {
    for (const one of this.sockets) one.resume();
  }

  close(): void {
    for (const one of this.sockets) one.close();
  }

  private get sockets(): SocketNetdev[] {
    return [...this.all.values()].filter((one) => one !== null);
  }
}
