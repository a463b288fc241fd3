import { Buffer } from 'node:buffer';
import type { MachineOptions } from '../../machine/options.ts';
import { readCommandLine } from './command-line/command-line.ts';
import { QmpSession } from './qmp/qmp-session.ts';
import { QtestServer } from './server.ts';
import { QtestSession } from './session.ts';

const DATE = '2020-01-01T00:00:00Z';

/** A machine of a command line, with a client on its wire and one on its monitor, but no sockets. */
export class QtestRig {
  readonly server: QtestServer;
  private readonly session: QtestSession;
  private readonly monitor: QmpSession;
  private said = '';
  private told = '';

  constructor(commandLine = '', options: MachineOptions = {}) {
    const argv = commandLine.split(' ').filter((word) => word !== '');
    const server = new QtestServer(readCommandLine(argv), options, DATE);
    this.server = server;
    const named = (id: string) => server.qtest.parts.find(id) !== undefined;
    this.session = new QtestSession(server.machine, (text) => (this.said += text), named);
    this.monitor = new QmpSession(server, (text) => (this.told += text));
    server.event = (name, data) => this.monitor.event(name, data);
  }

  /** The answers to lines, with the lines before each. */
  ask(...lines: string[]): string[] {
    return this.feed(Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1'));
  }

  feed(chunk: Buffer): string[] {
    this.said = '';
    this.session.feed(chunk);
    return this.said.split('\n').slice(0, -1);
  }

  /** The wire's output since the last call. */
  heard(): string[] {
    return this.said.split('\n').slice(0, -1);
  }

  /** The monitor's answers to a text. */
  // biome-ignore lint/suspicious/noExplicitAny: any answer of the monitor.
  tell(text: string): any[] {
    this.told = '';
    this.monitor.feed(text);
    return this.monitorHeard();
  }

  /** The monitor's output since the last `tell`. */
  // biome-ignore lint/suspicious/noExplicitAny: any answer of the monitor.
  monitorHeard(): any[] {
    const lines = this.told.split('\r\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line));
  }

  execute(command: string, given?: object): unknown {
    return this.tell(JSON.stringify({ execute: command, arguments: given })).at(-1);
  }

  negotiate(): this {
    this.execute('qmp_capabilities');
    return this;
  }
}
