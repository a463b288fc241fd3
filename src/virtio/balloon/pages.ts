import type { Board } from '../../core/board.ts';
import { BALLOON_PFN_SHIFT } from './registers.ts';

const PAGE = 1 << BALLOON_PFN_SHIFT;
const ZEROS = new Uint8Array(PAGE);

/** How many pages RAM has, which may be more than 32 bits count in bytes. */
export function ramPages({ memory }: Board): number {
  return Math.floor(memory.size / PAGE);
}

/**
 * The pages in the balloon, by number. A page that goes in is filled with zeros, which is what a guest finds in one
 * whose memory the host gave away, and what tells here, when it comes out, whether the guest wrote to it meanwhile.
 */
export class BalloonPages {
  private readonly board: Board;
  private readonly inside = new Set<number>();

  constructor(board: Board) {
    this.board = board;
  }

  get count(): number {
    return this.inside.size;
  }

  clear(): void {
    this.inside.clear();
  }

  readonly inflate = (pfn: number, subject: string): void => {
    const { journal, memory } = this.board;
    const fresh = !this.inside.has(pfn);
    if (!journal.check('virtio/BALLOON-IMP-4', fresh, subject, 'again into the balloon: page', pfn)) return;
    const isRam = memory.write(pfn * PAGE, ZEROS);
    if (journal.check('virtio/BALLOON-IMP-3', isRam, subject, 'no RAM, and into the balloon: page', pfn))
      this.inside.add(pfn);
  };

  readonly deflate = (pfn: number, subject: string): void => {
    const { journal } = this.board;
    const was = this.inside.delete(pfn);
    if (!journal.check('virtio/BALLOON-OP-D6', was, subject, 'not in the balloon, and out of it: page', pfn))
      return;
    journal.check('virtio/BALLOON-OP-D3', this.isZero(pfn), subject, 'written to in the balloon: page', pfn);
  };

  /** Of RAM that a host took away since, nobody can say. */
  private isZero(pfn: number): boolean {
    const range = this.board.memory.find(pfn * PAGE, PAGE);
    if (range === null) return true;
    const from = (pfn * PAGE - range.base) / 4;
    for (let i = from; i < from + PAGE / 4; i++) if (range.words[i] !== 0) return false;
    return true;
  }
}
