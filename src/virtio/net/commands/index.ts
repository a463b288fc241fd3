import { COALESCING } from './coalescing.ts';
import { FILTERS } from './filters.ts';
import type { Served } from './served.ts';
import { STATISTICS } from './statistics.ts';
import { STEERING } from './steering.ts';

/** All commands of the control queue (virtio 1.4, Control Virtqueue). */
const SERVED: readonly Served[] = [...FILTERS, ...STEERING, ...COALESCING, ...STATISTICS];

export function servedBy(className: number, command: number): Served | undefined {
  return SERVED.find((one) => one.class === className && one.command === command);
}
