import type { Board } from '../../core/board.ts';
import type { Budget } from '../../core/budget.ts';
import type { BalloonEvents } from './events.ts';
import { BALLOON_PFN_SHIFT } from './registers.ts';

const PAGE = 1 << BALLOON_PFN_SHIFT;
/** Cost of zeroing a page in the budget. */
const EMPTYING = 64;
const ZEROS = new Uint8Array(PAGE);

/** Number of pages in RAM, whose bytes may exceed 32 bits. */
export function ramPages({ memory }: Board): number {
  return Math.floor(memory.size / PAGE);
}

/**
 * The pages in the balloon, by number. A page that goes in is zeroed, as a guest finds a page whose memory the host gave
 * away.
 */
export class BalloonPages {
  events: BalloonEvents | null = null;
  private readonly board: Board;
  private readonly budget: Budget;
  private readonly inside = new Set<number>();

  constructor(board: Board, budget: Budget) {
    this.board = board;
    this.budget = budget;
  }

  get count(): number {
    return this.inside.size;
  }

  clear(): void {
    this.inside.clear();
  }

  readonly inflate = (page: number): void => {
    const again = this.inside.has(page);
    const fits = !again && this.board.memory.write(page * PAGE, ZEROS);
    if (fits) {
      this.inside.add(page);
      this.budget.spend(EMPTYING);
    }
    this.events?.inflated(page, fits ? null : again ? 'again' : 'no RAM');
  };

  readonly deflate = (page: number): void => {
    const wasInside = this.inside.delete(page);
    this.events?.deflated(page, wasInside);
  };
}
