import type { BitSet } from '../../../core/bit-set.ts';
import type { Width } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Interface } from '../../../virtio/events.ts';
import * as modern from '../../../virtio/transport/modern/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import type { InitWatch } from '../init/init-watch.ts';
import type { ModernInitWatch } from '../init/modern-init.ts';
import type { InterfaceWatch } from './interfaces.ts';
import { KickWatch } from './kick.ts';
import type { QueueSetupWatch } from './queue-setup-watch.ts';
import { SteadyKicks } from './steady-kicks.ts';

/** The other watches that have rules on kicks. */
interface Others {
  readonly init: InitWatch;
  readonly modernInit: ModernInitWatch;
  readonly interfaces: InterfaceWatch;
  readonly setup: QueueSetupWatch;
}

/** Passes a kick to every watch with rules on it. Kicks equal to the one before are only counted. */
export class KickPath {
  private readonly facts: VirtioFacts;
  private readonly others: Others;
  private readonly kicks: KickWatch;
  private readonly steady: SteadyKicks;
  /** The kick in progress has kept the rules so far. */
  private wellBegun = true;

  constructor(facts: VirtioFacts, journal: Journal, others: Others) {
    this.facts = facts;
    this.others = others;
    this.kicks = new KickWatch(facts, journal);
    this.steady = new SteadyKicks(facts.queueSizes.length, journal, (queue, times, last) => {
      others.init.kickedAgain(queue, times, last);
      others.setup.kickedAgain(queue, times, last);
      this.kicks.kickedAgain(queue, times, last);
      others.interfaces.usedAgain(times, last);
      facts.master?.masteredAgain(times, last);
    });
  }

  /** What the rules of kicks depend on changes now. */
  changed(): void {
    this.steady.changed();
  }

  negotiated(accepted: BitSet): void {
    this.kicks.negotiated(accepted);
  }

  registerRead(width: Width): void {
    this.kicks.registerAccessed(width);
  }

  /** The legacy register is written, with which a kick begins. */
  registerWritten(by: Interface, width: Width, value: number): void {
    if (this.steady.again(value, width, value)) return;
    let kept = this.kicks.registerAccessed(width);
    kept = this.others.interfaces.used(by) && kept;
    this.wellBegun = this.others.init.used() && kept;
  }

  notifyWritten(queue: number, offset: number, width: Width, value: number): void {
    const told = value & modern.NOTIFICATION.mask.VQ;
    if (offset % width === 0 && this.steady.again(queue, width, told)) return;
    const kept = this.others.interfaces.used('modern');
    this.wellBegun = this.kicks.notifyWritten(queue, offset, width, told) && kept && offset % width === 0;
  }

  positionTold(queue: number, position: number, right: boolean): void {
    this.kicks.positionTold(queue, position, right);
  }

  kicked(queue: number, open: boolean): void {
    if (this.steady.on && open) return;
    this.steady.otherwise(queue);
    const { facts, others } = this;
    if ((facts.queueSizes[queue] ?? 0) > 0) facts.master?.queueKicked(facts.role(queue), open);
    let kept = others.init.used() && open && this.wellBegun;
    kept = others.setup.kicked(queue) && kept;
    kept = others.init.kicked(queue) && kept;
    kept = this.kicks.kicked(queue) && kept;
    kept = others.modernInit.suspend.kicked(queue) && kept;
    this.steady.learn(queue, kept);
  }
}
