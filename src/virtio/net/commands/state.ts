/** When a queue's notifications are put off. */
export interface Coalescing {
  readonly max_packets: number;
  readonly max_usecs: number;
}

const AT_ONCE: Coalescing = { max_packets: 0, max_usecs: 0 };

/** What a driver asked for by commands, and a reset forgets. */
export class CommandState {
  /** RSS contexts, by their ids. */
  readonly contexts = new Set<number>();
  private readonly coalescing = new Map<number, Coalescing>();

  coalescingOf(queue: number): Coalescing {
    return this.coalescing.get(queue) ?? AT_ONCE;
  }

  coalesce(queue: number, coalescing: Coalescing): void {
    this.coalescing.set(queue, coalescing);
  }

  reset(): void {
    this.contexts.clear();
    this.coalescing.clear();
  }
}
