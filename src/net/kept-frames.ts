import { MisuseError } from '../core/misuse.ts';

/** Default number of frames kept. */
export const KEPT_FRAMES = 4096;
/** Limit of bytes kept: as many frames of this length as are kept, or `KEPT_FRAMES` of them if that is more. */
const LENGTH = 16 << 10;

/**
 * Copies of the last frames that a guest sent, limited so that endless sending fills no memory.
 *
 * @example
 * const sent = new KeptFrames();
 * sent.add(frame);
 * sent.frames.at(-1);          // a copy of it
 * sent.total;                  // 1, even if it is no longer kept
 */
export class KeptFrames {
  /** Oldest first. */
  readonly frames: Uint8Array[] = [];
  /** Number of all frames. */
  total = 0;
  private readonly keep: number;
  private readonly most: number;
  private bytes = 0;

  /** @throws MisuseError for an invalid `keep`. */
  constructor(keep: number = KEPT_FRAMES) {
    if (!Number.isInteger(keep) || keep < 0) throw new MisuseError('keep', keep, 'a number of frames');
    this.keep = keep;
    this.most = Math.max(keep, KEPT_FRAMES) * LENGTH;
  }

  add(frame: Uint8Array): void {
    const { frames } = this;
    // The user also has this list, and may have removed some.
    if (frames.length === 0) this.bytes = 0;
    this.total++;
    this.bytes += frame.length;
    frames.push(frame.slice());
    while (frames.length > this.keep || (this.bytes > this.most && frames.length > 0))
      this.bytes -= frames.shift()!.length;
  }
}
