import type { Mark } from '../../../core/access.ts';
import type { BitSet } from '../../../core/bit-set.ts';
import { ByteReader } from '../../../core/byte-reader.ts';
import type { Journal } from '../../../core/journal.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import { Watch } from '../../../core/watch.ts';
import type { Chain } from '../../../virtio/net/events.ts';
import { NET_COMMANDS } from '../../../virtio/net/registers/commands.ts';
import type { QueueKind } from '../../../virtio/net/registers/statistics.ts';
import { NET_FEATURE } from '../../../virtio/net/registers.ts';
import {
  type CommandName,
  type ControlKnows,
  type ControlMoment,
  commandOf,
  type NetShown,
} from './command.ts';
import { CONTROL } from './control.ts';
import type { NetFacts } from './facts.ts';

const { MQ, RSS } = NET_FEATURE;
const NO_DATA = new ByteReader('le', new Uint8Array(0));
const WITHOUT_PAIRS = 2;

/** Watches a driver's commands. */
export class ControlWatch implements ControlKnows {
  readonly accepted: BitSet;
  readonly shown: NetShown;
  negotiatedAt: Mark = 0;
  legacy = true;
  readonly pairs: number;
  queue = 0;
  chain: Chain | null = null;
  bytes = 0;
  className = -1;
  number = -1;
  known: CommandName | null = null;
  takes = -1;
  data = NO_DATA;
  value = 0;
  missing = -1;
  contextsMost: number | null = null;
  learnt: readonly [number, number] | null = null;
  readonly contexts = new Set<number>();
  private readonly facts: NetFacts;
  private readonly onCommand;
  private readonly onPairs;

  /** @param accepted what is negotiated, as it changes. */
  constructor(facts: NetFacts, journal: Journal, accepted: BitSet, pairs: number) {
    this.facts = facts;
    this.accepted = accepted;
    this.pairs = pairs;
    this.shown = facts.shown;
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

  get high(): number {
    return this.data.length === 8 ? this.data.high(0) : 0;
  }

  get bigLegacy(): boolean {
    return this.legacy && !this.data.little;
  }

  kindOf(index: number): QueueKind | null {
    const { numQueues, queueSizes, isReady } = this.facts;
    if (index >= (numQueues ?? queueSizes.length) || isReady?.(index) === false) return null;
    const several = this.accepted.has(MQ) || this.accepted.has(RSS);
    if (index === (several ? 2 * this.pairs : WITHOUT_PAIRS)) return 'control';
    return index & 1 ? 'transmit' : 'receive';
  }

  command(queue: number, chain: Chain, className: number, number: number, data: ByteReader): void {
    this.queue = queue;
    this.chain = chain;
    this.bytes = chain.readableBytes;
    this.className = className;
    this.number = number;
    const named = commandOf(className, number);
    this.takes = named === null ? -1 : NET_COMMANDS[named].feature;
    this.known = this.takes >= 0 && this.accepted.has(this.takes) ? named : null;
    this.data = data;
    this.value = data.length === 2 ? data.u16(0) : data.length === 8 ? data.low(0) : 0;
    this.onCommand.tell(this);
  }

  /** What the card answered to the command. */
  answered(ok: boolean, result: Uint8Array): void {
    if (!ok) return;
    const answer = new ByteReader('le', result);
    if (this.known === 'STATS_QUERY') this.learnt = [answer.low(0), answer.high(0)];
    if (this.known === 'RSS_CTX_CAP_GET') this.contextsMost = answer.u16(0);
    if (this.known === 'RSS_CTX_ADD') this.contexts.add(this.data.u16(0));
    if (this.known === 'RSS_CTX_DEL') this.contexts.delete(this.data.u16(0));
  }

  pairsSet(queue: number, pairs: number, missing: number): void {
    this.queue = queue;
    this.value = pairs;
    this.missing = missing;
    this.onPairs.tell(this);
  }

  /** The driver reset the card, or power came on. */
  forget(): void {
    this.contexts.clear();
    this.contextsMost = this.learnt = null;
  }
}
