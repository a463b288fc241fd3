import type { ClauseId } from '../core/clause.ts';

/** How a device answers a driver that breaks a rule: as QEMU does, or as devices do that refuse what they can. */
export type Strictness = 'lenient' | 'strict';

/**
 * What becomes of what broke the rule: it is `taken` as if it were right; the write or kick is `lost`; the bits at
 * fault are `dropped`; FEATURES_OK is `refused`; the `queue stops` until it is set up anew, or the `device stops`
 * until it is reset, which a modern one tells by DEVICE_NEEDS_RESET.
 */
export type Answer = 'taken' | 'lost' | 'dropped' | 'refused' | 'queue stops' | 'device stops';

type Answers = Readonly<Record<Strictness, Answer>>;

/** What the guest did, and each interface's answers; null where the interface cannot meet it. */
export interface Conduct {
  readonly what: string;
  readonly legacy: Answers | null;
  readonly modern: Answers | null;
}

const both = (answer: Answer): Answers => ({ lenient: answer, strict: answer });
const unlessStrict = (strict: Answer): Answers => ({ lenient: 'taken', strict });
const LOST = unlessStrict('lost');
const REFUSED = unlessStrict('refused');

/**
 * Each rule that a device may enforce, by its clause; `needs` stands for the rules between a device's features, `ring`
 * for all that a ring or a chain must keep. A rule that is not here is never enforced: to break it is a finding only.
 */
export const CONDUCT = {
  'virtio/INIT-D2': { what: 'the status gets DRIVER without ACKNOWLEDGE', legacy: LOST, modern: LOST },
  'virtio/STATUS-D1': { what: 'the status gets DRIVER_OK before DRIVER', legacy: LOST, modern: LOST },
  'virtio/STATUS-D2': { what: 'the status loses a bit without a reset', legacy: LOST, modern: LOST },
  'virtio/STATUS-D3': { what: 'the status is written after FAILED', legacy: LOST, modern: LOST },
  'virtio/INIT-LEG-D1': { what: 'the status gets FEATURES_OK', legacy: LOST, modern: null },
  'virtio/INIT-D5': {
    what: 'a queue is enabled, or the status gets DRIVER_OK, without FEATURES_OK',
    legacy: null,
    modern: LOST,
  },
  'virtio/INIT-D12': {
    what: 'a queue is enabled, or the status gets DRIVER_OK, after FEATURES_OK was refused',
    legacy: null,
    modern: LOST,
  },
  'virtio/INIT-D3': { what: 'features are written before DRIVER', legacy: LOST, modern: LOST },
  'virtio/INIT-D4': { what: 'features are written after DRIVER_OK', legacy: LOST, modern: null },
  'virtio/INIT-D10': { what: 'features are written after FEATURES_OK', legacy: null, modern: both('lost') },
  'virtio/FEAT-D1': {
    what: 'a feature is accepted that was not offered',
    legacy: both('dropped'),
    modern: { lenient: 'dropped', strict: 'refused' },
  },
  needs: {
    what: 'a feature is accepted without one that it needs',
    legacy: both('taken'),
    modern: REFUSED,
  },
  'virtio/RFEAT-D1': { what: 'VERSION_1 is not accepted', legacy: null, modern: REFUSED },
  'virtio/RFEAT-D2': { what: 'ACCESS_PLATFORM is not accepted', legacy: null, modern: both('refused') },
  'virtio/INIT-D9': {
    what: 'the device configuration is written before FEATURES_OK',
    legacy: null,
    modern: LOST,
  },
  'virtio/INIT-D7': {
    what: 'a queue is set up before DRIVER or after DRIVER_OK',
    legacy: LOST,
    modern: LOST,
  },
  'virtio/INIT-D13': { what: 'a queue is kicked before DRIVER_OK', legacy: LOST, modern: LOST },
  ring: {
    what: 'a ring, or a chain in it, cannot be followed',
    legacy: { lenient: 'queue stops', strict: 'device stops' },
    modern: both('device stops'),
  },
} as const satisfies { readonly [Rule in ClauseId | 'needs' | 'ring']?: Conduct };

export type Rule = ClauseId | keyof typeof CONDUCT;

/** What becomes of what breaks `rule`: `taken` where nothing enforces it. */
export function answerTo(rule: Rule, legacy: boolean, strictness: Strictness): Answer {
  const conducts: { readonly [rule: string]: Conduct } = CONDUCT;
  return conducts[rule]?.[legacy ? 'legacy' : 'modern']?.[strictness] ?? 'taken';
}
