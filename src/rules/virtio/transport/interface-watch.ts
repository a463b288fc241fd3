import type { Nanos, Width } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import { Watch } from '../../../core/watch.ts';
import type { Interface, Oddity, WindowFault } from '../../../virtio/events.ts';
import type { VirtioFacts } from '../facts.ts';
import { INTERFACE_RULES, type InterfaceKnows, type InterfaceMoment } from './interfaces.ts';

/** Watches which of a function's interfaces a driver uses, and how it finds the modern one. */
export class InterfaceWatch implements InterfaceKnows {
  readonly transitional: boolean;
  negotiated: Interface | null = null;
  by: Interface = 'legacy';
  capabilitiesSeen = false;
  everSeen = false;
  taken: Oddity | null = null;
  structure = '';
  offset = 0;
  astray = false;
  at = -1;
  width: Width = 1;
  bar = 0;
  length = 0;
  fault: WindowFault | null = null;
  private readonly facts: VirtioFacts;
  private readonly watch: Watch<InterfaceKnows, InterfaceMoment>;
  private readonly on;

  constructor(facts: VirtioFacts, journal: Journal) {
    this.facts = facts;
    this.transitional = facts.interfaces.length > 1;
    this.watch = new Watch<InterfaceKnows, InterfaceMoment>(journal, INTERFACE_RULES);
    this.on = {
      used: this.watch.at('used'),
      chosen: this.watch.at('chosen'),
      modern: this.watch.at('modern'),
      structure: this.watch.at('structure'),
      config: this.watch.at('config'),
      window: this.watch.at('window'),
      missed: this.watch.at('missed'),
    };
  }

  get subject(): string {
    return this.facts.subject();
  }

  get oddities(): readonly Oddity[] {
    return this.facts.oddities;
  }

  /** Which interface the driver speaks. */
  get inUse(): Interface {
    return this.negotiated ?? this.facts.interfaces[0]!;
  }

  power(): void {
    this.capabilitiesSeen = false;
    this.forget();
  }

  forget(): void {
    this.negotiated = null;
    this.watch.forget();
  }

  /** Any access but a read of the status or a reset. */
  used(by: Interface): boolean {
    this.by = by;
    return this.on.used.tell(this);
  }

  /** By the interface that is in use. */
  usedAgain(times: number, last: Nanos): void {
    this.by = this.inUse;
    this.on.used.repeat(this, times, last);
  }

  /** Features are written by this interface. */
  choose(by: Interface): void {
    if (by === 'modern') this.on.modern.tell(this);
    else if (this.negotiated === null) this.on.chosen.tell(this);
    this.negotiated = by;
  }

  /** The type of a virtio capability was read. */
  capabilityRead(): void {
    this.capabilitiesSeen = this.everSeen = true;
  }

  structureRead(): void {
    if (this.oddities.length === 0) return;
    this.taken = null;
    this.on.structure.tell(this);
  }

  decoyUsed(oddity: Oddity, name: string, offset: number): void {
    this.taken = oddity;
    this.structure = name;
    this.offset = offset;
    this.on.structure.tell(this);
  }

  structureMissed(offset: number, width: Width): void {
    this.astray = true;
    this.offset = offset;
    this.width = width;
    this.on.missed.tell(this);
    this.astray = false;
  }

  configSpaceWritten(at: number, width: Width): void {
    this.at = at;
    this.width = width;
    this.on.config.tell(this);
  }

  windowUsed(bar: number, offset: number, length: number, fault: WindowFault | null): void {
    this.bar = bar;
    this.offset = offset;
    this.length = length;
    this.fault = fault;
    this.on.window.tell(this);
  }
}
