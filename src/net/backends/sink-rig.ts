import type { NetBackend } from './backend.ts';

/** For tests: a wire without a responder. It keeps a copy of every frame sent, in order. */
export class Sink implements NetBackend {
  readonly frames: Uint8Array[] = [];

  attach(): void {}

  send(frame: Uint8Array): void {
    this.frames.push(frame.slice());
  }
}
