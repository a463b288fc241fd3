import type { Width } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Register } from '../../../core/register.ts';
import { Watch } from '../../../core/watch.ts';
import type { Interface } from '../../../virtio/events.ts';
import * as legacy from '../../../virtio/registers.ts';
import { COMMON } from '../../../virtio/transport/modern/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import { LAYOUT, type LayoutKnows, type LayoutMoment } from './layout.ts';

const HEADER = [
  legacy.DEVICE_FEATURES,
  legacy.DRIVER_FEATURES,
  legacy.QUEUE_ADDRESS,
  legacy.QUEUE_SIZE,
  legacy.QUEUE_SELECT,
  legacy.QUEUE_NOTIFY,
  legacy.DEVICE_STATUS,
  legacy.ISR_STATUS,
  legacy.CONFIG_MSIX_VECTOR,
  legacy.QUEUE_MSIX_VECTOR,
];

/** Watches how a driver accesses registers. */
export class LayoutWatch implements LayoutKnows {
  area: LayoutKnows['area'] = 'header';
  register: Register | null = null;
  around: Register | null = null;
  field = 0;
  begins = true;
  offset = 0;
  width: Width = 1;
  used = 1;
  value = 0;
  /** The next access comes by the window in configuration space, with a width of its own. */
  throughWindow = false;
  private readonly facts: VirtioFacts;
  private readonly journal: Journal;
  private readonly onAccess;
  private readonly onWrite;

  constructor(facts: VirtioFacts, journal: Journal) {
    this.facts = facts;
    this.journal = journal;
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
    this.around = register ?? holder(by === 'legacy' ? HEADER : COMMON, offset);
    this.field = this.around?.width ?? 0;
    this.begins = register !== null;
    this.tell(offset, width);
  }

  /** After `accessed`, of a write. */
  written(value: number): void {
    this.value = value;
    this.onWrite.tell(this);
  }

  /** @param field as the event has it. */
  configAccessed(offset: number, width: Width, field: number): void {
    this.area = 'config';
    this.register = this.around = null;
    this.field = Math.abs(field);
    this.begins = field > 0;
    this.tell(offset, width);
  }

  private tell(offset: number, width: Width): void {
    this.offset = offset;
    this.width = width;
    this.used = this.throughWindow ? width : this.journal.trail.widthOf(width);
    this.throughWindow = false;
    this.onAccess.tell(this);
  }
}

/** The register that holds the byte at an offset. */
function holder(registers: readonly Register[], at: number): Register | null {
  return registers.find(({ offset, width }) => offset <= at && at < offset + width) ?? null;
}
