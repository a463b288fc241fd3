import type { Journal } from '../../core/journal.ts';
import { Watch } from '../../core/watch.ts';
import { PLACES, type PlaceKnows, type PlaceMoment } from './places.ts';

/** Watches where the base addresses of one function answer. */
export class PlaceWatch implements PlaceKnows {
  bar = 0;
  address = 0;
  over: string | null = null;
  off = false;
  private readonly subjectOf: () => string;
  private readonly onPlaced;
  private readonly onMissed;

  constructor(subjectOf: () => string, journal: Journal) {
    this.subjectOf = subjectOf;
    const watch = new Watch<PlaceKnows, PlaceMoment>(journal, PLACES);
    this.onPlaced = watch.at('placed');
    this.onMissed = watch.at('missed');
  }

  get subject(): string {
    return this.subjectOf();
  }

  placed(index: number, address: number, over: string | null): void {
    this.bar = index;
    this.address = address;
    this.over = over;
    this.off = false;
    this.onPlaced.tell(this);
  }

  missed(index: number, address: number): void {
    this.bar = index;
    this.address = address;
    this.over = null;
    this.off = true;
    this.onMissed.tell(this);
  }
}
