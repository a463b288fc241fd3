import type { Random } from '../../src/core/random.ts';
import type { MachineOptions } from '../../src/index.ts';
import { MODERN_FEATURES } from '../../src/machine/virtio-options.ts';
import type { DiskSetup, MediumKind, NicSetup, RamSetup, Setup } from './setup.ts';

const MIB = 1 << 20;

/** A random setup, with any option of a machine. */
export function chooseSetup(random: Random): Setup {
  const one = <T>(...from: readonly T[]): T => from[random.below(from.length)]!;
  const often = (outOf: number): boolean => random.below(outOf) !== 0;
  const virtio = one('legacy', 'legacy', 'transitional', 'modern', 'modern');
  const ringFeatures = virtio === 'legacy' ? [] : MODERN_FEATURES.filter(() => random.below(2) === 0);
  const ringSize = one(4, 8, 32, 128, 256);
  return {
    profile: one('gceN1', 'gceN1', 'gceC3', 'gceT2A', 'qemuPc', 'qemuPc'),
    options: {
      seed: random.next(),
      vcpus: one(1, 1, 2, 4),
      firmware: often(8),
      accessTime: one(100, 1000, 1000, 10_000),
      serial: { pace: one('baud', 'instant') },
      virtio,
      ringFeatures,
      strictness: one('lenient', 'strict'),
      guestEndian: virtio === 'legacy' && !often(4) ? 'big' : 'little',
      reservedFeatures: !often(3),
      capabilityDecoys: !often(3),
      notifyElsewhere: !often(3),
      judge: one<NonNullable<MachineOptions['judge']>>(true, true, false, { stores: false }),
      fwCfg: !often(4),
      display: !often(8),
      balloon: often(4),
      rng: often(4),
      scsi: { ringSize: one(ringSize, ringSize, 1024, 8192), latency: one(0, 0, 2000, 200_000) },
      ...(often(2) ? {} : { completion: chooseCompletion(random) }),
    },
    nics: [
      ...Array.from({ length: one(1, 1, 2) }, () => ({ ringSize, mergeable: !often(2) })),
      ...(often(3)
        ? []
        : [{ type: 'gvnic', queues: one(1, 2, 4), gvnic: { mailbox: !often(3) } } satisfies NicSetup]),
    ],
    ram: chooseRam(random),
    disks: Array.from({ length: one(1, 2, 3) }, (): DiskSetup => chooseDisk(random)),
    namespaces: Array.from({ length: one(0, 0, 1, 2) }, (): DiskSetup => chooseNamespace(random)),
    wire: one('none', 'loopback', 'hub', 'gce'),
    listeners: !often(3),
  };
}

function chooseRam(random: Random): RamSetup {
  if (random.below(64) === 0) return { kind: 'own', below4G: 3072 * MIB, above4G: 0, staging: 0 };
  const kind = (['guarded', 'guarded', 'guarded', 'own', 'shared', 'wasm'] as const)[random.below(6)]!;
  const below4G = [4, 4, 8, 16][random.below(4)]! * MIB;
  const above4G = random.below(4) === 0 ? 2 * below4G : 0;
  const staging = kind !== 'own' && random.below(3) === 0 ? 256 * 1024 : 0;
  return { kind, below4G, above4G, staging };
}

/** A file with a hole in it takes no room on the host. */
const LARGE: Partial<Record<MediumKind, number>> = { sparse: 2 ** 43, file: 2 ** 28 };

function chooseDisk(random: Random): DiskSetup {
  const kind = (['guarded', 'guarded', 'sparse', 'sparse', 'file', 'broken'] as const)[random.below(6)]!;
  const large = random.below(4) === 0 ? LARGE[kind] : undefined;
  const bytes = large ?? 512 << random.below(12);
  return { kind, bytes, readOnly: random.below(5) === 0 };
}

/** Whole blocks, of whatever size. */
function chooseNamespace(random: Random): DiskSetup {
  const { bytes, ...disk } = chooseDisk(random);
  return { ...disk, bytes: Math.max(bytes, 4096) };
}

function chooseCompletion(random: Random): NonNullable<MachineOptions['completion']> {
  const maybe = () => random.below(2) === 0;
  return {
    latency: [0, 1000 * random.below(50)],
    order: maybe() ? 'random' : 'fifo',
    ...(maybe() && {
      batch: { chains: 2 + random.below(6), within: 1 + random.below(20_000), lastOnly: maybe() },
    }),
    interrupts: {
      ...(maybe() && { coalesce: { interrupts: 2 + random.below(4), within: 1 + random.below(20_000) } }),
      spurious: random.below(5),
      lost: random.below(20),
    },
    spoil: maybe(),
  };
}
