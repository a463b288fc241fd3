import type { Nanos } from '../../core/bits.ts';

/**
 * How a device's completions reach the driver. A device finishes a chain as ever; when the driver finds it in the
 * ring, and what it is told, is up to this. All choices come from the machine's seed.
 */
export interface CompletionPolicy {
  /** Virtual nanoseconds from a kick until the device looks at the queue; 0 is within the kick. */
  readonly notice: Nanos;
  /** It asks not to be kicked again until it has looked. */
  readonly hush: boolean;
  /** Virtual nanoseconds from the end of the work to the used ring: from and to, both included. 0 is within the kick. */
  readonly latency: readonly [Nanos, Nanos];
  /**
   * `fifo` keeps the order in which the device finished. With `random` nothing waits for what is older, and what is
   * published together is shuffled. Where the driver accepted IN_ORDER, the order is that of the available ring.
   */
  readonly order: 'fifo' | 'random';
  /** Publish together; null publishes each when it is due. */
  readonly batch: {
    /** So many chains at least, */
    readonly chains: number;
    /** or what is due, this long after the first of it was. */
    readonly within: Nanos;
    /** With IN_ORDER, write one used entry for a run of chains that were used completely: that of its last. */
    readonly lastOnly: boolean;
  } | null;
  readonly interrupts: InterruptPolicy;
  /** Writable buffers read db from the moment the device takes them until they come back. */
  readonly spoil: boolean;
  /** By the legacy interface, one length in two of a chain that the device read means nothing, by chance; from when it is true. */
  oddLengths: boolean;
}

/** What becomes of the interrupts that a driver asked for. */
export interface InterruptPolicy {
  /** One for so many, or this long after the first that waits; null sends each. */
  readonly coalesce: { readonly interrupts: number; readonly within: Nanos } | null;
  /** One publication in so many, by chance, is followed by an interrupt that has nothing to tell; 0 is none. */
  readonly spurious: number;
  /** One interrupt in so many, by chance, never comes; 0 is none. No device may do that: it is an injected fault. */
  readonly lost: number;
}

/** What a device without a policy does. */
export const AT_ONCE: CompletionPolicy = {
  notice: 0,
  hush: false,
  latency: [0, 0],
  order: 'fifo',
  batch: null,
  interrupts: { coalesce: null, spurious: 0, lost: 0 },
  spoil: false,
  oddLengths: false,
};
