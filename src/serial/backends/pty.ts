import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { MisuseError } from '../../core/misuse.ts';
import { checkPeer, type SerialPeer } from '../endpoint.ts';
import { serialStream } from './stream.ts';

/** What socat says when it has one. */
const NAMED = /PTY is (\S+)/;

/** A pseudo-terminal at the other end of a serial port. */
export interface Pty {
  /** Its device, such as /dev/pts/3, for `screen`, `minicom`, `picocom` or a program that wants a terminal. */
  readonly path: string;
  /** Hangs up. The port goes on without it. */
  close(): Promise<void>;
  /** The same at the end of a block: `await using pty = …`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Puts a pseudo-terminal at the other end of a serial port. Node cannot make one by itself: the program `socat` does,
 * where it is installed. The terminal is raw; programs may open and close it as they like.
 *
 * @example
 * const pty = await openPty(machine.serial[0]!);
 * console.log(`screen ${pty.path}`);
 * await host.run();
 * await pty.close();
 *
 * @throws MisuseError if socat is not there, or has no terminal to give, and for what is no serial port.
 */
export async function openPty(port: SerialPeer): Promise<Pty> {
  checkPeer('openPty', port);
  // Loaded here, since every program that makes a machine would load it.
  const { spawn } = await import('node:child_process');
  const socat = spawn('socat', ['-d', '-d', 'pty,raw,echo=0', 'stdio']);
  const ended = once(socat, 'close').catch(() => {});
  const path = await pathOf(socat);
  const stream = serialStream(port);
  // A terminal that hung up takes no more: that ends the stream, not the process.
  socat.stdin.on('error', () => stream.destroy());
  socat.on('close', () => stream.destroy());
  stream.pipe(socat.stdin);
  socat.stdout.pipe(stream);
  const close = async () => {
    stream.destroy();
    socat.kill();
    await ended;
  };
  return { path, close, [Symbol.asyncDispose]: close };
}

function pathOf(socat: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const refuse = (why: string) => reject(new MisuseError('openPty', 'socat', '', why));
    socat.on('error', () =>
      refuse('the program socat cannot be run: is it installed? (Debian: apt install socat)'),
    );
    socat.on('close', () => refuse(`socat gave no terminal: ${said.trim()}`));
    socat.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const path = NAMED.exec(said)?.[1];
      if (path !== undefined) resolve(path);
    });
  });
}
