import type { MachineOptions } from '../../src/index.ts';

export const MIB = 1 << 20;
/** All random delays are within a millisecond, so that no driver's patience of a second is exhausted. */
const ALL = {
  latency: [1000, 200_000],
  order: 'random',
  batch: { chains: 3, within: 50_000, lastOnly: true },
  interrupts: { coalesce: { interrupts: 2, within: 80_000 }, spurious: 2 },
  spoil: true,
} satisfies MachineOptions['completion'];
export const POLICIES: readonly (readonly [name: string, completion: MachineOptions['completion']])[] = [
  ['after a latency', { latency: 50_000 }],
  ['out of order, memory spoiled', { latency: [1000, 200_000], order: 'random', spoil: true }],
  ['in batches', { batch: { chains: 4, within: 20_000, lastOnly: true } }],
  ['with spurious interrupts', { interrupts: { spurious: 1 } }],
  ['with all of that and coalesced interrupts', ALL],
];
export const WAYS: readonly (readonly [name: string, options: MachineOptions])[] = [
  ['legacy', {}],
  ['split, RAM above 4 GiB', { memory: { below4G: 8 * MIB, above4G: 16 * MIB, driversAbove4G: true } }],
  ['packed', { virtio: 'modern', ringFeatures: ['RING_PACKED'] }],
  ['split, IN_ORDER', { virtio: 'modern', ringFeatures: ['IN_ORDER', 'EVENT_IDX', 'INDIRECT_DESC'] }],
  ['packed, IN_ORDER', { virtio: 'modern', ringFeatures: ['RING_PACKED', 'IN_ORDER', 'EVENT_IDX'] }],
];
