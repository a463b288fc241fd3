import { isSince } from '../version.ts';
import type { DiskFacts } from './disk-lines.ts';
import type { KernelFacts } from './kernel-lines.ts';
import { type Found, fail, type ImageLine, line, noted, pass } from './line.ts';

/** Those that an image of Linux can have by what is in it. */
const FEATURES = ['UEFI_COMPATIBLE', 'GVNIC', 'VIRTIO_SCSI_MULTIQUEUE', 'SEV_CAPABLE'] as const;
type Feature = (typeof FEATURES)[number];

/** Whether there is ground for a feature, and what follows without. */
interface Ground {
  readonly has: boolean;
  readonly cause: string;
  readonly without: string;
}

/** Asked for or not, features are judged by what the image has. */
export function judgeFeatures(
  disk: Pick<DiskFacts, 'uefi'>,
  kernel: KernelFacts,
  claimed: readonly string[] | null,
): { lines: ImageLine[]; features: string[] } {
  if (kernel.entry === null && disk.uefi.length === 0) return { lines: [], features: [] };
  const grounds = groundsOf(disk, kernel);
  const lines = FEATURES.map((name) =>
    line('features', name, () => judgeFeature(grounds[name], claimed?.includes(name) ?? null)),
  );
  return { lines, features: [...(claimed ?? FEATURES.filter((name) => grounds[name].has))] };
}

function groundsOf(
  { uefi }: Pick<DiskFacts, 'uefi'>,
  { drivers, audit }: KernelFacts,
): Readonly<Record<Feature, Ground>> {
  const option = (name: string) => audit?.config.options.get(name)?.value;
  const isIn = (driver: keyof typeof drivers) =>
    drivers[driver] !== 'absent' && drivers[driver] !== 'unknown';
  const isEncrypting = option('AMD_MEM_ENCRYPT') === 'y' && option('SWIOTLB') === 'y';
  return {
    UEFI_COMPATIBLE: {
      has: uefi.length > 0,
      cause: uefi.length > 0 ? 'it has a loader for UEFI' : 'no loader for UEFI was found',
      without: 'no Shielded VM, and no machine that has UEFI alone',
    },
    GVNIC: {
      has: isIn('gve'),
      cause: isIn('gve') ? `gve: ${drivers.gve}` : 'no gve was found for this kernel',
      without: 'no machine of the third generation, and no Arm',
    },
    VIRTIO_SCSI_MULTIQUEUE: {
      has: isIn('virtio_scsi') && audit !== null && isSince(audit.config.version, '3.17'),
      cause: isIn('virtio_scsi')
        ? `virtio_scsi in Linux ${audit?.config.version.text ?? 'of an unknown version'}`
        : 'no virtio_scsi was found for this kernel',
      without: 'one queue of requests for all processors',
    },
    SEV_CAPABLE: {
      has: isEncrypting && isIn('gve') && uefi.length > 0,
      cause: isEncrypting
        ? 'AMD_MEM_ENCRYPT, SWIOTLB, gve and UEFI'
        : 'it wants AMD_MEM_ENCRYPT, SWIOTLB, gve and UEFI',
      without: 'no Confidential VM',
    },
  };
}

/** @param isClaimed null if the user said nothing. */
function judgeFeature({ has, cause, without }: Ground, isClaimed: boolean | null): Found {
  if (has) {
    if (isClaimed !== false) return pass(cause);
    return noted(`${cause}, and it is not asked for: ${without}`, 'add it to --guest-os-features');
  }
  if (isClaimed === true)
    return fail(`it is asked for, and ${cause}`, 'leave it out, or put into the image what it says');
  return noted(`${cause}: ${without}`, '');
}
