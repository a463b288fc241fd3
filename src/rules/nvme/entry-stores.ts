import type { Gpa } from '../../core/bits.ts';
import { deviceOf } from '../../core/finding.ts';
import { cqe, sqe } from '../../nvme/registers/commands.ts';
import type { AreaOwner, RingArea } from '../virtio/stores/ring-areas.ts';
import type { NvmeFacts } from './facts.ts';

/** The memory of a queue. */
interface QueueArea extends RingArea {
  readonly isSubmission: boolean;
  readonly queue: number;
  /** What the last doorbell submitted: from, up to, with the driver not yet knowing how far the controller is. */
  first: number;
  next: number;
  isFresh: boolean;
}

/** Where a driver changed a command behind its doorbell. */
type Late = (queue: number, slot: number, byte: number) => void;

/**
 * Watches stores to commands behind their doorbell. A controller may fetch them at once: until the driver has looked for
 * completions, it cannot know that an entry is its own again.
 */
export class EntryStores implements AreaOwner {
  areas: readonly QueueArea[] = [];
  private readonly facts: NvmeFacts;
  private readonly late: Late;
  private parts = 0;
  private readonly byPart = new Map<number, QueueArea>();
  private readonly submissions = new Map<number, QueueArea>();
  /** Of which a doorbell was written since the driver looked for completions. */
  private readonly fresh: QueueArea[] = [];

  constructor(facts: NvmeFacts, late: Late) {
    this.facts = facts;
    this.late = late;
  }

  made(isSubmission: boolean, queue: number, from: Gpa, size: number): void {
    const { stores, subject } = this.facts;
    if (stores === null) return;
    const bytes = isSubmission ? sqe.size : cqe.size;
    const name = `${deviceOf(subject)} ${isSubmission ? 'SQ' : 'CQ'} ${queue}`;
    const fieldAt = (offset: number) => `${name} [${Math.floor(offset / bytes)}] +${offset % bytes}`;
    const described = { name, fieldAt, describe: ({ offset }: { offset: number }) => fieldAt(offset) };
    const place = { ring: this, part: this.parts++, from, to: from + size * bytes };
    const area = { ...place, ...described, isSubmission, queue, first: 0, next: 0, isFresh: false };
    this.areas = [...this.areas, area];
    this.byPart.set(area.part, area);
    if (isSubmission) this.submissions.set(queue, area);
    stores.watch({ areas: [area] });
  }

  gone(isSubmission: boolean, queue: number): void {
    this.leave(this.areas.filter((area) => area.isSubmission === isSubmission && area.queue === queue));
  }

  stopped(): void {
    this.leave(this.areas);
  }

  rung(queue: number, first: number, next: number): void {
    const area = this.submissions.get(queue);
    if (area === undefined) return;
    area.first = first;
    area.next = next;
    if (!area.isFresh) this.fresh.push(area);
    area.isFresh = true;
  }

  stored(part: number, offset: number, _width: number, changed: boolean): void {
    const area = this.byPart.get(part);
    if (area?.isFresh !== true || !changed) return;
    const slot = Math.floor(offset / sqe.size);
    const { first, next, queue } = area;
    if (first < next ? slot < first || slot >= next : slot < first && slot >= next) return;
    this.late(queue, slot, offset % sqe.size);
    this.settle();
  }

  overwriting(part: number, at: Gpa, from: Uint8Array): void {
    const area = this.byPart.get(part);
    const range = area?.isFresh === true ? this.facts.memory.find(at, from.length) : null;
    if (area === undefined || range === null) return;
    const [begin, end] = [Math.max(at, area.from), Math.min(at + from.length, area.to)];
    for (let byte = begin; byte < end && area.isFresh; byte++)
      if (range.bytes[byte - range.base] !== from[byte - at]) this.stored(part, byte - area.from, 1, true);
  }

  overwritten(): void {}

  /** The driver looks for completions. */
  loaded(part: number): void {
    if (this.byPart.get(part)?.isSubmission === false) this.settle();
  }

  memoryFreed(): void {}

  forget(): void {}

  private settle(): void {
    for (let i = 0; i < this.fresh.length; i++) this.fresh[i]!.isFresh = false;
    this.fresh.length = 0;
  }

  private leave(gone: readonly QueueArea[]): void {
    if (gone.length === 0) return;
    this.areas = this.areas.filter((area) => !gone.includes(area));
    for (const area of gone) {
      this.byPart.delete(area.part);
      if (area.isSubmission) this.submissions.delete(area.queue);
    }
    this.facts.stores?.leave({ areas: gone, forget: () => {} });
  }
}
