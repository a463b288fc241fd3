import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { SerialEndpoint, SerialPeer } from '../../serial/endpoint.ts';

/** How much of QEMU's error output is kept. */
const SAID_MAX = 4000;
/** Milliseconds to wait for the last output, if a child process still has it open. */
const LAST_WORDS = 250;
/** QEMU's message when a signal that it handles ends it; its status is then 0, as after a guest's power-off. */
const TERMINATED = /terminating on signal \d+/;

/** A running QEMU process, from the other end of its serial port. */
export class QemuProcess implements SerialPeer {
  readonly name = 'ttyS0';
  readonly exited: Promise<void>;
  /** Why it ended before its guest was off, in words; null if it has not ended, or the guest was off. */
  why: string | null = null;
  private errors = '';
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly endpoints = new Set<SerialEndpoint>();

  /** @param heard gets the output of its serial port. */
  constructor(binary: string, argv: readonly string[], heard: (bytes: Uint8Array) => void) {
    this.child = spawn(binary, argv, { stdio: 'pipe' });
    this.child.stdout.on('data', (bytes: Uint8Array) => {
      heard(bytes);
      for (const endpoint of this.endpoints) for (const byte of bytes) endpoint.receive(byte);
    });
    this.child.stderr.on('data', (bytes: Uint8Array) => {
      this.errors = (this.errors + bytes).slice(-SAID_MAX);
    });
    // Input to a guest that is off is lost.
    this.child.stdin.on('error', () => {});
    this.exited = new Promise((resolve, reject) => {
      const end = (status: number | null, signal: string | null) => {
        this.why = this.whyEnded(status, signal);
        resolve();
      };
      this.child.on('error', reject).on('close', end);
      this.child.on('exit', (...how) => setTimeout(end, LAST_WORDS, ...how).unref());
    });
  }

  /** Its error output, a line each. */
  get said(): string[] {
    return this.errors.split('\n').filter((line) => line !== '');
  }

  /** QEMU takes as much at once as the guest's UART has room for. */
  type(bytes: Uint8Array | string): void {
    this.child.stdin.write(bytes);
  }

  listen(endpoint: SerialEndpoint): () => void {
    this.endpoints.add(endpoint);
    return () => this.endpoints.delete(endpoint);
  }

  /** Ends it. */
  close(): void {
    this.child.kill('SIGKILL');
    for (const said of [this.child.stdout, this.child.stderr]) said.destroy();
  }

  private whyEnded(status: number | null, signal: string | null): string | null {
    const last = this.said.at(-1);
    if (signal !== null) return `ended by ${signal}`;
    if (status !== 0) return last ?? `exit status ${status}`;
    return last !== undefined && TERMINATED.test(last) ? last : null;
  }
}
