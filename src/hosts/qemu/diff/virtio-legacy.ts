import type { Width } from '../../../core/bits.ts';
import type { Random } from '../../../core/random.ts';
import { LEGACY_CONFIG, LEGACY_HEADER } from '../../../virtio/registers.ts';
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

/** The legacy header without MSI-X. */
const HEADER = fieldsOf(LEGACY_HEADER.filter(({ offset }) => offset < LEGACY_CONFIG.withoutMsix));
/** A NIC's address stays as a legacy driver wrote it, over a reset too. */
const DEVICES = [
  { name: 'net', bdf: NIC, config: 10, writable: false },
  { name: 'scsi', bdf: SCSI, config: 36, writable: true },
] as const;
const CONFIG = LEGACY_CONFIG.withoutMsix;
const STEPS = 10;
/** Unused pages of RAM, at 16 MiB: all zeros, so that a ring there is an empty one. */
const RINGS = [0, 0x1000, 0x1010, 0x1020, 0x1030];

function at(name: string, value: number | null): Step {
  const field = HEADER.find((one) => one.name === name)!;
  return { ...field, value };
}

const RESET = [at('DeviceStatus', 0), at('QueueSelect', 0)];

/** The legacy header of a NIC and of a SCSI adapter. */
export const virtioLegacy: Area = {
  name: 'virtio-legacy',
  modern: false,
  scripted: DEVICES.flatMap(scriptsFor),
  seeded: (random) => {
    const device = pick(random, DEVICES);
    return question(
      device,
      Array.from({ length: 2 + random.below(STEPS) }, () => anyStep(random, device)),
    );
  },
};

function scriptsFor(device: (typeof DEVICES)[number]): Question[] {
  return [
    question(device, [at('DeviceFeatures', null), at('DeviceStatus', null), at('ISRStatus', null)]),
    question(
      device,
      [0, 1, 2, 3, 0xffff].flatMap((queue) => [at('QueueSelect', queue), at('QueueSize', null)]),
    ),
    question(
      device,
      Array.from({ length: device.config }, (_, i) => configStep(i, 1, null)),
    ),
    question(device, [at('DriverFeatures', 0xffff_ffff), at('DriverFeatures', null)]),
    question(device, [at('QueueAddress', 0x1000), at('DeviceStatus', 0), at('QueueAddress', null)]),
  ];
}

function question({ name, bdf }: (typeof DEVICES)[number], steps: readonly Step[]): Question {
  return accesses(`virtio-legacy ${name}`, steps, RESET, (side) => {
    const base = side.header(bdf);
    return {
      read: (offset, width) => side.port.in(base + offset, width),
      write: (offset, value, width) => side.port.out(base + offset, value, width),
    };
  });
}

function configStep(offset: number, width: Width, value: number | null): Step {
  return { name: `config+${offset}/${width}`, offset: CONFIG + offset, width, value };
}

function anyStep(random: Random, { config, writable }: (typeof DEVICES)[number]): Step {
  const write = random.below(2) === 0;
  if (random.below(6) === 0) {
    const width = pick(random, [1, 2, 4] as const);
    const offset = random.below(config) & ~(width - 1);
    return configStep(offset, width, write && writable ? anyValue(random, width) : null);
  }
  const field = pick(random, HEADER);
  return { ...field, value: write ? valueFor(field, random) : null };
}

function valueFor({ name, width }: Field, random: Random): number {
  if (name === 'QueueAddress') return pick(random, RINGS);
  if (name === 'QueueSelect' || name === 'QueueNotify') return pick(random, [0, 1, 2, 3]);
  if (name === 'DeviceStatus') return pick(random, [0, 1, 3, 7, 4, 0x87, 0xff]);
  return anyValue(random, width);
}
