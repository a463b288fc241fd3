import type { Mark } from '../../../core/access.ts';
import type { Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';

/** What an event asks a driver to look at. */
export interface Awaited {
  /** A unit that may have come, one that changed, or all, since an event was lost. */
  readonly what: 'rescan' | 'change' | 'missed';
  readonly target: number;
  readonly lun: number;
  /** The access at which it was told. */
  readonly since: Mark;
  /** It was looked at; and asked who it is, or which others there are. */
  looked: boolean;
  asked: boolean;
  /** Other commands came when there had been time to look. */
  late: boolean;
}

/** What the rules know of an event that was told. */
export interface HotEventKnows extends Knows {
  readonly awaited: Awaited;
}

/** The driver looked, or the run is over and it had the time to. */
export type HotEventMoment = 'settled';

const EVENTQ = 'virtio 1.4, Device Operation: eventq';
const FEATURES = 'virtio 1.4, SCSI Host Device, Feature bits';

/** Rules of what a driver does about the events of a SCSI host adapter. */
export const HOT_EVENTS = {
  'virtio/SCSI-FEAT-D1': {
    strength: 'SHOULD',
    where: FEATURES,
    text: 'With HOTPLUG, act on hot-plug and hot-unplug events',
    advice:
      'Send INQUIRY or REPORT LUNS to the target of an event whose reason is RESCAN, or leave HOTPLUG alone.',
    on: 'settled',
    when: (k) => k.awaited.what === 'rescan',
    kept: (k) => k.awaited.looked,
    said: (k) => `${unitOf(k)} was told of as new, and nobody looked at target ${k.awaited.target}`,
    since: (k) => k.awaited.since,
  },
  'virtio/SCSI-FEAT-D2': {
    strength: 'SHOULD',
    where: FEATURES,
    text: 'With CHANGE, act on parameter-change events',
    advice: 'Ask for what changed, READ CAPACITY for one, or send TEST UNIT READY; or leave CHANGE alone.',
    on: 'settled',
    when: (k) => k.awaited.what === 'change',
    kept: (k) => k.awaited.looked,
    said: (k) => `${unitOf(k)} was told of as changed, and nobody asked it what did`,
    since: (k) => k.awaited.since,
  },
  'virtio/SCSI-EVT-D5': {
    strength: 'SHOULD',
    where: EVENTQ,
    text: 'After the missed-events bit, poll LUNs or rescan the bus',
    advice:
      'Where bit 31 of an event is set, look for units afresh: TEST UNIT READY, INQUIRY or REPORT LUNS.',
    on: 'settled',
    when: (k) => k.awaited.what === 'missed',
    kept: (k) => k.awaited.looked,
    said: () => 'an event said that others were missed, and nobody looked at any unit',
    since: (k) => k.awaited.since,
  },
  'virtio/SCSI-EVT-D7': {
    strength: 'SHOULD',
    where: EVENTQ,
    text: 'REMOVED or RESCAN for LUN 0 makes it rescan the whole target',
    advice: 'Ask the target which units it has, by REPORT LUNS or by INQUIRY: LUN 0 stands for all of them.',
    on: 'settled',
    // Who does not look at all breaks FEAT-D1.
    when: (k) => k.awaited.what === 'rescan' && k.awaited.lun === 0 && k.awaited.looked,
    kept: (k) => k.awaited.asked,
    said: (k) =>
      `${unitOf(k)} was told of as new, and nobody asked target ${k.awaited.target} which units it has`,
    since: (k) => k.awaited.since,
  },
} as const satisfies Rules<HotEventKnows, HotEventMoment>;

function unitOf({ awaited: { target, lun } }: HotEventKnows): string {
  return `target ${target} LUN ${lun}`;
}
