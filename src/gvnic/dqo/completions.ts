import type { Area } from '../area.ts';

/** The device's place in a completion ring, whose generation bit flips with each lap: 1 in the first. */
export class CompletionRing {
  readonly area: Area;
  /** 1 or 0: what the next completion has. */
  generation = 1;
  private readonly shift: number;
  private slot = 0;

  /** @param shift of the size of an entry, a power of two. */
  constructor(area: Area, shift: number) {
    this.area = area;
    this.shift = shift;
  }

  /** Where the next completion is, in bytes from the start of the ring. */
  get offset(): number {
    return this.slot << this.shift;
  }

  /** The next completion is written, but for its generation perhaps: call `wrote` of the area for it. */
  advance(): void {
    if (++this.slot << this.shift < this.area.length) return;
    this.slot = 0;
    this.generation ^= 1;
  }
}
