import { open } from 'node:fs';
import { connect, createServer, type NetConnectOpts, Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { MisuseError } from '../../core/misuse.ts';
import { refusalOf } from '../../media/file-refusal.ts';
import type { Channel } from './command-line/channel.ts';

/** A client, once it is there. */
export interface Connection {
  readonly input: Readable;
  readonly output: Writable;
}

/** Ends the wait for clients that do not come. */
type OnEnd = (end: () => void) => void;

/**
 * Connects to a client, or waits until one connects.
 *
 * @param note called with the channels that wait for clients. @param onEnd gets a function that gives up the
 * wait.
 * @throws MisuseError in one line if a client cannot be reached.
 */
export async function connectionOf(
  option: string,
  channel: Channel,
  note: (line: string) => void,
  onEnd: OnEnd,
): Promise<Connection> {
  const where = textOf(channel);
  try {
    switch (channel.kind) {
      case 'stdio':
        return { input: process.stdin, output: process.stdout };
      case 'fd':
        return both(new Socket({ fd: channel.fd }));
      case 'pipe':
        return await fifos(channel.path);
      default:
        return await (channel.server
          ? accept(placeOf(channel), () => note(`${option} waits at ${where}`), onEnd)
          : reach(placeOf(channel)));
    }
  } catch (error) {
    throw new MisuseError(option, where, '', `${where} cannot be reached: ${refusalOf(error)}`);
  }
}

function textOf(channel: Channel): string {
  if (channel.kind === 'tcp') return `tcp:${channel.host}:${channel.port}`;
  if (channel.kind === 'fd') return `fd ${channel.fd}`;
  return channel.kind === 'stdio' ? 'stdio' : `${channel.kind}:${channel.path}`;
}

function placeOf(channel: Channel & { kind: 'unix' | 'tcp' }): NetConnectOpts {
  return channel.kind === 'unix' ? { path: channel.path } : { host: channel.host, port: channel.port };
}

function both(socket: Socket): Connection {
  socket.setNoDelay(true);
  return { input: socket, output: socket };
}

function reach(place: NetConnectOpts): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = connect(place, () => {
      socket.off('error', reject);
      resolve(both(socket));
    });
    socket.once('error', reject);
  });
}

/** One client, and no other. */
function accept(place: NetConnectOpts, listening: () => void, onEnd: OnEnd): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      server.close();
      resolve(both(socket));
    });
    server.once('error', reject);
    server.listen(place, listening);
    onEnd(() => server.close());
  });
}

/** Opened together, since either may be opened first by the client. */
async function fifos(path: string): Promise<Connection> {
  // Plain descriptors: an unreferenced FileHandle is closed by garbage collection.
  const opened = promisify(open);
  const [input, output] = await Promise.all([opened(`${path}.in`, 'r'), opened(`${path}.out`, 'w')]);
  return {
    input: new Socket({ fd: input, readable: true, writable: false }),
    output: new Socket({ fd: output, readable: false, writable: true }),
  };
}
