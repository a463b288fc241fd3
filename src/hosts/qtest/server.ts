import { open } from 'node:fs';
import { connect, createServer, type NetConnectOpts, Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { MisuseError } from '../../core/misuse.ts';
import type { Machine } from '../../machine/machine.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { refusalOf } from '../../media/file-errors.ts';
import type { Channel } from './command-line/channel.ts';
import type { CommandLine } from './command-line/command-line.ts';
import { QtestMachine } from './machine/qtest-machine.ts';
import { Announcer } from './qmp/announcer.ts';
import type { QmpHost } from './qmp/commands.ts';
import { QmpSession } from './qmp/qmp-session.ts';
import { QtestSession } from './session.ts';

const SOFT_OFF = 0;

/** Why a session ended: its client left, the monitor or the guest ended it, or the host did. */
export type QtestEnd = 'closed' | 'quit' | 'off' | 'stopped';

/**
 * Our machine in QEMU's place: on the qtest wire, and with the part of its monitor that libqtest needs.
 *
 * @example
 * const server = new QtestServer(readCommandLine(['-qtest', 'unix:/tmp/q.sock', '-device', 'virtio-net-pci']), {}, date);
 * await server.run(console.error);         // 'closed', when the client has gone
 * server.machine.findings;
 * server.close();
 */
export class QtestServer implements QmpHost {
  readonly qtest: QtestMachine;
  readonly announcer: Announcer;
  running: boolean;
  private readonly line: CommandLine;
  private readonly monitors: QmpSession[] = [];
  private readonly closers: (() => void)[] = [];
  private session: QtestSession | null = null;
  private stopped = false;
  private end: (how: QtestEnd) => void = () => {};

  /** @throws MisuseError for a machine that cannot be built. */
  constructor(line: CommandLine, options: MachineOptions, date: string) {
    this.line = line;
    this.qtest = new QtestMachine(line, options, date);
    this.announcer = new Announcer(this.qtest.devices.wires);
    this.running = !line.paused;
    this.tieEvents();
  }

  get machine(): Machine {
    return this.qtest.machine;
  }

  /** How many commands came over the qtest wire. */
  get commands(): number {
    return this.session?.commands ?? 0;
  }

  /**
   * Runs until the session is over. @param note called with the channels that wait for clients. @throws MisuseError if
   * one cannot be reached.
   */
  async run(note: (line: string) => void): Promise<QtestEnd> {
    const over = new Promise<QtestEnd>((resolve) => {
      this.end = resolve;
    });
    const { qtest, qmp } = this.line;
    const meet = this.meet(qtest, qmp, note);
    const end = await Promise.race([over, meet.then(() => over)]);
    // A wait that was given up reports no error.
    meet.catch(() => {});
    return end;
  }

  /** Ends the session from outside. */
  stop(): void {
    this.stopped = true;
    this.end('stopped');
  }

  quit(): void {
    // Behind the answer.
    queueMicrotask(() => this.end('quit'));
  }

  event(name: string, data?: object): void {
    for (const monitor of this.monitors) monitor.event(name, data);
  }

  close(): void {
    this.announcer.close();
    for (const close of this.closers) close();
    this.qtest.close();
  }

  /** The wire first, as libqtest accepts them in this order. */
  private async meet(
    qtest: CommandLine['qtest'],
    qmp: CommandLine['qmp'],
    note: (line: string) => void,
  ): Promise<void> {
    const onEnd = (end: () => void) => this.closers.push(end);
    if (qtest !== null) this.serve(await connectionOf('-qtest', qtest, note, onEnd));
    for (const channel of qmp) {
      const connection = await connectionOf('-qmp', channel, note, onEnd);
      this.monitor(connection, qtest === null);
    }
  }

  private serve({ input, output }: Connection): void {
    const session = new QtestSession(
      this.machine,
      (text) => heldBack(output.write(text, 'latin1'), input, output),
      (id) => this.qtest.parts.find(id) !== undefined,
    );
    this.session = session;
    this.open(
      { input, output },
      (chunk) => session.feed(chunk),
      () => this.end('closed'),
    );
  }

  /** @param alone it is the only client: its end is that of the session. */
  private monitor({ input, output }: Connection, alone: boolean): void {
    const session = new QmpSession(this, (text) => heldBack(output.write(text), input, output));
    this.monitors.push(session);
    this.open(
      { input, output },
      (chunk) => session.feed(chunk.toString('latin1')),
      () => {
        this.monitors.splice(this.monitors.indexOf(session), 1);
        if (alone) this.end('closed');
      },
    );
  }

  private open({ input, output }: Connection, take: (chunk: Buffer) => void, gone: () => void): void {
    for (const stream of new Set([input, output])) {
      stream.on('error', gone);
      stream.on('close', gone);
    }
    input.on('end', gone);
    input.on('data', take);
    this.closers.push(() => {
      input.off('data', take);
      input.pause();
      for (const stream of new Set([input, output])) if (stream instanceof Socket) this.leave(stream);
    });
  }

  /** Answers are still sent, unless the session was ended from outside: then they may have no reader. */
  private leave(socket: Socket): void {
    if (this.stopped) socket.destroy();
    else socket.destroySoon();
  }

  private tieEvents(): void {
    const { machine } = this.qtest;
    machine.events.on('reset', () => this.event('RESET', { guest: false, reason: 'host-qmp-system-reset' }));
    machine.events.on('sleep', (type) => {
      if (type !== SOFT_OFF) return;
      this.event('SHUTDOWN', { guest: true, reason: 'guest-shutdown' });
      this.end('off');
    });
    this.qtest.onGone = ({ id }) => {
      if (id !== null) this.event('DEVICE_DELETED', { device: id, path: `/machine/peripheral/${id}` });
    };
  }
}

/** A client that does not read its answers is not read either, so that answers do not pile up. */
function heldBack(taken: boolean, input: Readable, output: Connection['output']): void {
  if (taken || input.isPaused()) return;
  input.pause();
  output.once('drain', () => input.resume());
}

/** A client, once it is there. */
interface Connection {
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
async function connectionOf(
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
