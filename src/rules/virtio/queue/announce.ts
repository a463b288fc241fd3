import type { Mark } from '../../../core/access.ts';
import type { Rule, Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';

/**
 * What is told of announcements: the queue was `kicked`, the device found by itself what it had asked not to be told of,
 * and was `spared`, the run `ended`.
 */
export type AnnounceMoment = 'kicked' | 'spared' | 'ended';

/** What the rules know of how a driver announces what it makes available. */
export interface AnnounceKnows extends Knows {
  readonly packed: boolean;
  readonly eventIdx: boolean;
  /** Where a driver must not look, the device says that it need not kick. */
  readonly decoys: boolean;
  /** Something was made available since the ring was handed over. */
  readonly inUse: boolean;
  /** The device asked to be told of what is available now, and was not. */
  readonly due: boolean;
  /** This kick tells of something, and the device had asked not to be told. */
  readonly undue: boolean;
  /** How often it was kicked. */
  readonly kicks: number;
  /** Where the driver is in the ring, and where the device asked to be told: as text. */
  readonly place: string;
  /** The last kick. */
  readonly since: Mark;
}

const SUPPRESSION = 'virtio 1.4, Available Buffer Notification Suppression';
const STRUCTURE = 'virtio 1.4, Event Suppression Structure Format';
type Check = Pick<Rule<AnnounceKnows, AnnounceMoment>, 'on' | 'when' | 'kept' | 'said' | 'since' | 'follows'>;

/** Kicks that go to another queue, or nowhere. */
const ASTRAY = [
  'virtio/PCI-KICK-D1',
  'virtio/PCI-KICK-D3',
  'virtio/PCI-CAP-D1',
  'virtio/PCI-CAP-D4',
] as const;

/** Nobody told the device: what lies in the ring will lie there for ever. */
function announces(when: (k: AnnounceKnows) => boolean, ...before: readonly string[]): Check {
  return {
    follows: [...ASTRAY, ...before],
    on: 'ended',
    when: (k) => k.inUse && when(k),
    kept: (k) => !k.due,
    said: (k) =>
      `buffers were made available and never announced: ${k.place}; ${k.kicks === 0 ? 'it was never kicked' : 'no kick came after that'}`,
    since: (k) => k.since,
  };
}

function keepsStill(when: (k: AnnounceKnows) => boolean): Check {
  return {
    on: ['kicked', 'spared'],
    when,
    kept: (k) => !k.undue,
    said: (k) => `it was kicked though the device had asked not to be: ${k.place}`,
    since: (k) => k.since,
  };
}

/** Rules of who tells a device of buffers. */
export const ANNOUNCE = {
  'virtio/VQ-AVSUP-D4': {
    strength: 'MUST',
    where: SUPPRESSION,
    text: 'Without EVENT_IDX, kick after adding buffers while used.flags=0',
    advice: 'After each move of avail.idx, behind a barrier, read used.flags, and notify unless it is 1.',
    ...announces((k) => !k.packed && !k.eventIdx && !k.decoys),
  },
  'virtio/VQ-AVSUP-D2': {
    strength: 'MUST',
    where: SUPPRESSION,
    text: 'Without EVENT_IDX, ignore avail_event',
    advice: 'Decide by used.flags alone; what stands behind the used ring means nothing without EVENT_IDX.',
    ...announces((k) => !k.packed && !k.eventIdx && k.decoys, 'virtio/VQ-AVSUP-D4'),
  },
  'virtio/VQ-AVSUP-D6': {
    strength: 'MUST',
    where: SUPPRESSION,
    text: 'With EVENT_IDX, kick when the entry at avail_event was written',
    advice:
      'After avail.idx went from old to new, notify if (new - avail_event - 1) mod 65536 < (new - old) mod 65536.',
    ...announces((k) => !k.packed && k.eventIdx && !k.decoys),
  },
  'virtio/VQ-AVSUP-D5': {
    strength: 'MUST',
    where: SUPPRESSION,
    text: 'With EVENT_IDX, ignore bit 0 of used.flags',
    advice: 'Decide by avail_event alone, whatever used.flags says.',
    ...announces((k) => !k.packed && k.eventIdx && k.decoys, 'virtio/VQ-AVSUP-D6'),
  },
  'virtio/PACKED-IMP-13': {
    strength: 'MUST',
    where: STRUCTURE,
    text: "Packed ring: kick after adding buffers unless the device's event structure says otherwise",
    advice:
      'Behind a barrier, read the flags: notify at 0; at 1 do not; at 2, with EVENT_IDX, when the descriptor named was among those added.',
    ...announces((k) => k.packed),
  },
  'virtio/VQ-AVSUP-D3': {
    strength: 'SHOULD NOT',
    where: SUPPRESSION,
    text: 'Without EVENT_IDX, no kick while used.flags=1',
    advice: 'Read used.flags after avail.idx was moved, and leave the kick if it is 1.',
    ...keepsStill((k) => !k.packed && !k.eventIdx),
  },
  'virtio/VQ-AVSUP-D7': {
    strength: 'SHOULD NOT',
    where: SUPPRESSION,
    text: 'With EVENT_IDX, otherwise no kick',
    advice: 'Leave the kick if the index that avail_event names was not passed.',
    ...keepsStill((k) => !k.packed && k.eventIdx),
  },
  'virtio/PACKED-IMP-14': {
    strength: 'NOTE',
    where: STRUCTURE,
    text: "Packed ring: no kick while the flags of the device's event structure are 1",
    advice: 'Read the flags after the descriptor was made available, and leave the kick if they are 1.',
    ...keepsStill((k) => k.packed),
  },
} as const satisfies Rules<AnnounceKnows, AnnounceMoment>;
