import type { Mark } from '../../../core/access.ts';
import type { Nanos } from '../../../core/bits.ts';
import { deviceOf } from '../../../core/finding.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Rule } from '../../../core/rule.ts';
import type { BaseSought, VirtioEvents } from '../../../virtio/events.ts';
import { DEVICE_STATUS } from '../../../virtio/registers.ts';
import { addSuspect } from '../../suspected.ts';
import type { VirtioFacts } from '../facts.ts';
import { ANNOUNCE, type AnnounceWatch } from '../queue/announce.ts';
import type { QueueWatches } from '../queue/queue-watches.ts';
import type { IsrWatch } from '../transport/isr.ts';
import type { QueueSetupWatch } from '../transport/queue-setup-watch.ts';
import type { VectorWatch } from '../transport/vectors.ts';
import type { InitWatch } from './init-watch.ts';
import type { OutcomeWatch } from './outcome.ts';

const { DRIVER_OK, FAILED } = DEVICE_STATUS.mask;
const LOST = 'virtio/VQ-IMP-34';
/** Of a line that is masked nowhere: the driver took another IRQ for it. */
const UNHEARD = 'INTx is up, and ISR Status was never read';
/** Longer than a driver is busy with something else. */
const LONG: Nanos = 100_000_000;

/** A state in which a device leaves a driver that came to no end, and the clause that the state speaks for. */
interface Suspect {
  readonly clause: string;
  readonly when: (k: StopWatch) => boolean;
  readonly said: (k: StopWatch) => string;
}

/** The clauses on buffers that were not announced, of the first queue with such buffers. */
const UNANNOUNCED = Object.entries(ANNOUNCE).flatMap(([clause, rule]): Suspect[] => {
  if (rule.on !== 'ended') return [];
  const check: Rule<AnnounceWatch> = rule;
  const due = ({ served }: StopWatch) => served.find((k) => check.when!(k) && !check.kept(k));
  return [{ clause, when: (k) => due(k) !== undefined, said: (k) => check.said(due(k)!) }];
});

/** Queues that a device fills, and the clause on what it would read there. */
const FILLED = { 'receive queue': 'virtio/NET-IMP-2', 'event queue': 'virtio/SCSI-EVT-D2' } as const;

/** What a device saw last of a driver that stopped. The first that holds is named. */
export const SUSPECTS: readonly Suspect[] = [
  {
    clause: 'virtio/PCI-CAP-D4',
    when: (k) => k.sought !== 'elsewhere',
    said: (k) =>
      `the driver went as far as ${k.sought === 'capability' ? 'a capability with a reserved BAR' : 'the place of a base address that does not exist'}, and used no structure after that`,
  },
  {
    clause: 'virtio/STATUS-D4',
    when: (k) => k.outcome.broken,
    said: () => 'the device broke down, and was not reset',
  },
  {
    clause: 'virtio/INIT-D12',
    when: (k) => k.outcome.refused === 'FEATURES_OK' && (k.isSet(DRIVER_OK) || !k.outcome.bare),
    said: () => 'the device refused FEATURES_OK, and the driver went on',
  },
  {
    clause: 'virtio/INIT-D11',
    when: (k) => k.outcome.refused === 'FEATURES_OK' && !k.isSet(FAILED),
    said: () => 'the device refused FEATURES_OK, and FAILED was not set',
  },
  {
    clause: 'pci/BUS-MASTER',
    when: (k) => k.hasKicked && !k.outcome.open,
    said: (k) => `the last kick, of ${k.queueName}, came while bus mastering was off`,
  },
  {
    clause: 'virtio/INIT-D13',
    when: (k) => k.hasKicked && !k.isSet(DRIVER_OK),
    said: (k) => `${k.queueName} was kicked, and DRIVER_OK is not set`,
  },
  {
    clause: 'virtio/PCI-KICK-D3',
    when: (k) => k.hasKicked && !k.exists,
    said: (k) => `the last kick was of ${k.queueName}, which the device does not have`,
  },
  {
    clause: 'virtio/VQ-IMP-30',
    when: (k) => k.hasKicked && !k.isSetUp,
    said: (k) => `the last kick was of ${k.queueName}, which is not set up`,
  },
  ...UNANNOUNCED,
  {
    clause: 'virtio/VQ-IMP-36',
    when: (k) => k.held !== null,
    said: (k) => `${k.queueName} has what the driver did not look at: ${k.held}, so no interrupt came`,
  },
  {
    clause: 'virtio/VQ-IMP-36',
    when: (k) => k.parked !== null,
    said: (k) => `${k.parked!}, so no interrupt came`,
  },
  {
    clause: 'virtio/PCI-ISR-IMP-1',
    when: (k) => k.isr.suspicion !== null,
    said: (k) => k.isr.suspicion!,
  },
  {
    clause: 'virtio/VQ-IMP-37',
    when: (k) => k.left > 0,
    said: (k) =>
      `${k.left === 1 ? 'one used buffer' : `${k.left} used buffers`} of ${k.leftName} left in the ring when the driver looked last, and it waits for another interrupt`,
  },
  {
    clause: LOST,
    when: (k) => k.lost !== null,
    said: (k) => k.lost!,
  },
  {
    clause: 'virtio/VQ-SPLIT-LEG-D2',
    when: (k) => k.overlooked !== null,
    said: (k) => `what the device has used of ${k.queueName} was not looked at: ${k.overlooked!}`,
  },
  ...Object.entries(FILLED).map(([role, clause]) => ({
    clause,
    when: (k: StopWatch) => k.queueName.startsWith(role) && k.hasUnreadable,
    said: (k: StopWatch) => `the last kick was of ${k.queueName}, for a buffer that the device should read`,
  })),
];

/** Knows in which state a driver left its device. It says nothing of a driver that ends. */
export class StopWatch implements Partial<VirtioEvents> {
  readonly isFirst = true;
  readonly device: string;
  readonly outcome: OutcomeWatch;
  readonly isr: IsrWatch;
  /** What was read of configuration space last, if no structure was used since. */
  sought: BaseSought = 'elsewhere';
  /** It went from that capability straight to the base address. */
  private isTaken = false;
  private usedAt: Mark = 0;
  private readonly facts: VirtioFacts;
  private readonly journal: Journal;
  private readonly init: InitWatch;
  private readonly setup: QueueSetupWatch;
  private readonly queues: QueueWatches;
  private readonly vectors: VectorWatch;

  constructor(
    facts: VirtioFacts,
    journal: Journal,
    others: {
      readonly init: InitWatch;
      readonly outcome: OutcomeWatch;
      readonly setup: QueueSetupWatch;
      readonly queues: QueueWatches;
      readonly vectors: VectorWatch;
      readonly isr: IsrWatch;
    },
  ) {
    this.facts = facts;
    this.device = facts.name;
    this.journal = journal;
    this.init = others.init;
    this.outcome = others.outcome;
    this.isr = others.isr;
    this.setup = others.setup;
    this.queues = others.queues;
    this.vectors = others.vectors;
    addSuspect(journal, this);
  }

  /** A bit of the status, as the driver left it. */
  isSet(bit: number): boolean {
    return (this.init.before & bit) !== 0;
  }

  get hasKicked(): boolean {
    return this.outcome.askedAt >= 0;
  }

  /** The queue that was kicked last, by name. */
  get queueName(): string {
    return this.facts.role(this.outcome.queue);
  }

  get exists(): boolean {
    return (this.facts.queueSizes[this.outcome.queue] ?? 0) > 0;
  }

  get isSetUp(): boolean {
    return this.setup.hasBegun(this.outcome.queue);
  }

  get served(): readonly AnnounceWatch[] {
    return this.outcome.isLive ? this.queues.list.map(({ announce }) => announce) : [];
  }

  /**
   * What keeps interrupts back of the queue that was kicked last, where the driver asks for them and has long not seen
   * what was used. One that has none come polls, unless it has interrupts on.
   */
  get held(): string | null {
    const { queue, isLive } = this.outcome;
    const isLong = (this.queues.list[queue]?.usedUp ?? 0) >= LONG;
    const { vectors } = this;
    const isDeaf = vectors.isDeaf && this.facts.takesInterrupts?.() === true;
    const isAsked = this.facts.stores?.asks(queue) === true && (vectors.serves(queue) || isDeaf);
    if (!isLive || !isLong || !isAsked) return null;
    return vectors.heldBack(queue) ?? (isDeaf && this.facts.stores?.hasUnseen(queue) ? UNHEARD : null);
  }

  /** What waits in the queue that was kicked last begins with a buffer that the device may only read. */
  get hasUnreadable(): boolean {
    const ring = this.queues.list[this.outcome.queue];
    return this.outcome.isLive && ring?.hints?.isReadable(ring.waiting) === true;
  }

  /** The driver of a legacy device polls, and never read used.idx: where that is, and what. */
  get overlooked(): string | null {
    const { facts, init, outcome, queues } = this;
    const { queue, isLive } = outcome;
    const { stores } = facts;
    const ring = queues.list[queue];
    const isBlind = stores?.seesLoads === true && stores.looks === 0 && stores.hasUnseen(queue);
    if (!isLive || !init.legacy || !isBlind || ring === undefined || ring.sinceUsed < LONG) return null;
    return facts.takesInterrupts?.() === true && stores.asks(queue) ? null : (ring.hints?.usedText ?? null);
  }

  /** What was used long ago, which the driver has not seen, and for which its used_event asks no interrupt. */
  get parked(): string | null {
    const { facts, outcome, queues, vectors } = this;
    for (const [queue, ring] of outcome.isLive ? queues.list.entries() : []) {
      const isUnseen = facts.stores?.hasUnseen(queue) === true && ring.sinceUsed >= LONG;
      const isPast = facts.stores?.asks(queue) === false;
      const text = isPast ? ring.events?.eventBehind : ring.events?.eventAhead;
      const why = isUnseen && vectors.serves(queue) ? (text ?? null) : null;
      if (why !== null) return `${facts.role(queue)} has what the driver did not look at: ${why}`;
    }
    return null;
  }

  /** The first queue in which the driver found buffers long ago, and left them; -1 for none. */
  private get leftQueue(): number {
    const { facts, outcome } = this;
    return outcome.isLive
      ? facts.queueSizes.findIndex((_, queue) => (facts.stores?.leftIn(queue) ?? 0) > 0)
      : -1;
  }

  get left(): number {
    return this.facts.stores?.leftIn(this.leftQueue) ?? 0;
  }

  get leftName(): string {
    return this.facts.role(this.leftQueue);
  }

  /** What was said of an interrupt for which the driver waited up to its end; null for none. */
  get lost(): string | null {
    const { journal, facts } = this;
    const found = journal
      .of(LOST)
      .find(({ at, subject }) => at === journal.now && deviceOf(subject) === facts.name);
    return found?.said ?? null;
  }

  read(): void {
    this.used();
  }

  written(): void {
    this.used();
  }

  configAccessed(): void {
    this.used();
  }

  baseSought(sought: BaseSought): void {
    if (this.journal.quiet) return;
    this.usedAt = this.journal.mark;
    this.isTaken ||= this.sought === 'capability' && sought === 'base';
    this.sought = this.isTaken ? 'base' : sought;
  }

  reset(): void {
    this.used();
  }

  private used(): void {
    this.usedAt = this.journal.mark;
    this.sought = 'elsewhere';
    this.isTaken = false;
  }

  /** The last use of the device. */
  get since(): Mark {
    return Math.max(this.usedAt, this.outcome.askedAt);
  }

  get suspicion(): string | null {
    const suspect = SUSPECTS.find(({ when }) => when(this));
    return suspect === undefined ? null : `${suspect.clause}: ${this.facts.name}: ${suspect.said(this)}`;
  }
}
