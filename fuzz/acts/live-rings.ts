import { QUEUE_NOTIFY } from '../../src/virtio/registers.ts';
import { MODERN_BAR, MODERN_NOTIFY } from '../guest/places.ts';
import type { Player } from './player.ts';

/** A live ring, as seen by the device. */
export interface Ring {
  readonly bdf: number;
  readonly index: number;
  readonly size: number;
  /** Addresses of the descriptors, and of the driver's area. */
  readonly desc: number;
  readonly driver: number;
}

/** A queue with its internals; a completion queue wraps its ring. */
interface Queue {
  readonly index: number;
  readonly size: number;
  readonly address: number;
  readonly driver?: number;
  readonly ring?: Queue;
}

/** A device of the machine, with its internals. */
interface Inside {
  readonly device?: { readonly queues: readonly Queue[] };
}

/** Every ring that a driver set up. */
export function liveRings({ machine }: Player): Ring[] {
  return machine.functions.flatMap((fn) => {
    const queues = (fn as unknown as Inside).device?.queues ?? [];
    return queues.filter(({ address }) => address !== 0).map((queue) => ({ bdf: fn.bdf, ...placeOf(queue) }));
  });
}

function placeOf(queue: Queue): Omit<Ring, 'bdf'> {
  const { index, size, address, driver = 0 } = queue.ring ?? queue;
  return { index, size, desc: address, driver };
}

/** As by a driver, by whichever interface exists. */
export function kick({ machine, wire }: Player, { bdf, index }: Ring): void {
  const bars = machine.functions.find((fn) => fn.bdf === bdf)?.bars ?? [];
  for (const { index: bar, kind, mapped } of bars) {
    if (mapped === null) continue;
    if (kind === 'io') wire.out(mapped + QUEUE_NOTIFY.offset, index, 2);
    else if (bar === MODERN_BAR) wire.write(mapped + MODERN_NOTIFY + index * 4, index, 2);
  }
}
