import { behind, behindMemory, rewriteHeader } from '../../../conformance/broken/behind.ts';
import { answerCommon, CommonRegister, structuresOf } from '../../../conformance/broken/behind-modern.ts';
import {
  type BrokenDriver,
  breaking,
  brokenModernRng,
  brokenNet,
  sendsTwice,
} from '../../../conformance/broken/broken-driver.ts';
import { entriesOf } from '../../../conformance/broken/rewrite-rings.ts';
import { FRAME } from '../../../conformance/reference.ts';
import type { Gpa } from '../../../core/bits.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { virtioNet } from '../../../guest/index.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import type { MachineOptions } from '../../../machine/options.ts';
import {
  FEATURE,
  LEGACY_QUEUE_ALIGN,
  legacyQueueLayout,
  PVIRTQ_EVENT,
  pvirtq_event_suppress,
  QUEUE_NOTIFY,
  virtq_avail,
  virtq_used,
  virtq_used_elem,
} from '../../../virtio/registers.ts';
import {
  device_feature,
  driver_feature,
  driver_feature_select,
} from '../../../virtio/transport/modern/registers.ts';

const [RECEIVE, TRANSMIT] = [0, 1];
/** The device's delay, long enough for the second frame to come first. */
const LATE = 2_000_000;
const EVENT_IDX = 1 << FEATURE.EVENT_IDX;

/** Some kicks of a legacy function are never made. */
const forgets = (isForgotten: (queue: number) => boolean) => (port: GuestPort, bdf: number) =>
  rewriteHeader(port, bdf, QUEUE_NOTIFY, (queue) => (isForgotten(queue) ? null : queue));

/** Every kick but the first is forgotten. */
function forgetsLater(port: GuestPort, bdf: number): GuestPort {
  const kicked = new Set<number>();
  const isLater = (queue: number) => kicked.size === kicked.add(queue).size;
  return forgets(isLater)(port, bdf);
}

/** A modern function of one queue is never kicked. */
function neverKicks(port: GuestPort, bdf: number): GuestPort {
  const { notify } = structuresOf(port, bdf);
  return behind(port, {
    write: (at, value, width) => {
      if (at !== notify) port.write(at, value, width);
    },
  });
}

/** The first 32 accepted features go through `change`, without the driver's knowledge. */
function accepts(change: (features: number) => number) {
  return (port: GuestPort, bdf: number) => {
    const [select, feature] = [driver_feature_select, driver_feature].map(
      (register) => new CommonRegister(port, bdf, register).address,
    );
    let word = 0;
    return behind(port, {
      write: (at, value, width) => {
        if (at === select) word = value;
        port.write(at, at === feature && word === 0 ? change(value) : value, width);
      },
    });
  };
}

/** A driver from before EVENT_IDX that writes back all features that it was offered. */
function takesUnknown(port: GuestPort, bdf: number): GuestPort {
  const hidden = answerCommon(port, bdf, device_feature, (ask) => (ask() & ~EVENT_IDX) >>> 0);
  return accepts((features) => (features | EVENT_IDX) >>> 0)(hidden, bdf);
}

/** The good driver, by messages, of a NIC whose rings suppress kicks where a driver must not look. */
const heedsDecoys = (ringFeatures: MachineOptions['ringFeatures']) =>
  breaking(
    virtioNet({ interrupts: 'msix' }),
    (nic) => nic.post(FRAME),
    () => gceN1({ virtio: 'modern', ringFeatures, kickDecoys: true }),
  );

const twiceOn = (options: MachineOptions, name: string, clause: BrokenDriver['clause']): BrokenDriver => ({
  ...sendsTwice(name, clause, kicksAlways),
  machine: () => gceN1(options),
});

/** Mistakes in when to kick. */
export const MUTANTS: readonly BrokenDriver[] = [
  brokenNet(
    'never kicks its transmit queue',
    'virtio/VQ-AVSUP-D4',
    forgets((queue) => queue === TRANSMIT),
  ),
  brokenNet(
    'never kicks its receive queue',
    'virtio/VQ-AVSUP-D4',
    forgets((queue) => queue === RECEIVE),
  ),
  sendsTwice('kicks each queue once', 'virtio/VQ-AVSUP-D4', forgetsLater),
  heedsDecoys(['EVENT_IDX'])(
    'takes EVENT_IDX for granted',
    'virtio/VQ-AVSUP-D2',
    accepts((features) => (features & ~EVENT_IDX) >>> 0),
  ),
  brokenModernRng({ ringFeatures: ['EVENT_IDX'] })(
    'never kicks, with EVENT_IDX',
    'virtio/VQ-AVSUP-D6',
    neverKicks,
  ),
  brokenModernRng({ ringFeatures: ['RING_PACKED'] })(
    'never kicks a packed ring',
    'virtio/PACKED-IMP-13',
    neverKicks,
  ),
  heedsDecoys(['EVENT_IDX'])(
    'accepts EVENT_IDX, and knows used.flags alone',
    'virtio/VQ-AVSUP-D5',
    takesUnknown,
  ),
  twiceOn(
    { completion: { notice: LATE, hush: true } },
    'kicks whatever used.flags says',
    'virtio/VQ-AVSUP-D3',
  ),
  twiceOn(
    { virtio: 'modern', ringFeatures: ['EVENT_IDX'], completion: { notice: LATE } },
    'kicks whatever avail_event says',
    'virtio/VQ-AVSUP-D7',
  ),
  twiceOn(
    { virtio: 'modern', ringFeatures: ['RING_PACKED'], completion: { notice: LATE, hush: true } },
    'kicks whatever the event structure says',
    'virtio/PACKED-IMP-14',
  ),
];

/**
 * A driver that reads from every ring that the device wants notifications: it always kicks. Rings are known by their
 * allocation.
 */
export function kicksAlways(port: GuestPort): GuestPort {
  const { memory } = port;
  const answers = new Map<Gpa, () => number>();
  const idxs = new Map<Gpa, number>();
  const learn = (at: Gpa, bytes: number, align: number) => {
    if (align === pvirtq_event_suppress.size)
      answers.set(at + pvirtq_event_suppress.offset.flags, () => PVIRTQ_EVENT.ENABLE);
    const size = align === LEGACY_QUEUE_ALIGN ? entriesOf(bytes) : undefined;
    if (size === undefined) return;
    const { avail, used } = legacyQueueLayout(size);
    const idx = at + avail + virtq_avail.offset.idx;
    idxs.set(idx, 0);
    answers.set(at + used, () => 0);
    // One behind the index that was just published.
    answers.set(
      at + used + virtq_used.size + size * virtq_used_elem.size,
      () => (idxs.get(idx)! - 1) & 0xffff,
    );
  };
  return behind(port, {
    allocate: (bytes, align) => {
      const at = port.allocate(bytes, align);
      learn(at, bytes, align);
      return at;
    },
    memory: {
      ...behindMemory(memory, (at, value, width) => {
        if (idxs.has(at)) idxs.set(at, value);
        memory.store(at, value, width);
      }),
      load: (at, width) => answers.get(at)?.() ?? memory.load(at, width),
    },
  });
}
