import type { Budget } from '../budget/budget.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import { Backlog } from './backlog.ts';
import { countPlain, type QueueCounts } from './counters.ts';
import type { NetMode } from './mode.ts';
import type { Moderation } from './moderation.ts';
import type { ReceivingCard } from './receiving-card.ts';
import { NET_HDR_SIZE, virtio_net_hdr } from './registers.ts';

/** The receive queue of the first pair. */
const FIRST = 0;

/**
 * The short way of a frame to the guest: as it came, into one buffer that takes all of it, published at once. `Receiver`
 * would do the same with it, as it does all else.
 *
 * Whether there is such a way follows from what was negotiated and commanded, and is decided when that changes; each frame
 * finds the rest: a budget, nothing that waits before it, a buffer.
 */
export abstract class ShortWay {
  protected readonly card: ReceivingCard;
  protected readonly budget: Budget;
  /** A packet is on its way into its buffers: what comes meanwhile waits. */
  protected placing = false;
  /** What waits for buffers of each pair, so that one without any holds up no other. */
  protected readonly backlogs: readonly Backlog[];
  /** What waits for those of the first. */
  private readonly waiting: Backlog;
  /** Where frames come in; null while there is more to do with each than to put it there. */
  private queue: Virtqueue | null = null;
  /** virtio_net_hdr of such a frame, in the guest's byte order. */
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

  /** Takes a frame that comes by itself, while others may go into buffers; false, with nothing done, if it goes another way. */
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

  /** @param plain nothing is to be done with frames, and nothing to be said of them. */
  protected openWay(plain: boolean, { headerSize, little }: NetMode): void {
    this.queue = plain ? this.card.receiveQueue(FIRST) : null;
    this.headerSize = headerSize;
    new Uint8Array(this.header.buffer).set(little ? [1, 0] : [0, 1], virtio_net_hdr.offset.num_buffers);
  }
}
