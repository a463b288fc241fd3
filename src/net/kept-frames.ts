import { MisuseError } from '../core/misuse.ts';

/** Frames that are kept where nobody says how many. */
export const KEPT_FRAMES = 4096;

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

  /** @throws MisuseError if `keep` is no number of frames. */
  constructor(keep: number = KEPT_FRAMES) {
    if (!Number.isInteger(keep) || keep < 0) throw new MisuseError('keep', keep, 'a number of frames');
    this.keep = keep;
  }

  add(frame: Uint8Array): void {
    this.total++;
    if (this.frames.push(frame.slice()) > this.keep) this.frames.shift();
  }
}
