import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MIB = 1 << 20;
/** Calls between measurements, since a collection takes time. */
const EVERY = 8;
/** Measurements to skip at first, while code and pools grow. */
const WARM = 2;
/** Allowed growth beyond the minimum so far. */
const SLACK = 48 * MIB;
/** Consecutive measurements over the limit: a leak does not go away. */
const IN_A_ROW = 3;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Measures the memory in use between episodes. */
export class Heap {
  private calls = 0;
  private least = Number.POSITIVE_INFINITY;
  private above = 0;

  /** @returns bytes in use, if it was time to measure, and whether they only grow. */
  look(): { readonly bytes: number; readonly grows: boolean } | null {
    if (++this.calls % EVERY !== 0) return null;
    // WebAssembly memory that the first collection finds unused is counted until the second.
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
