import * as v from 'valibot';
import type { Nanos } from '../core/bits.ts';
import { AT_ONCE, type CompletionPolicy } from '../virtio/completion/policy.ts';
import { flag, object, whole } from './option-kinds.ts';

/** Of any time that is an option, in virtual nanoseconds. */
export const LONGEST: Nanos = 10_000_000_000;
const LATENCY = `nanoseconds (0 to ${LONGEST}) or [min, max] with min ≤ max`;
const within = whole(1, LONGEST);
/** One in so many at random, 0 for none. */
export const oneIn = whole(0, 1_000_000);

/** A time of completions, or a range. */
export const latency = v.custom<number | readonly [least: number, most: number]>((x) => {
  const range = Array.isArray(x) ? x : [x, x];
  const [least, most] = range;
  return (
    range.length === 2 && range.every(Number.isInteger) && least >= 0 && least <= most && most <= LONGEST
  );
}, LATENCY);

const fields = object({
  /** Virtual nanoseconds from a kick until the device looks at the queue, 0 to 10^10. Default 0. */
  notice: v.optional(whole(0, LONGEST)),
  /** Until it has looked, it suppresses kicks: NO_NOTIFY, or DISABLE in a packed ring. Default false. */
  hush: v.optional(flag),
  /**
   * Virtual nanoseconds from the end of the work to the used ring, 0 to 10^10: a fixed delay, or a random one
   * between the two values of a pair. Default 0.
   */
  latency: v.optional(latency),
  /** `random` lets a completion overtake another, and shuffles those that are published together. Default `fifo`. */
  order: v.optional(v.picklist(['fifo', 'random'], '"fifo" or "random"')),
  /** Publish this many together, or what is there this long (virtual nanoseconds) after the first was due. Default: each alone. */
  batch: v.optional(
    object({
      /** How many completions are published together, 2 to 32768. */
      chains: whole(2, 32_768),
      /** The longest that the first of them waits, in virtual nanoseconds: 1 to 10^10, which are ten seconds. */
      within,
      /** With IN_ORDER: one used entry for many, as the standard allows. Default false. */
      lastOnly: v.optional(flag),
    }),
  ),
  /** Which interrupts the published completions raise. */
  interrupts: v.optional(
    object({
      /** One interrupt for this many, or this long (virtual nanoseconds) after the first that waits. Default: one each. */
      coalesce: v.optional(
        object({
          /** How many interrupts become one, 2 to 32768. */
          interrupts: whole(2, 32_768),
          /** The longest that the first of them waits, in virtual nanoseconds: 1 to 10^10, which are ten seconds. */
          within,
        }),
      ),
      /**
       * One publication in this many (0 to 10^6), at random, is followed by an interrupt without a new completion, if the
       * driver has wanted an interrupt since the reset. Default 0, none.
       */
      spurious: v.optional(oneIn),
      /**
       * One interrupt in this many (0 to 10^6), at random, comes together with one of the configuration, of which nothing
       * changed. Default 0, none.
       */
      configuration: v.optional(oneIn),
      /**
       * One interrupt in this many (0 to 10^6), at random, is lost: a fault, from which a driver need not recover.
       * Default 0, none.
       */
      lost: v.optional(oneIn),
    }),
  ),
  /** Writable buffers read db while the device owns them. Default false. */
  spoil: v.optional(flag),
  /**
   * As legacy devices may: by the legacy interface, half of the used entries of chains that the device reads, at
   * random, have a meaningless length. Default false.
   */
  oddLengths: v.optional(flag),
});

type Fields = typeof fields;
/** An interface, so that other options can refer to it by name and keep each field's docstring. */
export interface CompletionSchema extends Fields {}

/** How completions reach the driver; the seed makes every choice. */
export const completion: CompletionSchema = fields;

/** How completions reach the driver: of a machine, a NIC or the SCSI adapter. Times are virtual nanoseconds. */
export type CompletionOptions = v.InferInput<typeof completion>;

/** What `options` ask for, in full; null where they ask for nothing. */
export function completionPolicy(options: CompletionOptions | undefined): CompletionPolicy | null {
  if (options === undefined) return null;
  const { latency: delay = 0, batch, interrupts, order } = options;
  const { coalesce = null, spurious = 0, configuration = 0, lost = 0 } = interrupts ?? {};
  return {
    notice: options.notice ?? AT_ONCE.notice,
    hush: options.hush ?? AT_ONCE.hush,
    latency: typeof delay === 'number' ? [delay, delay] : delay,
    order: order ?? AT_ONCE.order,
    batch: batch === undefined ? null : { ...batch, lastOnly: batch.lastOnly ?? false },
    interrupts: { coalesce, spurious, configuration, lost },
    spoil: options.spoil ?? AT_ONCE.spoil,
    oddLengths: options.oddLengths ?? AT_ONCE.oddLengths,
  };
}
