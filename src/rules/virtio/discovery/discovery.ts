import { hex } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';
import { VIRTIO_VENDOR_ID } from '../../../virtio/registers.ts';
import { MODERN_ID } from '../../../virtio/transport/modern/registers.ts';

const ABSENT: VirtioFound = {
  subject: '',
  device: 0,
  transitional: false,
  byModernId: false,
  byTransitionalId: false,
  refused: [],
};

const NO_STRANGER: LookAlike = { subject: '', vendor: 0, device: 0, taken: false };

/** A virtio function, and which drivers take it. */
export interface VirtioFound {
  /** `net0 (00:04.0)` */
  readonly subject: string;
  readonly device: number;
  /** Whether it can be used by the legacy interface as well as by the modern one. */
  readonly transitional: boolean;
  /** By which of the Device IDs of its type a driver takes it, with any revision. */
  readonly byModernId: boolean;
  readonly byTransitionalId: boolean;
  /** Revisions with which its drivers do not take it. */
  readonly refused: readonly number[];
}

/** A function that looks like a virtio one and is not. */
export interface LookAlike {
  readonly subject: string;
  readonly vendor: number;
  readonly device: number;
  /** A driver for virtio functions takes it. */
  readonly taken: boolean;
}

const DISCOVERY = 'virtio 1.4, PCI Device Discovery';

const isModern = ({ fn }: DiscoveryWatch) => fn.device >= MODERN_ID;
const isVirtios = ({ stranger }: DiscoveryWatch) => stranger.vendor === VIRTIO_VENDOR_ID;
const strangerText = ({ stranger: { vendor, device } }: DiscoveryWatch) =>
  `a driver for virtio functions matches ${hex(vendor, 4)}:${hex(device, 4)}`;
const idText = ({ fn }: DiscoveryWatch) => `${hex(VIRTIO_VENDOR_ID, 4)}:${hex(fn.device, 4)}`;

/** Rules on the functions that a driver takes. */
export const DISCOVERY_RULES = {
  'virtio/PCI-DISC-D1': {
    where: DISCOVERY,
    text: 'A driver MUST match Vendor ID 0x1AF4 with a Device ID of 0x1040 plus the virtio ID.',
    advice: 'Match Vendor ID 1af4 with 1040 plus the virtio ID of the type, 1041 for a network card.',
    on: 'presented',
    when: (k) => isModern(k) && (k.fn.byModernId || k.fn.byTransitionalId),
    kept: (k) => k.fn.byModernId,
    said: (k) => `the driver for its type does not match ${idText(k)}`,
  },
  'virtio/PCI-DISC-D2': {
    where: DISCOVERY,
    text: 'A driver MUST also match the transitional Device ID if the device type has one.',
    advice: 'Match both Device IDs of the type, such as 1000 and 1041 for a network card.',
    on: 'presented',
    // A function without the structures is only for legacy drivers.
    when: (k) => !isModern(k) && k.fn.transitional && (k.fn.byModernId || k.fn.byTransitionalId),
    kept: (k) => k.fn.byTransitionalId,
    said: (k) => `the driver for its type does not match ${idText(k)}`,
  },
  'virtio/PCI-DISC-D3': {
    where: DISCOVERY,
    text: 'A driver MUST match a device with any Revision ID.',
    advice: 'Ignore the Revision ID: most modern devices have 1 or more, but none must.',
    on: 'presented',
    when: (k) => isModern(k) && k.fn.byModernId,
    kept: (k) => k.fn.refused.length === 0,
    said: (k) =>
      `the driver for its type does not match ${idText(k)} with revision ${k.fn.refused.map((one) => hex(one, 2)).join(', ')}`,
  },
  'discovery/VENDOR': {
    where: `PCI 3.0, 6.2.1; ${DISCOVERY}`,
    text: 'A driver MUST NOT take a function of another vendor because of its Device ID.',
    advice: 'Compare the Vendor ID with 1af4 before the Device ID: each vendor numbers its own devices.',
    on: 'strange',
    when: (k) => !isVirtios(k),
    kept: (k) => !k.stranger.taken,
    said: strangerText,
  },
  'discovery/DEVICE': {
    where: DISCOVERY,
    text: 'A driver MUST NOT take a function because of its Vendor ID alone: virtio has Device IDs 1000 to 107f.',
    advice: 'Compare the Device ID as well: 1af4 also numbers devices that are not virtio.',
    on: 'strange',
    when: isVirtios,
    kept: (k) => !k.stranger.taken,
    said: strangerText,
  },
  'discovery/NOTHING': {
    where: `PCI 3.0, 6.2.1; ${DISCOVERY}`,
    text: 'A driver MUST find a function that it supports if there is one.',
    advice: 'Match by Vendor ID 1af4 and by the Device IDs of the type, not by class or revision.',
    on: 'scanned',
    // A driver of a type that is not here, or not by this ID, is right to find nothing.
    when: (k) => k.all > 0 && (k.taken > 0 || !k.known),
    kept: (k) => k.taken > 0,
    said: (k) => `none of ${k.all} virtio functions was taken`,
  },
} as const satisfies Rules<DiscoveryWatch>;

/** The result of a scan in which drivers were matched with functions. */
interface Scanned {
  readonly functions: readonly VirtioFound[];
  /** Functions that look like virtio ones and are not. */
  readonly strangers: readonly LookAlike[];
  /** Functions that they took, of any vendor. */
  readonly taken: number;
  /** Some driver knows a virtio type by one of its Device IDs, whether or not it is here. */
  readonly known: boolean;
}

/**
 * Compares the functions that drivers take with those that they are for.
 *
 * @example
 * new DiscoveryWatch(journal).scanned({ functions, strangers: [], taken: 2, known: true });
 */
export class DiscoveryWatch {
  fn: VirtioFound = ABSENT;
  stranger: LookAlike = NO_STRANGER;
  /** Functions that drivers took, and how many virtio functions there are. */
  taken = 0;
  all = 0;
  /** Some driver knows a virtio type by one of its Device IDs, whether or not it is here. */
  known = false;
  /**
   * `presented`: drivers were matched with a virtio function. `strange`: with another one. `scanned`: with all.
   */
  private readonly on;

  constructor(journal: Journal) {
    this.on = new Watch(journal, DISCOVERY_RULES).on;
  }

  get subject(): string {
    return this.fn.subject || this.stranger.subject || 'the bus';
  }

  scanned({ functions, strangers, taken, known }: Scanned): void {
    for (const fn of functions) {
      this.fn = fn;
      this.on.presented.tell(this);
    }
    this.fn = ABSENT;
    for (const stranger of strangers) {
      this.stranger = stranger;
      this.on.strange.tell(this);
    }
    this.stranger = NO_STRANGER;
    this.taken = taken;
    this.all = functions.length;
    this.known = known;
    this.on.scanned.tell(this);
  }
}
