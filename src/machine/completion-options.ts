import * as v from 'valibot';
import { AT_ONCE, type CompletionPolicy } from '../virtio/completion/policy.ts';
import { flag, object, whole } from './option-kinds.ts';

const LONGEST = 10_000_000_000;
const LATENCY = `virtual nanoseconds from 0 to ${LONGEST}, or a list of the least and the most`;
const within = whole(1, LONGEST);
const oneIn = whole(0, 1_000_000);

const latency = v.custom<number | readonly [least: number, most: number]>((x) => {
  const range = Array.isArray(x) ? x : [x, x];
  const [least, most] = range;
  return (
    range.length === 2 && range.every(Number.isInteger) && least >= 0 && least <= most && most <= LONGEST
  );
}, LATENCY);

const fields = object({
  /** Virtual nanoseconds from a kick until the device looks at the queue, 0 to 10^10. Default 0. */
  notice: v.optional(whole(0, LONGEST)),
  /** Until it has looked, it asks not to be kicked again: NO_NOTIFY, or DISABLE in a packed ring. Default false. */
  hush: v.optional(flag),
  /**
   * Virtual nanoseconds from the end of the work to the used ring, 0 to 10^10: always so many, or by chance from the
   * least to the most of a pair. Default 0.
   */
  latency: v.optional(latency),
  /** `random` lets a completion overtake another, and shuffles those that are published together. Default `fifo`. */
  order: v.optional(v.picklist(['fifo', 'random'], '"fifo" or "random"')),
  /** Publish so many together, or what there is so long (virtual nanoseconds) after the first was due. */
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
  /** Which interrupts come of what is published: all of them, one at a time, unless something here says otherwise. */
  interrupts: v.optional(
    object({
      /** One for so many, or so long (virtual nanoseconds) after the first that waits. */
      coalesce: v.optional(
        object({
          /** How many interrupts become one, 2 to 32768. */
          interrupts: whole(2, 32_768),
          /** The longest that the first of them waits, in virtual nanoseconds: 1 to 10^10, which are ten seconds. */
          within,
        }),
      ),
      /**
       * One publication in so many (0 to 10^6), by chance, is followed by an interrupt without news, to a driver that has wanted one
       * since the reset. Default 0, none.
       */
      spurious: v.optional(oneIn),
      /** One interrupt in so many (0 to 10^6), by chance, is lost: a fault, from which a driver need not recover. Default 0, none. */
      lost: v.optional(oneIn),
    }),
  ),
  /** Writable buffers read db while the device has them. Default false. */
  spoil: v.optional(flag),
  /**
   * As legacy devices may: by the legacy interface, one used entry in two, by chance, of a chain that the device reads has a
   * length that means nothing. Default false.
   */
  oddLengths: v.optional(flag),
});

type Fields = typeof fields;
/** Has a name so that other options refer to it, with what is said of each field. */
export interface CompletionSchema extends Fields {}

/** How completions reach the driver; the seed makes every choice. */
export const completion: CompletionSchema = fields;

/** How completions reach the driver: of a machine, a NIC or the SCSI adapter. Times are virtual nanoseconds. */
export type CompletionOptions = v.InferInput<typeof completion>;

/** What `options` ask for, in full; null where they ask for nothing. */
export function completionPolicy(options: CompletionOptions | undefined): CompletionPolicy | null {
  if (options === undefined) return null;
  const { latency: delay = 0, batch, interrupts, order } = options;
  const { coalesce = null, spurious = 0, lost = 0 } = interrupts ?? {};
  return {
    notice: options.notice ?? AT_ONCE.notice,
    hush: options.hush ?? AT_ONCE.hush,
    latency: typeof delay === 'number' ? [delay, delay] : delay,
    order: order ?? AT_ONCE.order,
    batch: batch === undefined ? null : { ...batch, lastOnly: batch.lastOnly ?? false },
    interrupts: { coalesce, spurious, lost },
    spoil: options.spoil ?? AT_ONCE.spoil,
    oddLengths: options.oddLengths ?? AT_ONCE.oddLengths,
  };
}
