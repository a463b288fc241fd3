import type { BitSet } from '../../../core/bit-set.ts';
import type { Timer } from '../../../core/clock.ts';
import { type Coalesced, Coalescer, type Joins, NO_JOINS, Reassembler } from '../../../net/offload/index.ts';
import { joinsOf, offloadsOf } from '../offload-registers.ts';
import { NET_FEATURE as F } from '../registers.ts';
import { type NetCard, type NetFeature, type Served, served } from './feature.ts';

const NEVER = Number.POSITIVE_INFINITY;

/**
 * Checks the sums of received frames, joins frames into large ones before they go into buffers, and holds frames that may
 * be joined: what a driver accepts by GUEST_CSUM and the features that need it (virtio 1.4, Offloads State Configuration).
 */
export class Offloads implements NetFeature {
  static readonly bits = [F.GUEST_CSUM];
  readonly commands: readonly Served[] = [
    served('GUEST_OFFLOADS_SET', (data) => this.set(data.low(0), data.high(0))),
  ];
  private readonly card: NetCard;
  private readonly coalescer: Coalescer;
  private readonly reassembler: Reassembler;
  /** For segments that wait for more; null: only frames that come together are joined. */
  private readonly joinTimer: Timer | null;
  /** For fragments that wait for the rest of their datagram; null if the card reassembles none. */
  private readonly fragmentTimer: Timer | null;
  /** What the guest accepts joined; null without GUEST_CSUM. */
  private taken: Joins | null = null;

  constructor(card: NetCard) {
    const { clock, name, receiver } = card;
    this.card = card;
    const onTime = () => {
      this.flush();
      card.placeAnew();
    };
    this.joinTimer = card.joinWithin === 0 ? null : clock.timer(`${name} joins`, onTime);
    this.fragmentTimer = card.offers.possible.includes(F.GUEST_UFO)
      ? clock.timer(`${name} fragments`, onTime)
      : null;
    this.coalescer = new Coalescer(receiver);
    this.reassembler = new Reassembler({
      deliver: (packet: Coalesced) => {
        // Frames that came before a datagram was complete go before it.
        this.coalescer.flush();
        receiver.deliver(packet);
      },
      pass: (frame) => this.coalescer.add(frame),
    });
  }

  negotiated(accepted: BitSet): void {
    this.change(joinsOf(...offloadsOf(accepted), accepted));
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

  /** Whether a frame is held. */
  get holds(): boolean {
    return this.coalescer.holds || this.reassembler.due !== NEVER;
  }

  /** No more frames are at hand: held frames are delivered, or wait for the card's time. */
  release(): void {
    const { joinTimer, fragmentTimer } = this;
    if (joinTimer === null) this.coalescer.flush();
    else if (this.coalescer.holds && joinTimer.due === NEVER) joinTimer.arm(this.card.joinWithin);
    const { due } = this.reassembler;
    if (fragmentTimer === null || fragmentTimer.due === due) return;
    if (due === NEVER) fragmentTimer.disarm();
    else fragmentTimer.armAt(due);
  }

  /** Delivers all that is held. */
  handOnAll(): void {
    this.joinTimer?.disarm();
    this.fragmentTimer?.disarm();
    this.reassembler.flush();
    this.coalescer.flush();
  }

  close(): void {
    for (const timer of [this.joinTimer, this.fragmentTimer])
      if (timer !== null) this.card.clock.remove(timer);
  }

  /** False if a bit belongs to a feature that was not accepted. */
  private set(mask: number, high: number): boolean {
    const { accepted } = this.card;
    const [low, upper] = offloadsOf(accepted);
    if ((high & ~upper) !== 0 || (mask & ~low) !== 0) return false;
    this.change(joinsOf(mask, high, accepted));
    return true;
  }

  /**
   * Sets what is joined from now on. If the guest accepts less than before, joined frames that wait are cut again, each
   * segment with its own checksum, and none is marked valid.
   */
  private change(joins: Joins | null): void {
    this.handOnAll();
    const narrower = isNarrower(this.taken, joins);
    this.taken = joins;
    this.coalescer.joins = joins ?? NO_JOINS;
    if (narrower) this.card.receiver.undo();
  }

  /** The waiting time is over: all segments, and timed-out fragments, are delivered. */
  private flush(): void {
    this.reassembler.giveUp(this.card.clock.now);
    this.coalescer.flush();
  }
}

function isNarrower(before: Joins | null, now: Joins | null): boolean {
  if (before === null || now === null) return before !== now && before !== null;
  return (Object.keys(before) as (keyof Joins)[]).some((kind) => before[kind] && !now[kind]);
}
