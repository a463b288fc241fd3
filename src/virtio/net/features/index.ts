import type { BitSet } from '../../../core/bit-set.ts';
import type { Notices } from '../../device-shape.ts';
import { Announcement } from './announcement.ts';
import { Coalescing } from './coalescing.ts';
import type { NetCard, NetFeature, Served } from './feature.ts';
import { Filters } from './filters.ts';
import { FlowFilters } from './flow-filters.ts';
import { Offloads } from './offloads.ts';
import { Statistics } from './statistics.ts';
import { Steering } from './steering.ts';

interface Kind<Feature extends NetFeature = NetFeature> {
  /** A card that offers one of these has the feature. */
  readonly bits: readonly number[];
  new (card: NetCard): Feature;
}

const KINDS: readonly Kind[] = [
  Filters,
  Offloads,
  Steering,
  Coalescing,
  Statistics,
  Announcement,
  FlowFilters,
];

/** The features of one card. Those that its driver accepted are fields; the fields of the others are null. */
export class NetFeatures implements Notices {
  filters: Filters | null = null;
  offloads: Offloads | null = null;
  steering: Steering | null = null;
  coalescing: Coalescing | null = null;
  statistics: Statistics | null = null;
  announcement: Announcement | null = null;
  flowFilters: FlowFilters | null = null;
  private readonly card: NetCard;
  private readonly all: readonly NetFeature[];

  constructor(card: NetCard) {
    this.card = card;
    const { possible } = card.offers;
    this.all = KINDS.filter(({ bits }) => bits.some((bit) => possible.includes(bit))).map(
      (Feature) => new Feature(card),
    );
  }

  /** The command of one of them, accepted or not. */
  served(className: number, command: number): Served | undefined {
    for (const { commands } of this.all)
      for (const one of commands) if (one.class === className && one.command === command) return one;
    return undefined;
  }

  negotiated(accepted: BitSet): void {
    for (const one of this.all) one.negotiated?.(accepted);
    this.filters = this.acceptedOf(Filters);
    this.offloads = this.acceptedOf(Offloads);
    this.steering = this.acceptedOf(Steering);
    this.coalescing = this.acceptedOf(Coalescing);
    this.statistics = this.acceptedOf(Statistics);
    this.announcement = this.acceptedOf(Announcement);
    this.flowFilters = this.acceptedOf(FlowFilters);
  }

  /** Whether one of them has to do with kicks or interrupts. */
  get areNoticed(): boolean {
    return this.coalescing !== null || this.statistics !== null;
  }

  kicked(queue: number): void {
    this.statistics?.kicked(queue);
  }

  interrupt(queue: number): void {
    if (this.coalescing === null) this.card.sendInterrupt(queue);
    else this.coalescing.wanted(queue);
  }

  queueForgotten(queue: number): void {
    for (const one of this.all) one.queueForgotten?.(queue);
  }

  reset(): void {
    for (const one of this.all) one.reset?.();
  }

  close(): void {
    for (const one of this.all) one.close?.();
  }

  private acceptedOf<Feature extends NetFeature>(Feature: Kind<Feature>): Feature | null {
    if (!Feature.bits.some((bit) => this.card.accepted.has(bit))) return null;
    return this.all.find((one) => one instanceof Feature) as Feature;
  }
}
