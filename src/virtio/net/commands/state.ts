import { AT_ONCE, type Coalescing } from '../moderation.ts';

/** What a driver asked for by commands, and a reset forgets. */
export class CommandState {
  /** RSS contexts, by their ids. */
  readonly contexts = new Set<number>();
  /** What queues of a kind have that are set up anew. */
  readonly coalescing: { receive: Coalescing; transmit: Coalescing } = {
    receive: AT_ONCE,
    transmit: AT_ONCE,
  };

  reset(): void {
    this.contexts.clear();
    this.coalescing.receive = this.coalescing.transmit = AT_ONCE;
  }
}
