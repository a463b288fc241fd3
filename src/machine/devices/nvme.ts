import * as v from 'valibot';
import type { Nanos } from '../../core/bits.ts';
import { MisuseError } from '../../core/misuse.ts';
import { sha256 } from '../../core/sha256.ts';
import type { Medium } from '../../media/medium.ts';
import { DISK_SIZE, isDiskSize } from '../../media/memory.ts';
import { NvmeFunction } from '../../nvme/function.ts';
import { Namespace, type NamespaceSettings } from '../../nvme/namespace.ts';
import type { NvmeSettings } from '../../nvme/settings.ts';
import type { FunctionView } from '../function-view.ts';
import type { MachinePlan } from '../machine-plan.ts';
import { checked, fieldsOf, flag, listOf, object, only, whole } from '../option-kinds.ts';
import { ShieldedMedium } from '../shielded.ts';
import type { DeviceDescriptor, Given, Site } from './descriptor.ts';
import { loggedDisk, openMedia, STORAGE } from './disks.ts';
import { placeOf, take } from './take.ts';

/** As many as there are doorbells for. */
const QUEUES_MOST = 1535;
const NAMESPACES_MOST = 256;
/** Local SSDs of one machine were seen to be 16 controllers, beside one of the boot disk. */
const CONTROLLERS_MOST = 17;
const MDTS_MOST = 9;
const TIME_MOST: Nanos = 10_000_000_000;
const PERSISTENT = 'nvme_card-pd';
const MODEL = 'nvme_card-pd, nvme_card or nvme_card0 to nvme_card99';
const NAME = 'up to 64 letters, digits, _ and -';
const NGUID_DIGITS = 16;
const TIME = whole(0, TIME_MOST);

const namespace = object({
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
  /** Model number, and serial number too: of a persistent disk, or of local SSDs. Default nvme_card-pd. */
  model: v.optional(v.pipe(v.string(MODEL), v.regex(/^nvme_card(?:-pd|\d{1,2})?$/, MODEL))),
  /** Pairs of I/O queues, 1 to 1535. Default: one for each vCPU. */
  queues: v.optional(whole(1, QUEUES_MOST)),
  /** The highest number that a namespace may have, 1 to 256. Default 32. */
  namespacesMost: v.optional(whole(1, NAMESPACES_MOST)),
  /** A command moves 4096 << mdts bytes at most, 1 to 9. Default 7, 512 KiB. */
  mdts: v.optional(whole(1, MDTS_MOST)),
  /** There is a volatile write cache, so that drivers flush. Default true. */
  writeCache: v.optional(flag),
  /** Virtual nanoseconds, each 0 to 10^10, from CC.EN to CSTS.RDY, back, and to shut down. Default a millisecond each. */
  times: v.optional(
    object({
      /** From CC.EN to CSTS.RDY. Default 1000000. */
      enable: v.optional(TIME),
      /** From the end of CC.EN to that of CSTS.RDY. Default 1000000. */
      disable: v.optional(TIME),
      /** From CC.SHN to the end of the shutdown. Default 1000000. */
      shutdown: v.optional(TIME),
    }),
  ),
  /** Virtual nanoseconds from a doorbell until the controller looks at the queue, 0 to 10^10. Default 0. */
  latency: v.optional(TIME),
};

const options = {
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
const logged = {
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

const NAMESPACES_DEFAULT: NamespaceOptions[] = [{ bytes: 64 << 20 }];
const HIGHEST_DEFAULT = 32;
const MDTS_DEFAULT = 7;
const TIME_DEFAULT: Nanos = 1_000_000;

/** A namespace from the host's side. */
export interface NvmeNamespace {
  readonly nsid: number;
  readonly name: string;
  readonly blockSize: number;
  readonly medium: Medium;
}

/** An NVMe controller from the host's side. */
export interface NvmeView {
  readonly name: string;
  readonly model: string;
  readonly fn: FunctionView;
  readonly namespaces: readonly NvmeNamespace[];
  /** Attaches a disk; a driver that asked for events is notified. */
  addNamespace(options: NamespaceOptions): NvmeNamespace;
  /** Detaches a disk and closes its medium: commands to it fail. */
  removeNamespace(one: NvmeNamespace): void;
  /** Changes a disk's size, in bytes, if its medium can. */
  resizeNamespace(one: NvmeNamespace, bytes: number): void;
  /** It fails, as by CSTS.CFS, until its driver resets it. */
  fail(): void;
}

export interface NvmeFacade {
  /** NVMe controllers, in the order of the options. */
  readonly nvme: readonly NvmeView[];
}

/** A controller that is to be made. */
export interface NvmePlan {
  readonly settings: NvmeSettings;
  readonly namespaces: readonly NamespaceOptions[];
}

export const NVME: DeviceDescriptor<typeof options, readonly NvmePlan[], NvmeFacade> = {
  options,
  logged,
  plan: ({ nvme = [] }, machine) => nvme.map((one) => planController(one, machine)),
  plug: (site, plans) => ({ nvme: plans.map((plan, index) => new Controller(site, index, plan)) }),
};

type ControllerOptions = NonNullable<Given<typeof options>['nvme']>[number];

function planController(
  {
    namespaces = NAMESPACES_DEFAULT,
    model = PERSISTENT,
    queues,
    namespacesMost = HIGHEST_DEFAULT,
    mdts = MDTS_DEFAULT,
    writeCache = true,
    times: { enable = TIME_DEFAULT, disable = TIME_DEFAULT, shutdown = TIME_DEFAULT } = {},
    latency = 0,
  }: ControllerOptions,
  { vcpus }: MachinePlan,
): NvmePlan {
  const times = { enable, disable, shutdown };
  const settings = { model, revision: '2', queues: queues ?? vcpus, namespacesMost, mdts, writeCache };
  return { settings: { ...settings, times, latency }, namespaces };
}

/** A controller, and the disks behind it. */
class Controller implements NvmeView {
  readonly fn: NvmeFunction;
  readonly namespaces: NvmeNamespace[] = [];
  private readonly site: Site;
  private readonly settings: NvmeSettings;

  constructor(site: Site, index: number, { settings, namespaces }: NvmePlan) {
    this.site = site;
    this.settings = settings;
    this.fn = new NvmeFunction(`nvme${index}`, site.board, settings);
    site.plug(this.fn, {
      powerCut: () => {
        for (const { medium } of this.namespaces) this.userCalls.shield(() => medium.powerCut?.());
      },
      close: () => {
        this.fn.controller.close();
        for (const { medium } of this.namespaces) medium.close();
      },
    });
    this.plug(namespaces, (enter) => enter());
  }

  get name(): string {
    return this.fn.name;
  }

  get model(): string {
    return this.settings.model;
  }

  addNamespace(one: NamespaceOptions): NvmeNamespace {
    this.site.checkOpen('addNamespace');
    const { namespaces } = checked(object({ namespaces: v.array(namespace) }), { namespaces: [one] });
    const [added] = this.plug(namespaces, (enter) => this.userCalls.act('addNamespace', enter));
    return added!;
  }

  removeNamespace(one: NvmeNamespace): void {
    this.site.checkOpen('removeNamespace');
    take(one, this.namespaces, 'namespace');
    this.userCalls.act('removeNamespace', () => {
      const { controller } = this.fn;
      controller.detach(controller.namespaces[one.nsid]!);
      this.userCalls.shield(() => one.medium.close());
    });
  }

  resizeNamespace(one: NvmeNamespace, bytes: number): void {
    this.site.checkOpen('resizeNamespace');
    const { nsid, medium } = this.namespaces[placeOf(one, this.namespaces, 'namespace')]!;
    if (!isDiskSize(bytes)) throw new MisuseError('resizeNamespace', bytes, DISK_SIZE);
    if (medium.resize === undefined)
      throw new MisuseError('resizeNamespace', one, 'a namespace whose medium can be resized');
    this.userCalls.act('resizeNamespace', () => {
      this.userCalls.shield(() => medium.resize!(bytes));
      this.fn.controller.namespaceChanged(nsid);
    });
  }

  fail(): void {
    this.site.checkOpen('fail');
    this.userCalls.act('fail', () => this.fn.controller.fail());
  }

  private get userCalls() {
    return this.site.board.clock.userCalls;
  }

  /** They are listed at once, and answer when `run` has called its argument. */
  private plug(given: readonly NamespaceOptions[], run: (enter: () => void) => void): NvmeNamespace[] {
    const ids = this.number(given);
    return openMedia(given, `${this.name}.namespaces`).map((medium, i) => {
      const nsid = ids[i]!;
      const { name = this.nameOf(nsid), bytes } = given[i]!;
      const { blockSize = this.model === PERSISTENT ? 512 : 4096 } = given[i]!;
      const one = { nsid, name, blockSize, medium };
      this.namespaces.push(one);
      // Our own media throw nothing, and most disks use one.
      const path = `${this.name}.namespaces[${i}].medium`;
      const behind = bytes !== undefined ? medium : new ShieldedMedium(path, medium, this.userCalls);
      const shown = { blockSize, ...this.identityOf(name) };
      run(() => this.fn.controller.attach(new Namespace(nsid, behind, shown)));
      return one;
    });
  }

  /** The number of each: the one in its options, else the lowest that no other has. */
  private number(given: readonly NamespaceOptions[]): number[] {
    const taken = new Set(this.namespaces.map(({ nsid }) => nsid));
    const named = new Set(given.map(({ nsid }) => nsid));
    return given.map(({ nsid }, i) => {
      let free = 1;
      while (taken.has(free) || named.has(free)) free++;
      const id = nsid ?? free;
      if (id > this.settings.namespacesMost || taken.has(id)) {
        const wanted = `a number from 1 to ${this.settings.namespacesMost} that no other has`;
        throw new MisuseError(`${this.name}.namespaces[${i}].nsid`, id, wanted);
      }
      taken.add(id);
      return id;
    });
  }

  /** A persistent disk was seen with eight bytes of NGUID, local SSDs with none: these here are made of its name. */
  private identityOf(name: string): Pick<NamespaceSettings, 'vendorText' | 'nguid'> {
    const nguid = this.model === PERSISTENT ? sha256().update(name).digest('hex').slice(0, NGUID_DIGITS) : '';
    return { vendorText: vendorText(name, this.model), nguid };
  }

  private nameOf(nsid: number): string {
    return `${this.model === PERSISTENT ? 'persistent-disk' : 'local-nvme-ssd'}-${nsid - 1}`;
  }
}

/** What Compute Engine's helper for udev reads: which keys there are is known, but not their order. */
function vendorText(name: string, model: string): string {
  return JSON.stringify({
    device_name: name,
    disk_type: model === PERSISTENT ? 'PERSISTENT' : 'LOCAL_SSD',
  });
}
