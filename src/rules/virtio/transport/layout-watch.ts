import type { Width } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Register } from '../../../core/register.ts';
import { Watch } from '../../../core/watch.ts';
import type { Interface } from '../../../virtio/events.ts';
import type { VirtioFacts } from '../facts.ts';
import { LAYOUT, type LayoutKnows, type LayoutMoment } from './layout.ts';

/** Watches how a driver accesses registers. */
export class LayoutWatch implements LayoutKnows {
  area: LayoutKnows['area'] = 'header';
  register: Register | null = null;
  field = 0;
  offset = 0;
  width: Width = 1;
  value = 0;
  private readonly facts: VirtioFacts;
  private readonly onAccess;
  private readonly onWrite;

  constructor(facts: VirtioFacts, journal: Journal) {
    this.facts = facts;
    const watch = new Watch<LayoutKnows, LayoutMoment>(journal, LAYOUT);
    this.onAccess = watch.at('accessed');
    this.onWrite = watch.at('written');
  }

  get subject(): string {
    return this.facts.subject();
  }

  accessed(by: Interface, register: Register | null, offset: number, width: Width): void {
    this.area = by === 'legacy' ? 'header' : 'common';
    this.register = register;
    this.field = register?.width ?? 0;
    this.offset = offset;
    this.width = width;
    this.onAccess.tell(this);
  }

  /** After `accessed`, of a write. */
  written(value: number): void {
    this.value = value;
    this.onWrite.tell(this);
  }

  configAccessed(offset: number, width: Width, field: number): void {
    this.area = 'config';
    this.register = null;
    this.field = field;
    this.offset = offset;
    this.width = width;
    this.onAccess.tell(this);
  }
}
