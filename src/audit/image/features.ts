import { isSince } from '../version.ts';
import type { DiskFacts } from './disk-lines.ts';
import type { KernelFacts } from './kernel-lines.ts';
import { type Found, fail, type ImageLine, line, noted, pass, unreached } from './line.ts';

/** Those that an image of Linux can have by what is in it. */
const FEATURES = ['UEFI_COMPATIBLE', 'GVNIC', 'VIRTIO_SCSI_MULTIQUEUE', 'SEV_CAPABLE'] as const;
type Feature = (typeof FEATURES)[number];
/** All that Compute Engine has (API v1, GuestOsFeature). */
export const GUEST_OS_FEATURES: readonly string[] = [
  ...FEATURES,
  'BARE_METAL_LINUX_COMPATIBLE',
  'CCA_CAPABLE',
  'IDPF',
  'MULTI_IP_SUBNET',
  'SECURE_BOOT',
  'SEV_LIVE_MIGRATABLE',
  'SEV_LIVE_MIGRATABLE_V2',
  'SEV_SNP_CAPABLE',
  'SNP_SVSM_CAPABLE',
  'SUSPEND_RESUME_COMPATIBLE',
  'SUSPEND_SAFE_FPR',
  'TDX_CAPABLE',
  'WINDOWS',
];

/** Whether there is ground for a feature, and what follows without. */
interface Ground {
  /** Null if what it is judged by could not be read. */
  readonly has: boolean | null;
  readonly cause: string;
  readonly without: string;
}

interface FeatureFacts {
  readonly lines: readonly ImageLine[];
  /** To be said when the image is created. */
  readonly features: readonly string[];
  /** Those that could not be judged, where nothing was claimed. */
  readonly unknown: readonly string[];
}

/** Asked for or not, features are judged by what the image has. */
export function judgeFeatures(
  disk: Pick<DiskFacts, 'uefi'>,
  kernel: KernelFacts,
  claimed: readonly string[] | null,
): FeatureFacts {
  const grounds = groundsOf(disk, kernel);
  const lines = FEATURES.map((name) =>
    line('features', name, () => judgeFeature(grounds[name], claimed?.includes(name) ?? null)),
  );
  if (claimed !== null) return { lines: [...lines, ...othersOf(claimed)], features: claimed, unknown: [] };
  const those = (has: boolean | null) => FEATURES.filter((name) => grounds[name].has === has);
  return { lines, features: those(true), unknown: those(null) };
}

function othersOf(claimed: readonly string[]): ImageLine[] {
  return claimed
    .filter((name) => !(FEATURES as readonly string[]).includes(name))
    .map((name) => line('features', name, () => unreached('its ground is not judged here')));
}

function groundsOf(
  { uefi }: Pick<DiskFacts, 'uefi'>,
  { drivers, audit }: KernelFacts,
): Readonly<Record<Feature, Ground>> {
  const isOn = (name: string) => audit && audit.config.options.get(name)?.value === 'y';
  const isIn = (driver: keyof typeof drivers) =>
    drivers[driver] === 'unknown' ? null : drivers[driver] !== 'absent';
  const isEncrypting = all(isOn('AMD_MEM_ENCRYPT'), isOn('SWIOTLB'));
  return {
    UEFI_COMPATIBLE: {
      has: uefi.length > 0,
      cause: uefi.length > 0 ? 'it has a loader for UEFI' : 'no loader for UEFI was found',
      without: 'no Shielded VM, and no machine that has UEFI alone',
    },
    GVNIC: {
      has: isIn('gve'),
      cause: isIn('gve') === false ? 'no gve was found for this kernel' : `gve: ${drivers.gve}`,
      without: 'no machine of the third generation, and no Arm',
    },
    VIRTIO_SCSI_MULTIQUEUE: {
      has: all(isIn('virtio_scsi'), audit && isSince(audit.config.version, '3.17')),
      cause:
        isIn('virtio_scsi') === false
          ? 'no virtio_scsi was found for this kernel'
          : `virtio_scsi: ${drivers.virtio_scsi}, in Linux ${audit?.config.version.text ?? 'of an unknown version'}`,
      without: 'one queue of requests for all processors',
    },
    SEV_CAPABLE: {
      has: all(isEncrypting, isIn('gve'), uefi.length > 0),
      cause: isEncrypting
        ? 'AMD_MEM_ENCRYPT, SWIOTLB, gve and UEFI'
        : 'it wants AMD_MEM_ENCRYPT, SWIOTLB, gve and UEFI',
      without: 'no Confidential VM',
    },
  };
}

/** Null if none is false, and one is unknown. */
function all(...parts: readonly (boolean | null)[]): boolean | null {
  if (parts.includes(false)) return false;
  return parts.includes(null) ? null : true;
}

/** @param isClaimed null if the user said nothing. */
function judgeFeature({ has, cause, without }: Ground, isClaimed: boolean | null): Found {
  if (has === null) return unreached(`${cause}: it could not be judged`);
  if (has) {
    if (isClaimed !== false) return pass(cause);
    return noted(`${cause}, and it is not asked for: ${without}`, 'add it to --guest-os-features');
  }
  if (isClaimed === true)
    return fail(`it is asked for, and ${cause}`, 'leave it out, or put into the image what it says');
  return noted(`${cause}: ${without}`, '');
}
