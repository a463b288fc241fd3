import { once } from 'node:events';
import { rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { platform, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Clock } from '../../../core/clock.ts';
import { MisuseError } from '../../../core/misuse.ts';
import type { NetBackend, NetPort } from '../backend.ts';
import { Hub, join as joinPort } from '../switch.ts';
import { listenAtOwn, ownFolder } from './datagram-wire.ts';
import { SocketWire } from './socket-wire.ts';

const NAME = /^[\w.-]{1,64}$/;
/**
 * How often two processes that start at once may find each other neither present nor gone, and the first pause between, in
 * milliseconds. Each is twice the one before: half a second in all.
 */
const TRIES = 10;
const PAUSE = 1;

/**
 * A hub for machines of several processes of one user on one computer: all that open the same name are on one wire. The
 * first process holds it; when that ends, another takes over, and frames are lost meanwhile. It needs the host's event loop.
 *
 * @example
 * const backend = await SharedHub.open('lan');
 * const machine = gceN1({ nics: [{ backend, mac: '42:01:0a:80:00:02' }] });
 * await new V86Host(machine, { … }).run();
 * await backend.close();
 *
 * @throws MisuseError for an invalid name: letters, digits, `_`, `.` and `-`; and for one that a process holds which does
 * not answer: `open`, or `send` if it happens later.
 */
export class SharedHub implements NetBackend {
  private readonly name: string;
  private nic: NetPort | null = null;
  private end: NetBackend | null = null;
  private hangUp: () => Promise<void> = async () => {};
  private open = true;
  /** Why there is no wire any more. */
  private lost: unknown = null;
  /** Settles when there is a wire again, or none can be had. */
  private reaching = Promise.resolve();

  private constructor(name: string) {
    this.name = name;
  }

  static async open(name: string): Promise<SharedHub> {
    if (typeof name !== 'string' || !isHubName(name))
      throw new MisuseError('sharedHub', name, 'a name of up to 64 letters, digits, _, . and -');
    const hub = new SharedHub(name);
    await hub.reach();
    return hub;
  }

  attach(nic: NetPort | null): void {
    this.nic = nic;
    this.end?.attach(nic);
  }

  send(frame: Uint8Array): void {
    if (this.lost !== null) throw this.lost;
    this.end?.send(frame);
  }

  async close(): Promise<void> {
    this.open = false;
    await this.reaching;
    this.plugInto(null);
    await this.hangUp();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Connects to the holder, or becomes the holder. */
  private async reach(): Promise<void> {
    for (let tried = 0; tried < TRIES && this.open; tried++) {
      if (tried > 0) await sleep(PAUSE << (tried - 1));
      if ((await this.joinOther()) || (await this.hold())) return;
    }
    if (this.open)
      throw new MisuseError(
        'sharedHub',
        this.name,
        'a name that is free: a process holds it that does not answer',
      );
  }

  private async joinOther(): Promise<boolean> {
    const wire = await SocketWire.connect({ path: pathOf(this.name) }).catch(() => null);
    if (wire === null) return false;
    this.hangUp = () => wire.close();
    this.plugInto(wire);
    wire.closed.then(() => {
      this.reaching = this.reach().catch((error) => {
        this.lost = error;
      });
    });
    return true;
  }

  private async hold(): Promise<boolean> {
    const path = pathOf(this.name);
    const { createServer } = await import('node:net');
    const claim = createServer((socket) => socket.destroy());
    if (platform() === 'linux') {
      if (!(await succeeds(once(claim.listen(claimOf(this.name)), 'listening')))) return false;
      // Left by a process that was killed.
      rmSync(path, { force: true });
    }
    const server = createServer();
    const isHeld = await succeeds(listenAtOwn(server, path));
    if (isHeld && this.open) this.serve(server, claim);
    else {
      server.close();
      claim.close();
    }
    return isHeld;
  }

  private serve(server: Server, claim: Server): void {
    const hub = new Hub();
    const wires = new Set<SocketWire>();
    let count = 0;
    server.on('connection', (socket) => {
      const wire = SocketWire.over(socket);
      wires.add(wire);
      wire.closed.then(() => wires.delete(wire));
      joinPort(hub.port(`${count++}`), wire, this.nic?.clock ?? new Clock());
    });
    this.hangUp = async () => {
      server.close();
      claim.close();
      await Promise.all([...wires].map((wire) => wire.close()));
    };
    this.plugInto(hub.port('own'));
  }

  private plugInto(end: NetBackend | null): void {
    this.end?.attach(null);
    this.end = end;
    end?.attach(this.nic);
  }
}

export function isHubName(name: string): boolean {
  return NAME.test(name);
}

/** In a folder of the user's own: other users can neither receive nor send. */
function pathOf(name: string): string {
  return join(ownFolder(`/tmp/guestrig-hub-${userInfo().uid}`), name);
}

/** In Linux's abstract socket namespace, which a killed process leaves clean: its one holder may take the path. */
function claimOf(name: string): string {
  return `\0guestrig-hub-${userInfo().uid}-${name}`;
}

function succeeds(done: Promise<unknown>): Promise<boolean> {
  return done.then(
    () => true,
    () => false,
  );
}
