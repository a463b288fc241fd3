import { AT_ONCE, type Coalescing } from '../features/coalescing.ts';

/** State set by a driver's commands; a reset clears it. */
export class CommandState {
  /** RSS contexts, by their ids. */
  readonly contexts = new Set<number>();
  /** The parameters for queues of a kind when they are set up again. */
  readonly coalescing: { receive: Coalescing; transmit: Coalescing } = {
    receive: AT_ONCE,
    transmit: AT_ONCE,
  };

  reset(): void {
    this.contexts.clear();
    this.coalescing.receive = this.coalescing.transmit = AT_ONCE;
  }
}
