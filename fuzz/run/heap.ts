import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MIB = 1 << 20;
/** It looks after so many calls: a collection takes its time. */
const EVERY = 8;
/** Code and pools grow at first. */
const WARM = 2;
/** What may be in use beyond the least that was seen since. */
const SLACK = 48 * MIB;
/** A leak does not go away. */
const IN_A_ROW = 3;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Watches what stays in use from episode to episode. */
export class Heap {
  private calls = 0;
  private least = Number.POSITIVE_INFINITY;
  private above = 0;

  /** @returns bytes in use, if it was time to look, and whether they only grow. */
  look(): { readonly bytes: number; readonly grows: boolean } | null {
    if (++this.calls % EVERY !== 0) return null;
    // Memory of WebAssembly that the first finds unused is counted until the second.
    collect();
    collect();
    const { used_heap_size, external_memory } = getHeapStatistics();
    const bytes = used_heap_size + external_memory;
    if (this.calls <= WARM * EVERY) return { bytes, grows: false };
    this.least = Math.min(this.least, bytes);
    this.above = bytes > this.least + SLACK ? this.above + 1 : 0;
    return { bytes, grows: this.above >= IN_A_ROW };
  }
}
