import { type BareRing, bareDriver } from '../../../src/conformance/broken/rings/bare-ring.ts';
import { judge } from '../../../src/conformance/judge.ts';
import { independent } from '../../../src/conformance/proofs.ts';
import type { Driver } from '../../../src/core/driver.ts';
import { isVirtio } from '../../../src/guest/virtio/identity.ts';
import { gceN1, type MachineOptions } from '../../../src/index.ts';
import { FEATURE, type VIRTIO_ID } from '../../../src/virtio/registers.ts';
import { BareDevice } from './bare-device.ts';

export type Ring = BareRing;
type RingFeature = NonNullable<MachineOptions['ringFeatures']>[number];

/** What a driver does, and on which machine. */
export interface Play {
  readonly options: MachineOptions;
  readonly driver: (name: string) => Driver<void>;
}

/** What became of a play. */
export interface Outcome {
  /** The clauses that it breaks, but for what follows from others. */
  readonly broken: readonly string[];
  /** What was thrown; null if nothing was. */
  readonly stopped: unknown;
  /** A byte was written that is not the machine's RAM. */
  readonly strayed: boolean;
}

export const SIZE = 8;
export const BYTES = 64;
const LATE = 1_000_000;
export const RAM = 8 << 20;
/** Behind RAM, in the buffer that is lent: a stray byte shows there. */
const GUARD = 64 << 10;

/** One for all machines, one after the other. */
const buffer = new ArrayBuffer(RAM + GUARD);
const guard = Buffer.alloc(GUARD, 0x5a);

/** What is done with a ring of eight that an entropy device has, which takes a millisecond for each buffer. */
export interface RingPlay {
  readonly features?: readonly RingFeature[];
  readonly act: (ring: Ring) => void;
}

export function onRing({ act, features = [] }: RingPlay): Play {
  const use = { size: SIZE, features: features.map((feature) => FEATURE[feature]) };
  return {
    options: { ringFeatures: [...features], completion: { latency: LATE } },
    driver: (name) => bareDriver(name, use, act),
  };
}

/** What is done to a device of that kind; by default it takes no time over what it does. */
export function onDevice(
  kind: keyof typeof VIRTIO_ID,
  act: (device: BareDevice) => void,
  options: MachineOptions = {},
): Play {
  return {
    options,
    driver: (name) => ({
      name,
      matches: (id) => isVirtio(id, kind),
      attach: (port, bdf) => act(new BareDevice(port, bdf)),
    }),
  };
}

export function outcome(name: string, { options, driver }: Play, more: MachineOptions = {}): Outcome {
  const machine = () => {
    new Uint8Array(buffer).fill(0, 0, RAM).set(guard, RAM);
    return gceN1({ virtio: 'modern', rng: true, ...options, ...more, memory: { below4G: RAM, buffer } });
  };
  const { verdicts, stopped } = judge({ name, drivers: [driver(name)], run: () => {} }, { machine });
  const failed = verdicts.filter((verdict) => verdict.outcome === 'fail').map(({ clause }) => clause);
  return {
    broken: independent(failed),
    stopped,
    strayed: !guard.equals(new Uint8Array(buffer, RAM)),
  };
}
