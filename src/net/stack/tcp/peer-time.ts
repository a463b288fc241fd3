import type { Nanos } from '../../../core/bits.ts';
import type { Timestamps } from './options.ts';
import { ahead } from './sequence.ts';

const MILLISECOND: Nanos = 1_000_000;
const DAY: Nanos = 86_400_000_000_000;
/** RFC 7323, 5.5: what was heard so long ago says nothing any more. */
const FORGOTTEN = 24 * DAY;

/** The timestamps of a connection whose ends both have them (RFC 7323, 3 to 5): milliseconds. */
export class PeerTime {
  /** What it said last in order, and when that was. */
  private recent = 0;
  private heardAt: Nanos = 0;

  /** What this end says. */
  stamp(now: Nanos): Timestamps {
    return { value: millisecondsOf(now), echo: this.recent };
  }

  /**
   * What a segment says. `old` is one from before (PAWS), `none` one that says nothing.
   *
   * @param inOrder it does not lie behind what was acknowledged: then this is what is echoed.
   */
  take(told: Timestamps | null | undefined, inOrder: boolean, now: Nanos): 'fine' | 'old' | 'none' {
    if (!told) return 'none';
    if (ahead(told.value, this.recent) < 0 && now - this.heardAt < FORGOTTEN) return 'old';
    if (inOrder) this.hear(told, now);
    return 'fine';
  }

  /** It is to be echoed. */
  hear({ value }: Timestamps, now: Nanos): void {
    this.recent = value;
    this.heardAt = now;
  }

  /** How long ago this end said what the peer echoes. */
  since({ echo }: Timestamps, now: Nanos): Nanos {
    return Math.max(0, ahead(millisecondsOf(now), echo)) * MILLISECOND;
  }
}

/** Never 0, which many take for nothing. */
function millisecondsOf(now: Nanos): number {
  return (1 + Math.floor(now / MILLISECOND)) % 2 ** 32;
}
