import type { Budget } from '../budget/budget.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import { Backlog } from './backlog.ts';
import type { Moderation } from './features/coalescing.ts';
import { countPlain, type QueueCounts } from './features/statistics.ts';
import type { NetMode } from './mode.ts';
import type { ReceivingCard } from './receiving-card.ts';
import { NET_HDR_SIZE, virtio_net_hdr } from './registers.ts';

/** The receive queue of the first pair. */
const FIRST = 0;

/**
 * The short way of a frame to the guest: unchanged, into one buffer that has room for it, published at once. `Receiver`
 * would have the same result, as it handles everything.
 *
 * Whether it is available follows from negotiation and commands, and is decided when these change; for each frame it is
 * checked that the budget is not used up, no frame waits before it, and a buffer is available.
 */
export abstract class ShortWay {
  protected readonly card: ReceivingCard;
  protected readonly budget: Budget;
  /** A packet is being placed: frames that come meanwhile wait. */
  protected placing = false;
  /** Packets that wait for buffers, per pair, so that one pair without buffers does not delay the others. */
  protected readonly backlogs: readonly Backlog[];
  /** Packets that wait for the first pair. */
  private readonly waiting: Backlog;
  /** The queue for frames; null if frames need more than placing. */
  private queue: Virtqueue | null = null;
  /** virtio_net_hdr of an unchanged frame, in the guest's byte order. */
  private readonly header = new Int32Array(NET_HDR_SIZE.outer / 4);
  private headerSize = 0;
  private readonly counts: QueueCounts;
  private readonly moderation: Moderation;

  constructor(card: ReceivingCard, budget: Budget) {
    this.card = card;
    this.budget = budget;
    this.counts = card.counts[FIRST]!;
    this.moderation = card.moderation;
    this.waiting = new Backlog(card.pairs);
    this.backlogs = Array.from({ length: card.pairs }, (_, i) =>
      i === FIRST ? this.waiting : new Backlog(card.pairs),
    );
  }

  /** Takes a single frame, if frames may go into buffers at once; false, with nothing done, if it needs the general way. */
  takeAlone(frame: Uint8Array): boolean {
    const { budget, moderation, queue } = this;
    if (queue === null || budget.left <= 0 || this.placing || this.waiting.first !== undefined) return false;
    if (!queue.deliver(this.header, this.headerSize, frame)) return false;
    budget.spendOn(1, this.headerSize + frame.length);
    moderation.passed(FIRST);
    countPlain(this.counts, frame.length);
    queue.flush();
    moderation.published(FIRST);
    return true;
  }

  /** @param plain frames are not changed, and have no description. */
  protected openWay(plain: boolean, { headerSize, little }: NetMode): void {
    this.queue = plain ? this.card.receiveQueue(FIRST) : null;
    this.headerSize = headerSize;
    new Uint8Array(this.header.buffer).set(little ? [1, 0] : [0, 1], virtio_net_hdr.offset.num_buffers);
  }
}
