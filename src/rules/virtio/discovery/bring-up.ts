import { hex } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';
import { DEVICE_STATUS } from '../../../virtio/registers.ts';

const { DRIVER_OK, FAILED } = DEVICE_STATUS.mask;

/**
 * A driver that touches its device only later is not judged here. One that set up a queue and continued without
 * DRIVER_OK forgot it: the device did not deter it.
 */
const cameUp = ({ threw, status, queued }: BringUpWatch) =>
  !threw && (status === 0 || (status & DRIVER_OK) !== 0 || (queued && (status & FAILED) === 0));

const CONFIGURATION = 'virtio 1.4, Device Configuration Space';

function worksWith(unusual: string, what: (k: BringUpWatch) => string) {
  return {
    on: 'attached',
    when: (k: BringUpWatch) => k.unusual.includes(unusual),
    kept: cameUp,
    said: (k: BringUpWatch) =>
      `with ${what(k)} the driver ${k.threw ? 'gave up' : 'came to its end'} at status ${hex(k.status, 2)}`,
  } as const;
}

/** Rules on what a driver must tolerate: it still reaches DRIVER_OK. */
export const BRING_UP_RULES = {
  'virtio/MSIX-D1': {
    where: 'virtio 1.4, MSI-X Vector Configuration',
    text: 'A driver MUST work with every MSI-X Table Size from 0 to 0x7FF.',
    advice:
      'With fewer vectors than queues, let queues share one, or fall back to INTx; with more, keep the rest masked.',
    ...worksWith(
      'MSI-X table',
      ({ vectors }) => `an MSI-X table of ${vectors} ${vectors === 1 ? 'entry' : 'entries'}`,
    ),
  },
  'virtio/CFG-D4': {
    where: CONFIGURATION,
    text: 'A driver MUST NOT limit the size of structures or of the configuration space.',
    advice: 'Map what you need of a structure and ignore the rest, however long it is.',
    ...worksWith('long configuration', () => 'a device configuration of more than a thousand bytes'),
  },
  'virtio/CFG-D5': {
    where: CONFIGURATION,
    text: 'A driver SHOULD only check that the configuration space is large enough.',
    advice: 'Compare the length of the structure with >=, never with ==.',
    ...worksWith('odd configuration', () => 'a device configuration of an odd length'),
  },
  'discovery/REVISION': {
    where: 'virtio 1.4, PCI Device Discovery',
    text: 'A driver MUST bring up a device with any Revision ID.',
    advice:
      'Tell a modern device by its Device ID, and a legacy one by the features it lacks; do not use the revision.',
    ...worksWith('revision', () => 'a Revision ID that modern devices rarely have'),
  },
} as const satisfies Rules<BringUpWatch>;

/**
 * Judges how a driver left an unusual function that it was given.
 *
 * @example
 * new BringUpWatch('net0 (00:04.0)', journal).attached({ unusual: ['revision'], vectors: 3, status: 0x0f, threw: false, queued: true });
 */
export class BringUpWatch {
  readonly subject: string;
  /** What is unusual about the function: `MSI-X table`. */
  unusual: readonly string[] = [];
  /** Entries of its MSI-X table; 0 without. */
  vectors = 0;
  /** The device status when the driver returned. */
  status = 0;
  /** It did not return: it threw. */
  threw = false;
  /** It set up a queue. */
  queued = false;
  private readonly on;

  constructor(subject: string, journal: Journal) {
    this.subject = subject;
    this.on = new Watch(journal, BRING_UP_RULES).on;
  }

  attached(how: Omit<BringUpWatch, 'subject' | 'attached'>): void {
    Object.assign(this, how);
    this.on.attached.tell(this);
  }
}
