import { Clock } from '../../core/clock.ts';
import type { NetPort } from './backend.ts';

/** For tests: a NIC that keeps copies of what it gets. */
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
