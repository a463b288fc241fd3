import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createServer, type Server } from 'node:net';

/** What a QEMU tells while it runs. */
interface Heard {
  /** What its serial port prints. */
  console(bytes: Uint8Array): void;
  /** What its firmware says on its debug port. */
  firmware(text: string): void;
}

/** How much of what QEMU complains of is kept. */
const SAID_MAX = 4000;

/** A QEMU at work. */
export class QemuProcess {
  /** Its exit status; null where it was ended by a signal. */
  readonly exited: Promise<number | null>;
  /** What it complained of. */
  said = '';
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly debug: Server;

  /** @param debug the path of the socket that it is told of for its debug port. */
  static async start(
    binary: string,
    argv: readonly string[],
    debug: string,
    heard: Heard,
  ): Promise<QemuProcess> {
    const server = createServer((socket) => {
      socket.setEncoding('latin1').on('data', (text) => heard.firmware(String(text)));
      socket.on('error', () => {});
    });
    await new Promise<void>((listening) => server.listen(debug, listening));
    return new QemuProcess(binary, argv, server, heard);
  }

  private constructor(binary: string, argv: readonly string[], debug: Server, heard: Heard) {
    this.debug = debug;
    this.child = spawn(binary, argv, { stdio: 'pipe' });
    this.child.stdout.on('data', (bytes: Uint8Array) => heard.console(bytes));
    this.child.stderr.on('data', (bytes: Uint8Array) => {
      this.said = (this.said + bytes).slice(-SAID_MAX);
    });
    // What is typed to a guest that is off is lost.
    this.child.stdin.on('error', () => {});
    this.exited = new Promise((resolve, reject) => {
      this.child.on('error', reject).on('close', (status) => resolve(status));
    });
  }

  type(bytes: Uint8Array): void {
    this.child.stdin.write(bytes);
  }

  /** Ends it, and what listened to it. */
  close(): void {
    this.child.kill('SIGKILL');
    this.debug.close();
  }
}
