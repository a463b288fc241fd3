import { BitSet } from '../../core/bit-set.ts';
import type { Journal } from '../../core/journal.ts';
import type { Interface, VirtioEvents } from '../../virtio/events.ts';

/** What stands fixed about a device, and how it is called. */
export interface VirtioFacts {
  /** `net0` */
  readonly name: string;
  readonly virtioId: number;
  /** `net0 (00:04.0)`; asked for when something is reported. */
  readonly subject: () => string;
  /** `net0, transmit queue 1` */
  readonly queueName: (index: number) => string;
  /** Which interfaces the function shows; the first is in use until the driver chooses. */
  readonly interfaces: readonly Interface[];
  /** What each interface offers. */
  readonly offers: Readonly<Record<Interface, BitSet>>;
  /** The most entries of each queue; 0 where there is none. */
  readonly queueSizes: readonly number[];
}

/**
 * Watches a driver of one virtio device: the part that all device types have in common.
 *
 * @example
 * device.watch(new VirtioWatch(facts, journal));
 */
export class VirtioWatch implements VirtioEvents {
  readonly facts: VirtioFacts;
  readonly accepted = new BitSet();
  legacy: boolean;

  constructor(facts: VirtioFacts, _journal: Journal) {
    this.facts = facts;
    this.legacy = facts.interfaces[0] === 'legacy';
  }

  power(): void {}

  reset(): void {}

  negotiated(accepted: BitSet, legacy: boolean): void {
    this.accepted.words.set(accepted.words);
    this.legacy = legacy;
  }

  placed(): void {}

  taken(): void {}

  putBack(): void {}

  used(): void {}

  published(): void {}

  forgotten(): void {}
}
