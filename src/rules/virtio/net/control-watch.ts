import type { Mark } from '../../../core/access.ts';
import type { BitSet } from '../../../core/bit-set.ts';
import type { Journal } from '../../../core/journal.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import { Watch } from '../../../core/watch.ts';
import type { Chain } from '../../../virtio/net/events.ts';
import { NET_COMMANDS } from '../../../virtio/net/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import { type CommandName, type ControlKnows, type ControlMoment, commandOf } from './command.ts';
import { CONTROL } from './control.ts';

/** Watches a driver's commands. */
export class ControlWatch implements ControlKnows {
  readonly accepted: BitSet;
  negotiatedAt: Mark = 0;
  readonly pairs: number;
  queue = 0;
  chain: Chain | null = null;
  bytes = 0;
  className = -1;
  number = -1;
  known: CommandName | null = null;
  takes = -1;
  value = 0;
  high = 0;
  missing = -1;
  private readonly facts: VirtioFacts;
  private readonly onCommand;
  private readonly onPairs;

  /** @param accepted what is negotiated, as it changes. */
  constructor(facts: VirtioFacts, journal: Journal, accepted: BitSet, pairs: number) {
    this.facts = facts;
    this.accepted = accepted;
    this.pairs = pairs;
    const watch = new Watch<ControlKnows, ControlMoment>(journal, CONTROL);
    this.onCommand = watch.at('command');
    this.onPairs = watch.at('pairs');
  }

  get subject(): string {
    return this.facts.queueName(this.queue);
  }

  get picture(): RingPicture | null {
    return this.facts.pictures?.of(this.queue, this.chain?.id) ?? null;
  }

  get missingName(): string {
    return this.facts.role(this.missing);
  }

  command(queue: number, chain: Chain, className: number, number: number, value: number, high: number): void {
    this.queue = queue;
    this.chain = chain;
    this.bytes = chain.readableBytes;
    this.className = className;
    this.number = number;
    const named = commandOf(className, number);
    this.takes = named === null ? -1 : NET_COMMANDS[named].feature;
    this.known = this.takes >= 0 && this.accepted.has(this.takes) ? named : null;
    this.value = value;
    this.high = high;
    this.onCommand.tell(this);
  }

  pairsSet(queue: number, pairs: number, missing: number): void {
    this.queue = queue;
    this.value = pairs;
    this.missing = missing;
    this.onPairs.tell(this);
  }
}
