import * as v from 'valibot';
import { MisuseError } from '../core/misuse.ts';
import { type Manners, PLAIN } from '../virtio/manners.ts';
import { FEATURE } from '../virtio/registers.ts';
import { type CompletionSchema, completion, completionPolicy } from './completion-options.ts';
import type { VirtioPlan } from './machine-plan.ts';
import { flag, object, whole } from './option-kinds.ts';
import type { Profile } from './profile.ts';

export const MODERN_FEATURES = [
  'INDIRECT_DESC',
  'EVENT_IDX',
  'ACCESS_PLATFORM',
  'RING_PACKED',
  'IN_ORDER',
  'ORDER_PLATFORM',
  'SR_IOV',
  'NOTIFICATION_DATA',
  'NOTIF_CONFIG_DATA',
  'RING_RESET',
  'SUSPEND',
] as const;

/** A minute. */
const SUSPEND_MAX = 60_000_000_000;
/** The limit of PCI. */
const VECTORS_MAX = 2048;
/** What the structure of the configuration has room for. */
const TAIL_MAX = 1024;

/** The options of all virtio devices together. */
export const VIRTIO_OPTIONS = {
  /** What every virtio function shows: the legacy header, the modern structures, or both. Default "legacy". */
  virtio: v.optional(
    v.picklist(['legacy', 'transitional', 'modern'], '"legacy", "transitional" or "modern"'),
  ),
  /** Further device-independent features to offer, of those that only the modern interface has. Default none. */
  ringFeatures: v.optional(
    v.array(v.picklist(MODERN_FEATURES, `one of ${MODERN_FEATURES.join(', ')}`), 'a list of features'),
  ),
  /**
   * How completions of virtio devices reach the driver. A gVNIC takes from it when it looks at transmit queues, and its
   * interrupts. Default: at once, in the order of the work.
   */
  completion: v.optional<CompletionSchema>(completion),
  /** What virtio devices do about a driver that breaks a rule: as QEMU does (lenient), or refuse. Default "lenient". */
  strictness: v.optional(v.picklist(['lenient', 'strict'], '"lenient" or "strict"')),
  /** The guest's byte order, in which legacy devices speak. Big-endian needs virtio "legacy". Default little. */
  guestEndian: v.optional(v.picklist(['little', 'big'], '"little" or "big"')),
  /** Offer, by the seed, undefined feature bits, which no driver may accept. Default false. */
  reservedFeatures: v.optional(flag),
  /** Show, by the seed, virtio capabilities that a driver must skip; legacy functions have none. Default false. */
  capabilityDecoys: v.optional(flag),
  /**
   * Suppress kicks where a driver must not look: in avail_event without EVENT_IDX, in used.flags with it. Default false.
   */
  kickDecoys: v.optional(flag),
  /** Give queues a queue_notify_off other than their index, with a notify_off_multiplier of 8 for 4. Default false. */
  notifyElsewhere: v.optional(flag),
  /** With SUSPEND among `ringFeatures`: how long a device takes to be suspended, and to work again, in virtual nanoseconds. Default 0. */
  suspendTime: v.optional(whole(0, SUSPEND_MAX)),
  /** What fails, with DEVICE_NEEDS_RESET set: suspending or resuming. Default: neither. */
  suspendFails: v.optional(v.picklist(['suspend', 'resume'], '"suspend" or "resume"')),
  /** Make every virtio function's list of capabilities a loop, as no sound device has it. Default false. */
  capabilityLoop: v.optional(flag),
  /** The MSI-X of every virtio function. */
  msix: v.optional(
    object({
      /** Entries of the table at most, 0 to 2048; with 0 there is no such capability. Default: no limit. */
      vectors: v.optional(whole(0, VECTORS_MAX)),
      /** Entries of the table, needed or not, 1 to 2048. Default: as many as its device wants. */
      table: v.optional(whole(1, VECTORS_MAX)),
      /**
       * At most this many queues and configurations have a vector at a time, 0 to 2048; the next is answered
       * NO_VECTOR. Default: no limit.
       */
      mappings: v.optional(whole(0, VECTORS_MAX)),
    }),
  ),
  /** Revision ID of every function that shows the modern structures alone, 0 to 255. Default 1. */
  revision: v.optional(whole(0, 0xff)),
  /** Meaningless bytes behind every device configuration, 0 to 1024. Default 0. */
  configTail: v.optional(whole(0, TAIL_MAX)),
};

type Given = v.InferOutput<ReturnType<typeof object<typeof VIRTIO_OPTIONS>>>;

/** @throws MisuseError for options of the other interface: those that only the legacy one has, or lacks. */
export function planVirtio(options: Given, profile: Profile): VirtioPlan {
  const { virtio: shows = 'legacy', strictness = 'lenient', guestEndian, ringFeatures = [] } = options;
  const { reservedFeatures = false, capabilityDecoys: decoys = false, kickDecoys = false } = options;
  const { capabilityLoop = false, notifyElsewhere = false } = options;
  const {
    vectors = PLAIN.msix.vectors,
    table = PLAIN.msix.table,
    mappings = PLAIN.msix.mappings,
  } = options.msix ?? {};
  const { revision = PLAIN.revision, configTail = PLAIN.configTail } = options;
  const manners: Manners = {
    shows,
    completion: completionPolicy(options.completion),
    strictness,
    endian: guestEndian === 'big' ? 'be' : 'le',
    reservedFeatures,
    decoys,
    kickDecoys,
    notifyElsewhere,
    capabilityLoop,
    msix: { vectors, table, mappings },
    revision,
    configTail,
    suspend: { time: options.suspendTime ?? PLAIN.suspend.time, fails: failing(options.suspendFails) },
  };
  if (shows === 'legacy') {
    if (ringFeatures.length === 0) return { manners, ringFeatures: profile.ringFeatures };
    const empty = 'an empty list, which it must be while virtio is "legacy"';
    throw new MisuseError('ringFeatures', ringFeatures, empty);
  }
  if (guestEndian === 'big')
    throw new MisuseError('guestEndian', 'big', '"little" unless virtio is "legacy"');
  const named = ringFeatures.map((name) => FEATURE[name]);
  return { manners, ringFeatures: [...profile.ringFeatures, FEATURE.VERSION_1, ...named] };
}

function failing(what: Given['suspendFails']): Manners['suspend']['fails'] {
  return what === undefined ? null : what === 'suspend' ? 'sleep' : 'work';
}
