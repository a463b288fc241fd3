import { Clock } from '../../core/clock.ts';
import type { NetPort } from './backend.ts';

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
