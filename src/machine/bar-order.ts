/** A base address register that firmware is about to place. */
export interface Bar {
  readonly bdf: number;
  readonly offset: number;
  readonly io: boolean;
  /** Bytes it decodes. */
  readonly bytes: number;
  /** Bytes it takes, aligned to as many: memory by whole pages. */
  readonly size: number;
}

/** As SeaBIOS does it (src/fw/pciinit.c): the largest first, so that each is aligned; of one size, by their slots. */
export function seabiosOrder(bars: readonly Bar[]): Bar[] {
  return [...bars].sort((a, b) => b.size - a.size);
}

/**
 * As EDK2 does it (MdeModulePkg, InsertResourceNode of PciBusDxe), slot by slot: a register goes before the first that
 * needs less alignment. Of the same alignment it goes before those whose rest, the bytes they decode beyond a multiple
 * of it, is no larger than its own; without a rest it goes before all of them.
 */
export function edk2Order(bars: readonly Bar[]): Bar[] {
  const order: Bar[] = [];
  for (const bar of bars) {
    const at = order.findIndex((other) => goesBefore(bar, other));
    order.splice(at < 0 ? order.length : at, 0, bar);
  }
  return order;
}

function goesBefore(bar: Bar, other: Bar): boolean {
  if (bar.size !== other.size) return bar.size > other.size;
  const rest = bar.bytes % bar.size;
  return rest === 0 || rest >= other.bytes % other.size;
}
