import { bdfText } from '../../core/bits.ts';
import type { FoundBar, FoundFunction } from '../../core/driver.ts';
import type { Journal } from '../../core/journal.ts';
import { Watch } from '../../core/watch.ts';
import {
  ENUMERATION,
  type EnumerationKnows,
  type EnumerationMoment,
  type PluggedBar,
  type PluggedFunction,
} from './enumeration.ts';

/**
 * Holds what a guest's scan found against what is plugged in.
 *
 * @example
 * new EnumerationWatch(journal).enumerated(found, plugged);
 */
export class EnumerationWatch implements EnumerationKnows {
  fn: PluggedFunction | null = null;
  seen: FoundFunction | null = null;
  bar: PluggedBar | null = null;
  guess: FoundBar | null = null;
  private readonly onEnumerated;
  private readonly onSized;

  constructor(journal: Journal) {
    const watch = new Watch<EnumerationKnows, EnumerationMoment>(journal, ENUMERATION);
    this.onEnumerated = watch.at('enumerated');
    this.onSized = watch.at('sized');
  }

  get subject(): string {
    return this.fn?.subject ?? bdfText(this.seen!.bdf);
  }

  enumerated(found: readonly FoundFunction[], plugged: readonly PluggedFunction[]): void {
    for (const fn of plugged) this.hold(fn, found.find(({ bdf }) => bdf === fn.bdf) ?? null);
    for (const seen of found) if (!plugged.some(({ bdf }) => bdf === seen.bdf)) this.hold(null, seen);
  }

  private hold(fn: PluggedFunction | null, seen: FoundFunction | null): void {
    this.fn = fn;
    this.seen = seen;
    this.onEnumerated.tell(this);
    if (fn === null || seen === null) return;
    for (const bar of fn.bars) this.size(bar, seen.bars.find(({ index }) => index === bar.index) ?? null);
    for (const guess of seen.bars)
      if (!fn.bars.some(({ index }) => index === guess.index)) this.size(null, guess);
  }

  private size(bar: PluggedBar | null, guess: FoundBar | null): void {
    this.bar = bar;
    this.guess = guess;
    this.onSized.tell(this);
  }
}
