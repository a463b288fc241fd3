import { Clock } from '../../core/clock.ts';
import type { NetBackend, NetPort } from './backend.ts';

/** For tests: a wire without a responder. It keeps a copy of every frame sent, in order. */
export class Sink implements NetBackend {
  readonly frames: Uint8Array[] = [];

  attach(): void {}

  send(frame: Uint8Array): void {
    this.frames.push(frame.slice());
  }
}

/** For tests: a NIC that keeps copies of the frames it receives. */
export class KeepingNic implements NetPort {
  readonly clock: Clock;
  readonly got: number[][] = [];

  constructor(clock: Clock = new Clock()) {
    this.clock = clock;
  }

  receive(frame: Uint8Array): void {
    this.got.push([...frame]);
  }
}
