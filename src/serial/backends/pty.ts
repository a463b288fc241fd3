import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { MisuseError } from '../../core/misuse.ts';
import { checkPeer, type SerialPeer } from '../endpoint.ts';
import { serialStream } from './stream.ts';

/** Socat's message when it has a pseudo-terminal. */
const NAMED = /PTY is (\S+)/;

/** A pseudo-terminal connected to a serial port. */
export interface Pty {
  /** Its device, such as /dev/pts/3, for `screen`, `minicom`, `picocom` or a program that wants a terminal. */
  readonly path: string;
  /** Hangs up. The port continues without it. */
  close(): Promise<void>;
  /** The same at the end of a block: `await using pty = …`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Connects a pseudo-terminal to a serial port. Node cannot make one by itself: the program `socat` does, if it is
 * installed. The terminal is raw; programs may open and close it at any time.
 *
 * @example
 * const pty = await openPty(machine.serial[0]!);
 * console.log(`screen ${pty.path}`);
 * await host.run();
 * await pty.close();
 *
 * @throws MisuseError if socat is missing, or has no terminal available, and for an invalid serial port.
 */
export async function openPty(port: SerialPeer): Promise<Pty> {
  checkPeer('openPty', port);
  // Loaded on demand: otherwise every program with a machine would load it.
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
