import * as v from 'valibot';
import { hasMethods } from '../../core/checks.ts';
import { MisuseError } from '../../core/misuse.ts';
import { FileMedium } from '../../media/file.ts';
import { checkRaw } from '../../media/file-kind.ts';
import { BLOCK, type Medium } from '../../media/medium.ts';
import { DISK_SIZE, isDiskSize, MemoryMedium } from '../../media/memory.ts';
import { fieldsOf, flag, object, only, whole } from '../option-kinds.ts';

const MEDIUM = 'a medium (blocks above 0, readOnly, read, write, unmap, flush, close)';

function isMedium(x: unknown): boolean {
  if (!hasMethods(x, ['read', 'write', 'unmap', 'flush', 'close'])) return false;
  const { blocks, readOnly } = x as Medium;
  return Number.isSafeInteger(blocks * BLOCK) && blocks > 0 && typeof readOnly === 'boolean';
}

/** Of what is no number at all. */
const SIZE = `${DISK_SIZE}; the contents of a disk are a medium (example { medium: MemoryMedium.from(bytes) })`;

const fields = object({
  /** A raw image, which is written in place; its size is a multiple of 512. Images of another kind are refused. Default none. */
  file: v.optional(v.string('a path')),
  /** Or an empty disk of this many bytes, up to 64 TiB, sparse in memory. Default none. */
  bytes: v.optional(v.pipe(v.number(SIZE), v.check(isDiskSize, DISK_SIZE))),
  /** Or a medium of your own. One of the three is needed. Default none. */
  medium: v.optional(v.custom<Medium>(isMedium, MEDIUM)),
  /** Refuse to write: DATA PROTECT. Default false. */
  readOnly: v.optional(flag),
  /** `local-ssd`: an EphemeralDisk that does not rotate, as Compute Engine has behind an adapter of its own. Default persistent-disk. */
  kind: v.optional(v.picklist(['persistent-disk', 'local-ssd'], 'persistent-disk or local-ssd')),
  /** The SCSI host adapter that it is behind, 0 to 7: a machine has as many as its disks name. Default 0, of a local SSD 1. */
  adapter: v.optional(whole(0, 7)),
  /** The SCSI target. Default: the lowest from 1 on that no other disk has. */
  target: v.optional(whole(0, 255)),
  /** The LUN. Default 0. */
  lun: v.optional(whole(0, 16_383)),
  /** Device name in VPD page 83. Default persistent-disk-0 or local-ssd-0, and so on. */
  name: v.optional(
    v.pipe(v.string('a name'), v.regex(/^[\x21-\x7e]{1,64}$/, 'up to 64 printable characters')),
  ),
  /**
   * Form of the name in VPD page 83: `vendor` is the name alone (type 0), `t10` the vendor before it (type 1). Default
   * `vendor`, which Linux and nanos need; the real bytes were never observed.
   */
  designator: v.optional(v.picklist(['vendor', 't10'], 'vendor or t10')),
  /** How fast it is in virtual time, as `{ iops: 3000, bytesPerSecond: 120e6 }`. Default: without limits. */
  throttle: v.optional(
    object({
      /** Commands to its medium in a second, one after the other. Default: without a limit. */
      iops: v.optional(whole(1, 10_000_000)),
      /** Bytes that it moves in a second. Default: without a limit. */
      bytesPerSecond: v.optional(whole(1, 1e12)),
    }),
  ),
  /** Commands that it has at a time: to more it answers TASK SET FULL. Default: no limit. */
  queueDepth: v.optional(whole(1, 65_535)),
  /**
   * Several machines may write to it: it takes persistent reservations, which all disks on one medium of yours have in
   * common, each as an initiator of its own. Default false.
   */
  multiWriter: v.optional(flag),
  /**
   * `all`: SCSI commands and mode pages that a PersistentDisk is not known to have, too, such as WRITE SAME, VERIFY, COMPARE
   * AND WRITE, MODE SELECT and SANITIZE; and DPO and FUA. Default gce: those that were seen on Compute Engine.
   */
  commands: v.optional(v.picklist(['gce', 'all'])),
});

type Fields = typeof fields;
/** An interface, so that other options can refer to it by name and keep each field's docstring. */
export interface DiskSchema extends Fields {}
export const disk: DiskSchema = fields;

/**
 * A disk: its storage, which is one of `file`, `bytes` and `medium`, and its address.
 *
 * @example { file: 'boot.img', readOnly: true }, { bytes: 64 << 20, target: 2, name: 'scratch' }
 */
export type DiskOptions = v.InferInput<typeof disk>;

/** The same fields where a disk is another adapter's. */
export const STORAGE = only(fieldsOf(fields), 'file', 'bytes', 'medium');

const LOGGED_SIZE = `a multiple of ${BLOCK} bytes, above 0 and below 2^53`;
const isLoggedSize = (bytes: number) => Number.isSafeInteger(bytes) && bytes > 0 && bytes % BLOCK === 0;

/** A disk of a log: of any size, and stored on nothing of this host. */
export const loggedDisk = object({
  ...only(
    fieldsOf(fields),
    'readOnly',
    'kind',
    'adapter',
    'target',
    'lun',
    'name',
    'designator',
    'multiWriter',
    'commands',
    'throttle',
    'queueDepth',
  ),
  bytes: v.pipe(v.number(LOGGED_SIZE), v.check(isLoggedSize, LOGGED_SIZE)),
});

export const DISKS_DEFAULT: DiskOptions[] = [{ bytes: 64 << 20 }];

/** How many adapters there are, and the highest numbers that each takes. */
interface Limits {
  readonly adapters: number;
  readonly max_target: number;
  readonly max_lun: number;
}

/** The address of a disk. */
export interface Place {
  /** Of several host adapters, from 0 on. */
  readonly adapter: number;
  readonly target: number;
  readonly lun: number;
}

/** A disk from the host's side. */
export interface Disk extends Place {
  readonly kind: keyof typeof SHOWN;
  readonly medium: Medium;
}

/**
 * The address of each disk: the one in its options, else LUN 0 of its adapter's lowest target that no option names.
 *
 * @param taken where there are disks already.
 * @throws MisuseError for an address that the adapter does not have, or that is taken.
 */
export function placeDisks(
  disks: readonly DiskOptions[],
  { adapters, max_target, max_lun }: Limits,
  taken: readonly Place[] = [],
): Place[] {
  const all = [...taken];
  const named = new Set([...taken, ...disks].map((one) => `${adapterOf(one)} ${one.target}`));
  return disks.map((one, index) => {
    const { target, lun = 0 } = one;
    const adapter = adapterOf(one);
    let free = 1;
    while (target === undefined && named.has(`${adapter} ${free}`)) free++;
    const place = { adapter, target: target ?? free, lun };
    const path = `disks[${index}]`;
    if (adapter >= adapters)
      throw new MisuseError(`${path}.adapter`, adapter, `an adapter that is there, 0 to ${adapters - 1}`);
    if (place.target > max_target)
      throw new MisuseError(`${path}.target`, place.target, `a target from 0 to ${max_target}`);
    if (lun > max_lun) throw new MisuseError(`${path}.lun`, lun, `a LUN from 0 to ${max_lun}`);
    const isThere = (other: Place) =>
      other.adapter === adapter && other.target === place.target && other.lun === lun;
    if (all.some(isThere))
      throw new MisuseError(
        path,
        { target: place.target, lun },
        'at a target and LUN that no other disk has',
      );
    named.add(`${adapter} ${place.target}`);
    all.push(place);
    return place;
  });
}

/** The host adapter of a disk. */
export function adapterOf({ kind, adapter }: Pick<DiskOptions, 'kind' | 'adapter'>): number {
  return adapter ?? (kind === 'local-ssd' ? 1 : 0);
}

/** What a guest is shown of a disk of this kind. */
export const SHOWN = {
  'persistent-disk': { product: 'PersistentDisk', rotational: true },
  'local-ssd': { product: 'EphemeralDisk', rotational: false },
} as const;

/** The media of all disks, opened; if one cannot be, none stays open. */
export function openMedia(disks: readonly Storage[], path = 'disks'): Medium[] {
  const opened: Medium[] = [];
  try {
    for (const [index, options] of disks.entries()) opened.push(openMedium(options, `${path}[${index}]`));
  } catch (error) {
    for (const medium of opened) medium.close();
    throw error;
  }
  return opened;
}

/** What a disk is stored on. */
type Storage = Pick<DiskOptions, 'file' | 'bytes' | 'medium' | 'readOnly'>;

function openMedium(options: Storage, path: string): Medium {
  const { file, bytes, medium, readOnly = false } = options;
  const given = [file, bytes, medium].filter((x) => x !== undefined).length;
  if (given === 0) throw new MisuseError(path, options, '', 'needs one of file, bytes and medium');
  if (given > 1)
    throw new MisuseError(path, Object.keys(options), 'a disk with one of file, bytes and medium');
  if (medium !== undefined && readOnly && !medium.readOnly)
    throw new MisuseError(`${path}.readOnly`, readOnly, 'false, or a medium that is read only');
  if (file !== undefined) {
    checkRaw(file);
    return FileMedium.open(file, { readOnly });
  }
  return medium ?? new MemoryMedium(bytes!, { readOnly });
}
