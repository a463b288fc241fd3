import type { BitSet } from '../../../core/bit-set.ts';
import type { Nanos, Width } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Register } from '../../../core/register.ts';
import { Watch } from '../../../core/watch.ts';
import type { Interface, VirtioEvents } from '../../../virtio/events.ts';
import {
  FEATURE,
  LEGACY_QUEUE_ALIGN,
  legacyQueueLayout,
  QUEUE_ADDRESS,
  QUEUE_SELECT,
  QUEUE_SIZE,
} from '../../../virtio/registers.ts';
import * as reg from '../../../virtio/transport/modern/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import { QUEUE_SETUP, type QueueSetupKnows } from './queue-setup.ts';
import { type LaidArea, SetupState } from './setup-state.ts';

const NONE = new SetupState();

/** Watches a driver set queues up, by either interface. */
export class QueueSetupWatch implements QueueSetupKnows, Partial<VirtioEvents> {
  legacy = true;
  packed = false;
  mayReset = false;
  queue = 0;
  register = '';
  isStill = false;
  value = 0;
  private admin = false;
  private readonly states: readonly SetupState[];
  private readonly facts: VirtioFacts;
  private readonly journal: Journal;
  private readonly on;

  constructor(facts: VirtioFacts, journal: Journal) {
    this.facts = facts;
    this.journal = journal;
    this.states = facts.queueSizes.map(() => new SetupState());
    this.on = new Watch(journal, QUEUE_SETUP).on;
  }

  get subject(): string {
    return this.facts.subject();
  }

  get name(): string {
    return this.facts.role(this.queue);
  }

  get maximum(): number {
    const { queueSizes, numQueues = queueSizes.length } = this.facts;
    return this.queue < numQueues || this.admin ? (queueSizes[this.queue] ?? 0) : 0;
  }

  get exists(): boolean {
    return this.maximum > 0;
  }

  get forAdmin(): boolean {
    return this.admin && this.queue >= (this.facts.numQueues ?? this.facts.queueSizes.length);
  }

  get isEnabled(): boolean {
    return this.state.enabled;
  }

  get sizeRead(): boolean {
    return this.state.sizeRead;
  }

  get begun(): boolean {
    return this.state.begun;
  }

  /** The driver set this queue up. */
  hasBegun(queue: number): boolean {
    return this.states[queue]?.begun === true;
  }

  get anyBegun(): boolean {
    return this.states.some(({ begun }) => begun);
  }

  get others(): number {
    return this.states.filter((state) => state !== this.state && state.page !== 0).length;
  }

  get overlapped(): number {
    const { state, states } = this;
    const end = state.page + this.pagesOf(this.queue);
    return states.findIndex(
      ({ page }, queue) =>
        queue !== this.queue && page !== 0 && page < end && state.page < page + this.pagesOf(queue),
    );
  }

  get missing(): readonly string[] {
    return this.state.missing;
  }

  get overlappedName(): string {
    return this.facts.role(this.overlapped);
  }

  get unaligned(): readonly string[] {
    return this.state.unaligned;
  }

  get laidOver(): readonly [area: string, other: string] | null {
    const own = this.areasOf(this.queue);
    const others = this.states.flatMap(({ enabled }, queue) =>
      enabled && queue !== this.queue ? this.areasOf(queue) : [],
    );
    for (const [i, area] of own.entries())
      for (const other of [...own.slice(i + 1), ...others])
        if (area.from < other.to && other.from < area.to) {
          const isTurned = area.name === 'queue_driver' && own.includes(other) && other.from < area.from;
          return [
            area.name,
            isTurned ? `${other.whole}, and lies behind it: they may be exchanged` : other.whole,
          ];
        }
    return null;
  }

  get again(): boolean {
    return this.state.again;
  }

  get resetUnread(): boolean {
    return this.state.resetUnread;
  }

  get resetAt(): number {
    return this.state.resetAt;
  }

  reset(powered: boolean): void {
    this.queue = 0;
    this.isStill = false;
    for (const state of this.states) {
      state.forget();
      state.sizeRead &&= !powered;
    }
  }

  negotiated(accepted: BitSet): void {
    this.packed = accepted.has(FEATURE.RING_PACKED);
    this.mayReset = accepted.has(FEATURE.RING_RESET);
    this.admin = accepted.has(FEATURE.ADMIN_VQ);
  }

  read(_by: Interface, register: Register | null): void {
    // A size that only the firmware read, which is not judged, is unknown to the driver after it.
    if (register === QUEUE_SIZE) this.state.sizeRead ||= !this.journal.quiet;
    if (register === reg.queue_reset) this.state.resetUnread = false;
  }

  written(_by: Interface, register: Register | null, _offset: number, _width: Width, value: number): void {
    if (register === QUEUE_SELECT || register === reg.queue_select) {
      this.queue = value;
      this.isStill = false;
    } else if (register === QUEUE_ADDRESS) this.addressWritten(value);
    else if (register !== null && reg.QUEUE_REGISTERS.includes(register))
      this.registerWritten(register, value);
  }

  /** The legacy address. */
  private addressWritten(value: number): void {
    this.begin(QUEUE_ADDRESS, value, true);
    if (!this.exists) return;
    this.state.page = value;
    this.state.begun = value !== 0;
    if (value !== 0) this.on.placed.tell(this);
  }

  /** A register of the selected queue. */
  private registerWritten(register: Register, value: number): void {
    this.begin(register, value, false);
    if (!this.exists) return;
    if (register === reg.queue_enable) this.enableWritten();
    else if (register === reg.queue_reset) this.resetWritten();
    else if (register !== reg.queue_msix_vector) this.fieldWritten(register);
  }

  /** The queue is enabled: its addresses count from now on. */
  enabled(queue: number): void {
    this.queue = queue;
    this.on.laid.tell(this);
    this.state.enabled = this.isStill = true;
  }

  /** @returns whether the rules of kicks are kept. */
  judgesKick(queue: number): boolean {
    const { queue: selected } = this;
    this.queue = queue;
    const kept = this.on.kicked.tell(this);
    this.queue = selected;
    return kept;
  }

  /** Kicks equal to the last one of this queue. */
  kickedAgain(queue: number, times: number, last: Nanos): void {
    const { queue: selected } = this;
    this.queue = queue;
    this.on.kicked.repeat(this, times, last);
    this.queue = selected;
  }

  private get state(): SetupState {
    return this.states[this.queue] ?? NONE;
  }

  private pagesOf(queue: number): number {
    return legacyQueueLayout(this.facts.queueSizes[queue]!).bytes / LEGACY_QUEUE_ALIGN;
  }

  /** The areas of a queue, each also with the queue's name. */
  private areasOf(queue: number): readonly (LaidArea & { readonly whole: string })[] {
    const areas = this.states[queue]!.areas(this.facts.queueSizes[queue]!, this.packed);
    return areas.map((area) => ({ ...area, whole: `${area.name} of ${this.facts.role(queue)}` }));
  }

  private begin(register: Register, value: number, legacy: boolean): void {
    this.legacy = legacy;
    this.register = register.name;
    this.value = value;
    this.on.register.tell(this);
  }

  private enableWritten(): void {
    this.on.enable.tell(this);
    if (this.value === 1) this.state.begun = true;
    if (this.value !== 1 || this.isEnabled) return;
    this.on.begin.tell(this);
    this.state.resetUnread = false;
  }

  private fieldWritten(register: Register): void {
    this.on.field.tell(this);
    this.state.resetUnread = false;
    if (register === reg.queue_size) {
      this.on.size.tell(this);
      if (this.value <= this.maximum) this.state.size = this.value;
    } else this.state.addressWritten(register, this.value);
  }

  private resetWritten(): void {
    this.on.reset.tell(this);
    if (this.value !== 1 || !this.mayReset) return;
    this.state.forget();
    this.state.again = this.state.resetUnread = true;
    this.state.resetAt = this.journal.mark;
  }
}
