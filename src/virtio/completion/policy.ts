import type { Nanos } from '../../core/bits.ts';
import type { InterruptPolicy } from '../../core/interrupt-shaper.ts';

/**
 * When and how a device's completions reach the driver. The device finishes a chain as usual; this decides when it appears
 * in the ring, and which interrupts are sent. All choices come from the machine's seed.
 */
export interface CompletionPolicy {
  /** Virtual nanoseconds from a kick until the device looks at the queue; 0 is within the kick. */
  readonly notice: Nanos;
  /** It asks not to be kicked again until it has looked. */
  readonly hush: boolean;
  /** Virtual nanoseconds from the end of the work to the used ring: from and to, inclusive. 0 is within the kick. */
  latency: readonly [Nanos, Nanos];
  /**
   * `fifo` keeps the order in which the device finished. With `random` no chain waits for older ones, and chains published
   * together are shuffled. If the driver accepted IN_ORDER, the order is that of the available ring.
   */
  readonly order: 'fifo' | 'random';
  /** Publish together; null publishes each when it is due. */
  readonly batch: {
    /** Publish when so many chains are due, */
    readonly chains: number;
    /** or this long after the first of them became due. */
    readonly within: Nanos;
    /** With IN_ORDER, write one used entry for a run of completely used chains: that of its last. */
    readonly lastOnly: boolean;
  } | null;
  readonly interrupts: InterruptPolicy;
  /** Writable buffers read db from the moment the device takes them until they come back. */
  readonly spoil: boolean;
  /** On the legacy interface, every second length at random of a chain that the device read is wrong; otherwise true. */
  oddLengths: boolean;
}

/** The policy of a device without one. */
export const AT_ONCE: CompletionPolicy = {
  notice: 0,
  hush: false,
  latency: [0, 0],
  order: 'fifo',
  batch: null,
  interrupts: { coalesce: null, spurious: 0, configuration: 0, lost: 0 },
  spoil: false,
  oddLengths: false,
};
