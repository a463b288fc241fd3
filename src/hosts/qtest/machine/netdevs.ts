import { Socket } from 'node:net';
import { MisuseError } from '../../../core/misuse.ts';
import type { NetBackend } from '../../../net/backends/backend.ts';
import { countOf, type Properties } from '../command-line/properties.ts';
import { SocketNetdev } from './socket-netdev.ts';

/** Kinds without a peer: frames that the guest sends are dropped. */
const NOBODY = ['user', 'hubport'];

/** The backends of `-netdev` and QMP. */
export class Netdevs {
  private readonly all = new Map<string, SocketNetdev | null>();

  constructor(declared: ReadonlyMap<string, Properties>) {
    for (const [id, netdev] of declared) this.add(id, netdev);
  }

  /** @throws MisuseError for an unknown kind. */
  add(id: string, { type, fd }: Properties): void {
    if (this.all.has(id)) throw new MisuseError('netdev', id, 'an id that is free');
    if (type === 'socket' && fd !== undefined)
      this.all.set(id, new SocketNetdev(new Socket({ fd: countOf('netdev.fd', fd) })));
    else if (type !== undefined && NOBODY.includes(type)) this.all.set(id, null);
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
