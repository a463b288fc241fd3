import * as v from 'valibot';
import type { Nanos } from '../../core/bits.ts';
import { MisuseError } from '../../core/misuse.ts';
import type { PacePolicy } from '../../nvme/pace.ts';
import { type NvmeSettings, TIMEOUT_UNITS } from '../../nvme/settings.ts';
import type { CompletionPolicy } from '../../virtio/completion/policy.ts';
import { type CompletionSchema, completion, completionPolicy, LONGEST } from '../completion-options.ts';
import type { MachinePlan } from '../machine-plan.ts';
import { fieldsOf, flag, listOf, object, only, whole } from '../option-kinds.ts';
import type { Given } from './descriptor.ts';
import { DISKS_DEFAULT, type DiskOptions, loggedDisk, STORAGE } from './disks.ts';

/** As many as there are doorbells for, with CAP.DSTRD 0. */
const QUEUES_MOST = 1535;
const NAMESPACES_MOST = 256;
/** Local SSDs of one machine were seen to be 16 controllers, beside one of the boot disk. */
const CONTROLLERS_MOST = 17;
const ENTRIES_MOST = 0x1_0000;
const MDTS_MOST = 9;
/** Doorbells 64 bytes apart. */
const DSTRD_MOST = 4;
export const PERSISTENT = 'nvme_card-pd';
/** Optional parts of NVM Express. */
const OFFERS = ['reservations', 'sgl', 'weighted', 'fused'] as const;
const OFFER = OFFERS.map((one) => `"${one}"`).join(' or ');
const MODEL = 'nvme_card-pd, nvme_card or nvme_card0 to nvme_card99';
const NAME = 'up to 64 letters, digits, _ and -';
const TIME = whole(0, LONGEST);
/** As CAP.TO says at most. */
const STATE_TIME = whole(0, TIMEOUT_UNITS * 500_000_000);

export const namespace = object({
  /** A raw image, which is written in place; its size is a multiple of 512. Default none. */
  file: STORAGE.file,
  /** Or an empty disk of this many bytes, up to 64 TiB, sparse in memory. Default none. */
  bytes: STORAGE.bytes,
  /** Or a medium of your own. One of the three is needed. Default none. */
  medium: STORAGE.medium,
  /** Refuse to write. Default false. */
  readOnly: v.optional(flag),
  /** Its number. Default: the lowest from 1 on that no other has. */
  nsid: v.optional(whole(1, NAMESPACES_MOST)),
  /** Bytes of a block. Default 512 of nvme_card-pd, else 4096. */
  blockSize: v.optional(v.picklist([512, 4096], '512 or 4096')),
  /** The name in the vendor's part of Identify Namespace. Default persistent-disk-0, or local-nvme-ssd-0, and so on. */
  name: v.optional(v.pipe(v.string('a name'), v.regex(/^[\w-]{1,64}$/, NAME))),
});

/**
 * A disk behind an NVMe controller: its storage, which is one of `file`, `bytes` and `medium`, and how it is shown.
 *
 * @example { file: 'boot.img' }, { bytes: 375 << 20, name: 'local-nvme-ssd-0', blockSize: 4096 }
 */
export type NamespaceOptions = v.InferInput<typeof namespace>;

const controllerFields = {
  /** Model number, and serial number too: of a persistent disk, or of local SSDs. No two have the same. Default nvme_card-pd. */
  model: v.optional(v.pipe(v.string(MODEL), v.regex(/^nvme_card(?:-pd|\d{1,2})?$/, MODEL))),
  /** Pairs of I/O queues, 1 to 1535. Default: one for each vCPU, and two at least, which EDK II takes without asking. */
  queues: v.optional(whole(1, QUEUES_MOST)),
  /** Entries of an I/O queue at most, 2 to 65536. Default 4096, as a C4D has. */
  entries: v.optional(whole(2, ENTRIES_MOST)),
  /** Vectors of MSI-X, 0 to 1536; with 0 there is no MSI-X. Default: one for each pair of queues, and one more. */
  vectors: v.optional(whole(0, QUEUES_MOST + 1)),
  /** The highest number that a namespace may have, 1 to 256. Default 32. */
  namespacesMost: v.optional(whole(1, NAMESPACES_MOST)),
  /** A command moves 4096 << mdts bytes at most, 1 to 9. Default 7, 512 KiB. */
  mdts: v.optional(whole(1, MDTS_MOST)),
  /** There is a volatile write cache, so that drivers flush. Default true. */
  writeCache: v.optional(flag),
  /** Doorbells are 4 << dstrd bytes apart, 0 to 4; from 1 on there is room for fewer queues. Default 0, as seen. */
  dstrd: v.optional(whole(0, DSTRD_MOST)),
  /** Virtual nanoseconds from CC.EN to CSTS.RDY, back, which CAP.TO limits to 7.5 s, and to shut down, up to 10^10. Default a millisecond each. */
  times: v.optional(
    object({
      /** From CC.EN to CSTS.RDY. Default 1000000. */
      enable: v.optional(STATE_TIME),
      /** From the end of CC.EN to that of CSTS.RDY. Default 1000000. */
      disable: v.optional(STATE_TIME),
      /** From CC.SHN to the end of the shutdown. Default 1000000. */
      shutdown: v.optional(TIME),
    }),
  ),
  /** Virtual nanoseconds from a doorbell until the controller looks at the queue, 0 to 10^10. Default 0. */
  latency: v.optional(TIME),
  /**
   * Optional parts that it has, too: reservations of namespaces, sgl, weighted round robin, fused Compare and Write. None was seen
   * of Compute Engine. Default none.
   */
  offer: v.optional(listOf(v.picklist(OFFERS, OFFER), OFFERS.length, 'a list of optional parts')),
  /** How completions reach the driver, by `notice`, `latency`, `order` and `interrupts` alone. Default: the machine's. */
  completion: v.optional<CompletionSchema>(completion),
};

export const nvmeOptions = {
  /** NVMe controllers, each with its disks. Default none. */
  nvme: v.optional(
    v.array(
      object({
        /** The disks, as namespaces. Default: one empty disk of 64 MiB. */
        namespaces: v.optional(v.array(namespace, 'a list of namespaces')),
        ...controllerFields,
      }),
      'a list of controllers',
    ),
  ),
};
const loggedNamespace = object({
  ...only(fieldsOf(namespace), 'readOnly', 'nsid', 'blockSize', 'name'),
  ...only(fieldsOf(loggedDisk), 'bytes'),
});
export const nvmeLogged = {
  nvme: v.optional(
    listOf(
      object({
        namespaces: v.optional(listOf(loggedNamespace, NAMESPACES_MOST, 'a list of namespaces')),
        ...controllerFields,
      }),
      CONTROLLERS_MOST,
      'a list of controllers',
    ),
  ),
};

const ENTRIES_DEFAULT = 4096;
const HIGHEST_DEFAULT = 32;
const MDTS_DEFAULT = 7;
const QUEUES_LEAST = 2;
const TIME_DEFAULT: Nanos = 1_000_000;

/** A controller that is to be made. */
export interface NvmePlan {
  readonly settings: NvmeSettings;
  readonly namespaces: readonly NamespaceOptions[];
}

type ControllerOptions = NonNullable<Given<typeof nvmeOptions>['nvme']>[number];

export function planController(
  {
    namespaces = DISKS_DEFAULT as NamespaceOptions[],
    model = PERSISTENT,
    queues: asked,
    entries = ENTRIES_DEFAULT,
    vectors,
    namespacesMost = HIGHEST_DEFAULT,
    mdts = MDTS_DEFAULT,
    writeCache = true,
    dstrd = 0,
    times: { enable = TIME_DEFAULT, disable = TIME_DEFAULT, shutdown = TIME_DEFAULT } = {},
    latency = 0,
    completion,
    offer = [],
  }: ControllerOptions,
  { vcpus, virtio }: MachinePlan,
): NvmePlan {
  const policy = completionPolicy(completion) ?? virtio.manners.completion;
  const queues = asked ?? Math.max(QUEUES_LEAST, vcpus);
  const times = { enable, disable, shutdown };
  const settings = {
    model,
    revision: '2',
    queues,
    entries,
    vectors: vectors ?? queues + 1,
    namespacesMost,
    mdts,
    writeCache,
    dstrd,
    offers: {
      reservations: offer.includes('reservations'),
      sgl: offer.includes('sgl'),
      weighted: offer.includes('weighted'),
      fused: offer.includes('fused'),
    },
  };
  const looks = latency + (policy?.notice ?? 0);
  return { settings: { ...settings, times, latency: looks, pace: policy && paceOf(policy) }, namespaces };
}

function paceOf({ latency, order, interrupts }: CompletionPolicy): PacePolicy {
  return { latency, order, interrupts };
}

interface DisksAndNvme extends Given<typeof nvmeOptions> {
  readonly disks?: readonly DiskOptions[] | undefined;
}

/** Options of a disk that are those of a namespace, too. */
const SHARED = ['file', 'bytes', 'medium', 'readOnly', 'name'] as const;
type Shared = Pick<NamespaceOptions, (typeof SHARED)[number]>;

/**
 * The options of a machine whose disks are NVMe: persistent disks are namespaces of one controller, as Compute Engine has
 * them, and each local SSD is a controller, as on a C3.
 *
 * @throws MisuseError for an option of a SCSI disk.
 */
export function withDisksAsNvme({ disks, nvme, ...rest }: DisksAndNvme): DisksAndNvme {
  const all = (disks ?? (nvme === undefined ? DISKS_DEFAULT : [])).map((disk, i) => ({
    isLocal: disk.kind === 'local-ssd',
    namespace: asNamespace(disk, `disks[${i}]`),
  }));
  const persistent = all.filter(({ isLocal }) => !isLocal).map(({ namespace: one }) => one);
  const local = all.filter(({ isLocal }) => isLocal);
  return {
    ...rest,
    disks: [],
    nvme: [
      ...withNamespaces(nvme ?? [], persistent, nvme === undefined),
      ...local.map(({ namespace: one }, i) => ({ model: `nvme_card${i}`, namespaces: [one] })),
    ],
  };
}

/**
 * They come before the namespaces of the controller of persistent disks, which is made if it is not there. @param isUsual
 * whether the machine has what it usually has, and so that controller.
 */
function withNamespaces(
  controllers: readonly ControllerOptions[],
  persistent: readonly NamespaceOptions[],
  isUsual: boolean,
): readonly ControllerOptions[] {
  const own = controllers.find(({ model = PERSISTENT }) => model === PERSISTENT);
  if (own === undefined && (persistent.length > 0 || isUsual))
    return [{ namespaces: [...persistent] }, ...controllers];
  if (own === undefined) return controllers;
  const namespaces = [...persistent, ...(own.namespaces ?? [])];
  return controllers.map((one) => (one === own ? { ...own, namespaces } : one));
}

function asNamespace({ kind: _, ...disk }: DiskOptions, path: string): Shared {
  const others = Object.keys(disk).filter((name) => !SHARED.some((shared) => shared === name));
  if (others.length > 0)
    throw new MisuseError(`${path}.${others[0]}`, disk, 'left out on a machine whose disks are NVMe');
  return disk as Shared;
}
