import type { Nanos } from '../../../core/bits.ts';
import type { Timestamps } from './options.ts';
import { ahead } from './sequence.ts';

const MILLISECOND: Nanos = 1_000_000;
const DAY: Nanos = 86_400_000_000_000;
/** RFC 7323, 5.5: a timestamp older than this is ignored. */
const FORGOTTEN = 24 * DAY;

/** Timestamps of a connection, if both ends have them (RFC 7323, 3 to 5): milliseconds. */
export class PeerTime {
  /** The peer's last timestamp in order, and when it came. */
  private recent = 0;
  private heardAt: Nanos = 0;

  /** This end's timestamp now. */
  stamp(now: Nanos): Timestamps {
    return { value: millisecondsOf(now), echo: this.recent };
  }

  /**
   * Checks a segment's timestamp. `old` is an old segment (PAWS), `none` one without a timestamp.
   *
   * @param inOrder it does not begin after the acknowledged data: then its timestamp is echoed.
   */
  take(told: Timestamps | null | undefined, inOrder: boolean, now: Nanos): 'fine' | 'old' | 'none' {
    if (!told) return 'none';
    if (ahead(told.value, this.recent) < 0 && now - this.heardAt < FORGOTTEN) return 'old';
    if (inOrder) this.hear(told, now);
    return 'fine';
  }

  /** Keeps it as the one to echo. */
  hear({ value }: Timestamps, now: Nanos): void {
    this.recent = value;
    this.heardAt = now;
  }

  /** The time since this end sent the timestamp that the peer echoes. */
  since({ echo }: Timestamps, now: Nanos): Nanos {
    return Math.max(0, ahead(millisecondsOf(now), echo)) * MILLISECOND;
  }
}

/** Never 0, which many treat as absent. */
function millisecondsOf(now: Nanos): number {
  return (1 + Math.floor(now / MILLISECOND)) % 2 ** 32;
}
