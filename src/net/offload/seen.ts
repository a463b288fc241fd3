import { setBytes } from '../../core/set-bytes.ts';
import { Views } from '../../core/views.ts';
import { SCRATCH_BYTES, scratchFor } from '../../core/wasm/scratch.ts';

/** Shorter frames are summed as fast in place. */
const COPIED = 256;

let views: Views | null | undefined;

/**
 * The frame being processed: a copy where WebAssembly sums and parts need no new views, or the frame itself. Valid until
 * the next frame of any card.
 */
export class Seen {
  copy: Uint8Array = new Uint8Array(0);
  private copied = false;

  look(frame: Uint8Array): Uint8Array {
    if (views === undefined) views = viewsOfScratch();
    const { length } = frame;
    this.copied = views !== null && length >= COPIED && length <= SCRATCH_BYTES;
    if (!this.copied) return (this.copy = frame);
    const copy = views!.of(0, length);
    setBytes(copy, frame, 0);
    return (this.copy = copy);
  }

  /** The rest of the frame from there on. */
  from(start: number): Uint8Array {
    const { copy } = this;
    return this.copied ? views!.of(start, copy.length) : copy.subarray(start);
  }
}

function viewsOfScratch(): Views | null {
  const scratch = scratchFor('frame');
  return scratch && new Views(scratch.bytes);
}
