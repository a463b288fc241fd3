import type { Board } from '../../../core/board.ts';
import { VirtioDevice } from '../../../virtio/device.ts';
import type { VirtioEvents } from '../../../virtio/events.ts';
import { type Manners, PLAIN } from '../../../virtio/manners.ts';
import { FEATURE, LEGACY_CONFIG, VIRTIO_ID } from '../../../virtio/registers.ts';
import type { SeenFunction } from './survey.ts';

/** Features of one interface, by words. */
const WORDS = 4;
/** Entries of a queue whose size was not read: chosen so that no ring is too short for it, nor a size too large. */
const UNREAD = { legacy: 2, modern: 32_768 } as const;
/** Device types of virtio that QEMU has and we do not. */
const OTHER_IDS: Readonly<Record<string, number>> = {
  blk: 2,
  serial: 3,
  gpu: 16,
  input: 18,
  vsock: 19,
  '9p': 9,
};
const CONFIG_BYTES = 64;

/**
 * A virtio device of which a trace shows the registers, and nothing in RAM: it has the features and the queues that the
 * trace shows, and serves none.
 */
export class LoggedVirtio extends VirtioDevice {
  constructor(name: string, board: Board, seen: SeenFunction) {
    super(name, board, {
      virtioId: typeOf(seen),
      offered: offeredOf(seen),
      queueSizes: queueSizesOf(seen),
      configBytes: configBytesOf(seen),
      dependencies: [],
      manners: mannersOf(seen),
    });
  }

  /** Its rings are not read, so the watch is not attached to them. */
  override watchedBy(events: VirtioEvents | null): void {
    this.events = events;
  }

  role(index: number): string {
    return `queue ${index}`;
  }

  readConfig(): number {
    return 0;
  }

  writeConfig(): void {}

  protected kicked(): void {}

  protected restart(): void {}
}

function typeOf({ type }: SeenFunction): number {
  const known: Readonly<Record<string, number>> = { ...OTHER_IDS, ...VIRTIO_ID };
  return known[type ?? ''] ?? 0;
}

/** The features that it offered; if those were not read, the ones that its driver accepted. */
function offeredOf({ offered, taken, isModern }: SeenFunction): number[] {
  const bits: number[] = isModern ? [FEATURE.VERSION_1] : [];
  for (let word = 0; word < WORDS; word++)
    for (let bit = 0; bit < 32; bit++)
      if (((offered[word] ?? taken[word]!) >>> bit) & 1) bits.push(32 * word + bit);
  return [...new Set(bits)];
}

function queueSizesOf({ queueSizes, queues, byModern }: SeenFunction): number[] {
  const unread = UNREAD[byModern ? 'modern' : 'legacy'];
  const length = Math.max(1, queues, queueSizes.length);
  return Array.from({ length }, (_, index) => queueSizes[index] ?? unread);
}

/** As many as make its base address as large as in the trace. */
function configBytesOf({ sizes }: SeenFunction): number {
  return sizes[0]! > LEGACY_CONFIG.withMsix ? sizes[0]! - LEGACY_CONFIG.withMsix : CONFIG_BYTES;
}

function mannersOf({ isModern, isTransitional }: SeenFunction): Manners {
  return { ...PLAIN, shows: isModern ? 'modern' : isTransitional ? 'transitional' : 'legacy' };
}
