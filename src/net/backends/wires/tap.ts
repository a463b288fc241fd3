import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { checkObject } from '../../../core/checks.ts';
import { MisuseError } from '../../../core/misuse.ts';
import type { NetBackend, NetPort } from '../backend.ts';
import { DatagramWire } from './datagram-wire.ts';

/** Maximum length of an interface's name in Linux. */
const NAME = /^[\w.-]{1,15}$/;
const ADDRESS = /^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/;
/** What socat prints when frames may be sent. */
const STARTED = /starting data transfer loop/;

/** The interface to make. */
export interface TapOptions {
  /** Its name, up to 15 characters. */
  readonly name: string;
  /** An IPv4 address for it, as `192.0.2.1/24`. Default none. */
  readonly address?: string;
}

/**
 * A tap interface of this Linux, connected to a NIC. The program `socat` makes it; it must be installed, and its user
 * must have CAP_NET_ADMIN. It works while the host's event loop runs, and in the host's time.
 *
 * @example
 * const tap = await Tap.open({ name: 'guest0', address: '192.0.2.1/24' });
 * const machine = gceN1({ nics: [{ backend: tap }] });
 * await new V86Host(machine, { … }).run();          // ping 192.0.2.2 from another terminal
 * await tap.close();                                // the interface is gone
 *
 * @throws MisuseError if socat is missing, or lacks the right.
 */
export class Tap implements NetBackend {
  private readonly wire: DatagramWire;
  private readonly socat: ChildProcess;

  private constructor(wire: DatagramWire, socat: ChildProcess) {
    this.wire = wire;
    this.socat = socat;
  }

  static async open(options: TapOptions): Promise<Tap> {
    const { name, address = '' } = checked(options);
    const { spawn } = await import('node:child_process');
    const theirs = await freePort();
    const wire = await DatagramWire.open({ local: 0, remote: theirs });
    const socat = spawn('socat', [
      '-d',
      '-d',
      `TUN${address === '' ? '' : `:${address}`},tun-type=tap,iff-no-pi,tun-name=${name},iff-up`,
      `UDP4-DATAGRAM:127.0.0.1:${wire.port},bind=127.0.0.1:${theirs}`,
    ]);
    const why = await started(socat);
    if (why === null) return new Tap(wire, socat);
    await wire.close();
    throw new MisuseError('tap', name, '', why);
  }

  attach(nic: NetPort | null): void {
    this.wire.attach(nic);
  }

  send(frame: Uint8Array): void {
    this.wire.send(frame);
  }

  async close(): Promise<void> {
    const ended = this.socat.exitCode === null ? once(this.socat, 'close') : null;
    this.socat.kill();
    await ended;
    await this.wire.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function checked(options: TapOptions): TapOptions {
  checkObject('tap', options);
  const { name, address } = options;
  if (typeof name !== 'string' || !NAME.test(name))
    throw new MisuseError('tap.name', name, 'a name of up to 15 letters, digits, _, . and -');
  if (address !== undefined && !(typeof address === 'string' && ADDRESS.test(address)))
    throw new MisuseError('tap.address', address, 'an address and a length (example 192.0.2.1/24)');
  return options;
}

async function freePort(): Promise<number> {
  await using probe = await DatagramWire.open({ local: 0, remote: 1 });
  return probe.port;
}

/** Null once it runs; else the reason why it does not. */
function started(socat: ChildProcess): Promise<string | null> {
  return new Promise((resolve) => {
    let said = '';
    socat.on('error', () =>
      resolve('the program socat cannot be run: is it installed? (Debian: apt install socat)'),
    );
    socat.on('close', () => resolve(`socat made no interface: ${said.trim().split('\n').at(-1)}`));
    socat.stderr!.on('data', (bytes) => {
      if (said.length < 4096) said += bytes;
      if (STARTED.test(said)) resolve(null);
    });
  });
}
