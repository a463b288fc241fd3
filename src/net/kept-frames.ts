import { MisuseError } from '../core/misuse.ts';

/** Frames that are kept where nobody says how many. */
export const KEPT_FRAMES = 4096;
/** No more bytes are kept than of as many frames of this length, or of those of `KEPT_FRAMES`. */
const LENGTH = 16 << 10;

/**
 * Copies of the last frames that a guest sent, so that one that sends without end fills no memory.
 *
 * @example
 * const sent = new KeptFrames();
 * sent.add(frame);
 * sent.frames.at(-1);          // a copy of it
 * sent.total;                  // 1, whether it is still kept or not
 */
export class KeptFrames {
  /** Oldest first. */
  readonly frames: Uint8Array[] = [];
  /** All that there were. */
  total = 0;
  private readonly keep: number;
  private readonly most: number;
  private bytes = 0;

  /** @throws MisuseError if `keep` is no number of frames. */
  constructor(keep: number = KEPT_FRAMES) {
    if (!Number.isInteger(keep) || keep < 0) throw new MisuseError('keep', keep, 'a number of frames');
    this.keep = keep;
    this.most = Math.max(keep, KEPT_FRAMES) * LENGTH;
  }

  add(frame: Uint8Array): void {
    const { frames } = this;
    // They are the user's, too, who may have let go of some.
    if (frames.length === 0) this.bytes = 0;
    this.total++;
    this.bytes += frame.length;
    frames.push(frame.slice());
    while (frames.length > this.keep || (this.bytes > this.most && frames.length > 0))
      this.bytes -= frames.shift()!.length;
  }
}
