import { QUEUE_NOTIFY } from '../../src/virtio/registers.ts';
import { MODERN_BAR, MODERN_NOTIFY } from '../guest/places.ts';
import type { Player } from './player.ts';

/** A live ring, as the device has it. */
export interface Ring {
  readonly bdf: number;
  readonly index: number;
  readonly size: number;
  /** Where the descriptors lie, and the driver's area. */
  readonly desc: number;
  readonly driver: number;
}

/** A queue with what only tests look at; a completion queue has its ring within. */
interface Queue {
  readonly index: number;
  readonly size: number;
  readonly address: number;
  readonly driver?: number;
  readonly ring?: Queue;
}

/** A device of the machine, with what only tests look at. */
interface Inside {
  readonly device?: { readonly queues: readonly Queue[] };
}

/** Every ring that some driver set up. */
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

/** As a driver does it, by whichever interface there is. */
export function kick({ machine, wire }: Player, { bdf, index }: Ring): void {
  const bars = machine.functions.find((fn) => fn.bdf === bdf)?.bars ?? [];
  for (const { index: bar, kind, mapped } of bars) {
    if (mapped === null) continue;
    if (kind === 'io') wire.out(mapped + QUEUE_NOTIFY.offset, index, 2);
    else if (bar === MODERN_BAR) wire.write(mapped + MODERN_NOTIFY + index * 4, index, 2);
  }
}
