import type { Random } from '../../../core/random.ts';
import { NO_VECTOR } from '../../../virtio/registers.ts';
import { COMMON, COMMON_LENGTH } from '../../../virtio/transport/modern/registers.ts';
import {
  type Area,
  accesses,
  anyValue,
  type Field,
  fieldsOf,
  pick,
  type Question,
  type Step,
} from './question.ts';
import { NIC, SCSI } from './side.ts';

const FIELDS = fieldsOf(COMMON.filter(({ offset }) => offset < COMMON_LENGTH.basic));
const DEVICES = [
  { name: 'net', bdf: NIC },
  { name: 'scsi', bdf: SCSI },
] as const;
const STEPS = 12;
const QUEUES = 3;
const FEATURES_HIGH = 1;
const VERSION_1 = 1;

function at(name: string, value: number | null): Step {
  return { ...FIELDS.find((field) => field.name === name)!, value };
}

/** Writes that restore what a reset need not restore: the selected word and queue. */
const RESET = [
  at('device_status', 0),
  at('config_msix_vector', NO_VECTOR),
  ...[0, FEATURES_HIGH].flatMap((word) => [at('driver_feature_select', word), at('driver_feature', 0)]),
  ...Array.from({ length: QUEUES }, (_, queue) => queue).flatMap((queue) => [
    at('queue_select', queue),
    at('queue_msix_vector', NO_VECTOR),
    ...['desc', 'driver', 'device'].flatMap((area) => [at(`queue_${area}`, 0), at(`queue_${area}_high`, 0)]),
  ]),
  at('device_feature_select', 0),
  at('driver_feature_select', 0),
  at('queue_select', 0),
];
const NEGOTIATED = [
  at('device_status', 1),
  at('device_status', 3),
  at('driver_feature_select', FEATURES_HIGH),
  at('driver_feature', VERSION_1),
  at('device_status', 0x0b),
];

/** The common structure of a NIC and of a SCSI adapter. */
export const virtioModern: Area = {
  name: 'virtio-modern',
  modern: true,
  scripted: DEVICES.flatMap((device) => [
    question(
      device,
      FIELDS.map(({ name }) => at(name, null)),
    ),
    question(
      device,
      [0, 1, 2].flatMap((word) => [at('device_feature_select', word), at('device_feature', null)]),
    ),
    question(
      device,
      [0, 1, 2, 3, 0xffff].flatMap((queue) => [
        at('queue_select', queue),
        at('queue_size', null),
        at('queue_notify_off', null),
      ]),
    ),
    question(device, [...NEGOTIATED, at('device_status', null)]),
    question(device, [at('device_status', 3), at('device_status', 0x0b), at('device_status', null)]),
    question(device, [
      ...NEGOTIATED,
      at('queue_size', 64),
      at('queue_enable', 1),
      at('queue_enable', null),
      at('queue_size', null),
      at('device_status', 0),
      at('device_status', null),
      at('queue_enable', null),
      at('queue_size', null),
    ]),
  ]),
  seeded: (random) => {
    const steps = Array.from({ length: 2 + random.below(STEPS) }, () => anyStep(random));
    return question(pick(random, DEVICES), random.below(2) === 0 ? steps : [...NEGOTIATED, ...steps]);
  },
};

function question({ name, bdf }: (typeof DEVICES)[number], steps: readonly Step[]): Question {
  return accesses(`virtio-modern ${name}`, steps, RESET, (side) => {
    const base = side.common(bdf);
    return {
      read: (offset, width) => side.port.read(base + offset, width),
      write: (offset, value, width) => side.port.write(base + offset, value, width),
    };
  });
}

function anyStep(random: Random): Step {
  const field = pick(random, FIELDS);
  return { ...field, value: random.below(2) === 0 ? valueFor(field, random) : null };
}

function valueFor({ name, width }: Field, random: Random): number {
  if (name.endsWith('feature_select')) return pick(random, [0, 1, 2, 3, 0xffff_ffff]);
  if (name === 'queue_select') return pick(random, [0, 1, 2, 3]);
  if (name === 'device_status') return pick(random, [0, 1, 3, 0x0b, 0x0f, 0x8b, 0xff]);
  if (name === 'queue_enable') return pick(random, [0, 1, 1, 2]);
  if (name === 'queue_size') return pick(random, [0, 1, 16, 64, 100, 256, 1024, 2048]);
  return anyValue(random, width);
}
