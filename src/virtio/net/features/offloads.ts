import {
  type Coalesced,
  type CoalescedSink,
  Coalescer,
  type Joins,
  NO_JOINS,
  Reassembler,
} from '../../../net/offload/index.ts';
import type { ReceivingCard } from '../receiving-card.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** Joins frames into large ones before they go into buffers, and holds frames that may be joined. */
export class Joining {
  private readonly card: ReceivingCard;
  private readonly coalescer: Coalescer;
  private readonly reassembler: Reassembler;
  /** What the guest accepts joined; null without GUEST_CSUM. */
  private taken: Joins | null = null;

  constructor(card: ReceivingCard, to: CoalescedSink) {
    this.card = card;
    this.coalescer = new Coalescer(to);
    this.reassembler = new Reassembler({
      deliver: (packet: Coalesced) => {
        // Frames that came before a datagram was complete go before it.
        this.coalescer.flush();
        to.deliver(packet);
      },
      pass: (frame) => this.coalescer.add(frame),
    });
  }

  /** Whether frames pass unchanged, and none is held. */
  get isOff(): boolean {
    return this.taken === null;
  }

  /** Takes a frame from the wire; false if frames pass unchanged. */
  take(frame: Uint8Array): boolean {
    const { taken } = this;
    if (taken === null) return false;
    if (!taken.fragments || !this.reassembler.take(frame, this.card.clock.now)) this.coalescer.add(frame);
    return true;
  }

  /** Sets what is joined from now on, null for nothing; returns whether that is less than before. */
  change(joins: Joins | null): boolean {
    this.handOnAll();
    const narrower = isNarrower(this.taken, joins);
    this.taken = joins;
    this.coalescer.joins = joins ?? NO_JOINS;
    return narrower;
  }

  /** No more frames are at hand: held frames are delivered, or wait for the card's time. */
  release(): void {
    const { joinTimer, joinWithin, fragmentTimer } = this.card;
    if (joinTimer === null) this.coalescer.flush();
    else if (this.coalescer.holds && joinTimer.due === NEVER) joinTimer.arm(joinWithin);
    const { due } = this.reassembler;
    if (fragmentTimer === null || fragmentTimer.due === due) return;
    if (due === NEVER) fragmentTimer.disarm();
    else fragmentTimer.armAt(due);
  }

  /** The waiting time is over: all segments, and timed-out fragments, are delivered. */
  flush(): void {
    this.reassembler.giveUp(this.card.clock.now);
    this.coalescer.flush();
  }

  /** Delivers all that is held. */
  handOnAll(): void {
    this.card.joinTimer?.disarm();
    this.card.fragmentTimer?.disarm();
    this.reassembler.flush();
    this.coalescer.flush();
  }
}

function isNarrower(before: Joins | null, now: Joins | null): boolean {
  if (before === null || now === null) return before !== now && before !== null;
  return (Object.keys(before) as (keyof Joins)[]).some((kind) => before[kind] && !now[kind]);
}
