import type { Mark } from '../../../core/access.ts';
import type { BitSet } from '../../../core/bit-set.ts';
import { hex } from '../../../core/bits.ts';
import { ByteReader } from '../../../core/byte-reader.ts';
import type { Journal } from '../../../core/journal.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import type { Rule, Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';
import type { Chain, NetEvents } from '../../../virtio/net/events.ts';
import { NET_COMMANDS, NET_CTRL } from '../../../virtio/net/registers/commands.ts';
import type { QueueKind } from '../../../virtio/net/registers/statistics.ts';
import { NET_FEATURE } from '../../../virtio/net/registers.ts';
import {
  type CommandName,
  type ControlKnows,
  type ControlMoment,
  commandOf,
  fits,
  type NetShown,
  of,
  whole,
} from './command.ts';
import { COMMAND_FRAMING } from './command-framing.ts';
import { COMMAND_VALUES } from './command-values.ts';
import { type NetFacts, pairsOf } from './facts.ts';
import { FILTERING } from './filtering.ts';
import { STATISTICS } from './statistics.ts';
import { STEERING } from './steering.ts';
import { arePairs, isSwapped, SWAPPED, strangers } from './swapped.ts';

const { MQ, RSS, CTRL_RX, CTRL_RX_EXTRA } = NET_FEATURE;
const { RX, MAC } = NET_CTRL;
const NO_DATA = new ByteReader('le', new Uint8Array(0));
const WITHOUT_PAIRS = 2;

const COALESCING = 'virtio 1.4, Notifications Coalescing';
const MULTIQUEUE = 'virtio 1.4, Automatic receive steering in multiqueue mode';

/** Features whose commands have rules of their own. */
const OWN_RULE = ['CTRL_RX_EXTRA', 'RSS', 'NOTF_COAL', 'VQ_NOTF_COAL', 'HASH_TUNNEL', 'RSS_CONTEXT'] as const;
const OWN_BITS: readonly number[] = OWN_RULE.map((name) => NET_FEATURE[name]);

/** A command that needs the feature is sent only with it. */
function needs(
  name: (typeof OWN_RULE)[number],
): Pick<Rule<ControlKnows, 'command'>, 'on' | 'when' | 'kept' | 'said' | 'since'> {
  const bit = NET_FEATURE[name];
  return {
    on: 'command',
    when: (k) => whole(k) && !k.accepted.has(bit),
    kept: (k) => k.takes !== bit,
    said: (k) => `${named(k)}, without ${name}`,
    since: (k) => k.negotiatedAt,
  };
}

/** Rules on the commands that a driver may send, and on their data. */
export const COMMANDS = {
  'virtio/NET-IMP-5': {
    where: 'virtio 1.4, Control Virtqueue',
    text: 'A driver MUST NOT send a control command that is unknown or whose feature was not negotiated.',
    advice:
      'Send only commands whose feature was accepted: VQ_PAIRS_SET with MQ, MAC_ADDR_SET with CTRL_MAC_ADDR, GUEST_OFFLOADS_SET with CTRL_GUEST_OFFLOADS.',
    on: 'command',
    // Other rules cover the rest.
    when: (k) =>
      whole(k) &&
      !OWN_BITS.includes(k.takes) &&
      (k.accepted.has(CTRL_RX) || (k.className !== RX.class && k.className !== MAC.class)),
    kept: (k) => k.known !== null,
    said: named,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-MQ-D1': {
    where: MULTIQUEUE,
    text: 'A driver MUST set up queues before it enables them with VQ_PAIRS_SET.',
    advice: 'Set up every queue of the pairs before DRIVER_OK, and enable only as many pairs as are set up.',
    on: 'pairs',
    kept: (k) => k.missing < 0,
    said: (k) => `${k.value} pairs of queues were enabled, and ${k.missingName} is not set up`,
  },
  'virtio/NET-MQ-D2': {
    where: MULTIQUEUE,
    text: 'A driver MUST NOT set virtqueue_pairs to a value outside 1 to max_virtqueue_pairs.',
    advice: 'Ask for 1 to max_virtqueue_pairs, which is in the device configuration.',
    on: 'command',
    when: (k) => k.known === 'VQ_PAIRS_SET' && whole(k) && fits(k) && !isSwapped(k),
    kept: (k) => arePairs(k, k.value),
    said: (k) => `${k.value} pairs of queues were asked for, but the card has ${k.pairs}`,
  },
  'virtio/NET-OFFL-D1': {
    where: 'virtio 1.4, Setting Offloads State',
    text: 'A driver MUST NOT set an offload bit whose feature was not negotiated.',
    advice: 'Set only bits of receive offloads that were negotiated: 1, 7, 8, 9, 10, and 46, 47, 54, 55.',
    on: 'command',
    when: (k) => k.known === 'GUEST_OFFLOADS_SET' && whole(k) && fits(k) && !isSwapped(k),
    kept: (k) => strangers(k, k.data).every((word) => word === 0),
    said: (k) => {
      const [low, high] = strangers(k, k.data);
      return `offloads ${hex(k.high, 8)}${hex(k.value, 8)} were asked for, of which ${hex(high, 8)}${hex(low, 8)} are not negotiated`;
    },
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-COAL-D2': {
    where: COALESCING,
    text: 'A driver MUST negotiate NOTF_COAL before sending TX_SET or RX_SET.',
    advice: 'Accept NOTF_COAL (53) if it is offered, or do not send these commands.',
    ...needs('NOTF_COAL'),
  },
  'virtio/NET-COAL-D3': {
    where: COALESCING,
    text: 'A driver MUST negotiate VQ_NOTF_COAL before sending VQ_SET or VQ_GET.',
    advice: 'Use TX_SET and RX_SET if only NOTF_COAL was negotiated: it applies to all queues together.',
    ...needs('VQ_NOTF_COAL'),
  },
  'virtio/NET-COAL-D1': {
    where: COALESCING,
    text: 'A driver MUST name an enabled receive or transmit queue in vq_index.',
    advice: 'Name the index of a queue that is set up for frames, not that of the control queue.',
    ...of('NOTF_COAL_VQ_SET', 'NOTF_COAL_VQ_GET'),
    kept: (k) => ['receive', 'transmit'].includes(k.kindOf(k.data.u16(0)) ?? ''),
    said: (k) =>
      `${k.known} named queue ${k.data.u16(0)}, which ${k.kindOf(k.data.u16(0)) === null ? 'is not set up' : 'is for commands'}`,
  },
  'virtio/NET-RSSCTX-D1': {
    where: 'virtio 1.4, RSS Context',
    text: 'A driver MUST negotiate RSS_CONTEXT before sending RSS context commands.',
    advice: 'Accept RSS_CONTEXT (64) if it is offered, or use a single RSS configuration.',
    ...needs('RSS_CONTEXT'),
  },
  'virtio/NET-IHH-D1': {
    where: 'virtio 1.4, Inner Header Hash',
    text: 'A driver MUST negotiate HASH_TUNNEL before sending HASH_TUNNEL_SET.',
    advice: 'Accept HASH_TUNNEL (51) if it is offered, or hash outer headers only.',
    ...needs('HASH_TUNNEL'),
  },
  'virtio/NET-RSS-D1': {
    where: 'virtio 1.4, Setting RSS parameters',
    text: 'A driver MUST NOT send RSS_CONFIG unless RSS was negotiated.',
    advice: 'Accept RSS (60) if it is offered, or use VQ_PAIRS_SET.',
    ...needs('RSS'),
  },
  'virtio/NET-RXMODE-D1': {
    where: 'virtio 1.4, Packet Receive Filtering',
    text: 'A driver MUST NOT send PROMISC or ALLMULTI unless CTRL_RX was negotiated.',
    advice:
      'Accept CTRL_RX (18) if it is offered. Without it the device filters nothing: filter in the driver.',
    on: 'command',
    when: (k) => whole(k) && !k.accepted.has(CTRL_RX),
    kept: (k) => k.className !== RX.class || k.takes === CTRL_RX_EXTRA,
    said: (k) => `${named(k)}, without CTRL_RX`,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-RXMODE-D2': {
    where: 'virtio 1.4, Packet Receive Filtering',
    text: 'A driver MUST NOT send ALLUNI, NOMULTI, NOUNI or NOBCAST unless CTRL_RX_EXTRA was negotiated.',
    advice: 'Accept CTRL_RX_EXTRA (20) if it is offered, or filter in the driver.',
    ...needs('CTRL_RX_EXTRA'),
  },
  'virtio/NET-MAC-D1': {
    where: 'virtio 1.4, Setting MAC Address Filtering',
    text: 'A driver MUST NOT send commands of class MAC unless CTRL_RX was negotiated.',
    advice: 'Accept CTRL_RX (18) if it is offered, or filter by address in the driver.',
    on: 'command',
    when: (k) => whole(k) && !k.accepted.has(CTRL_RX),
    kept: (k) => k.className !== MAC.class,
    said: (k) => `${named(k)}, without CTRL_RX`,
    since: (k) => k.negotiatedAt,
  },
} as const satisfies Rules<ControlKnows, ControlMoment>;

export const CONTROL = {
  ...COMMAND_FRAMING,
  ...COMMANDS,
  ...COMMAND_VALUES,
  ...FILTERING,
  ...STEERING,
  ...STATISTICS,
  ...SWAPPED,
} as const;

function named({ className, number }: ControlKnows): string {
  return `command ${number} of class ${className} was sent`;
}

/** Watches a driver's commands. */
export class ControlWatch implements ControlKnows, Partial<NetEvents> {
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
  private readonly journal: Journal;
  private readonly on;

  /** @param accepted the negotiated features; the set changes in place. */
  constructor(facts: NetFacts, journal: Journal, accepted: BitSet) {
    this.facts = facts;
    this.journal = journal;
    this.accepted = accepted;
    this.pairs = pairsOf(facts);
    this.shown = facts.shown;
    this.on = new Watch(journal, CONTROL).on;
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

  negotiated(_accepted: BitSet, legacy: boolean): void {
    this.legacy = legacy;
    this.negotiatedAt = this.journal.mark;
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
    this.on.command.tell(this);
  }

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
    this.on.pairs.tell(this);
  }

  reset(): void {
    this.contexts.clear();
    this.contextsMost = this.learnt = null;
  }
}
