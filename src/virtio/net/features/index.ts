import { COALESCING } from '../commands/coalescing.ts';
import { FILTERS } from '../commands/filters.ts';
import { STATISTICS } from '../commands/statistics.ts';
import { STEERING } from '../commands/steering.ts';
import type { Served } from './feature.ts';

/** All commands of the control queue (virtio 1.4, Control Virtqueue). */
const SERVED: readonly Served[] = [...FILTERS, ...STEERING, ...COALESCING, ...STATISTICS];

export function servedBy(className: number, command: number): Served | undefined {
  return SERVED.find((one) => one.class === className && one.command === command);
}
