import { type Cell, cellName } from '../virtqueue/cells.ts';
import type { PeerKind } from '../virtqueue/peer.ts';

/** The checked virtqueue cells, by our build. Each is a ratio to lean C. */
const QUEUES: Readonly<Record<string, readonly string[]>> = {
  plain: [
    'split a, batch 1',
    'split a, batch 32',
    'split c, batch 32',
    'split c, copy, batch 32',
    'packed b, batch 32',
  ],
  wasm: ['split c, copy, batch 32'],
  batch: ['split a, batch 32', 'split c, batch 32', 'split b, copy, batch 32'],
};

/** The cost of judging: a ratio of a machine with a judge and one without, or with less of one. */
export const JUDGED: readonly string[] = ['frame', '32 frames, lost', 'scsi read', 'driver sends'];

/** Whole paths through a device, compared with lean C. */
export const PATHS: readonly string[] = [
  'read 4K',
  'frame out, 1500',
  'frame in',
  'cut',
  'sum 64',
  'uart byte',
];

export function queueName(cell: Cell, build: string): string {
  return `${cellName(cell)}, ${build}`;
}

export function isChecked(cell: Cell): boolean {
  return Object.values(QUEUES).some((names) => names.includes(cellName(cell)));
}

/** Lean C, and our builds in the checked cells. */
export function takesPart({ peer, build }: PeerKind): boolean {
  return peer === 'c' || (peer === 'guestrig' && build in QUEUES);
}

/** All checked ratios. */
export const NAMES: readonly string[] = [
  ...Object.entries(QUEUES).flatMap(([build, names]) => names.map((name) => `${name}, ${build}`)),
  ...JUDGED.map((name) => `judged ${name}`),
  ...PATHS,
];
