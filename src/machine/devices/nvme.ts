import * as v from 'valibot';
import { checkWhole } from '../../core/checks.ts';
import { MisuseError } from '../../core/misuse.ts';
import { sha256 } from '../../core/sha256.ts';
import type { Medium } from '../../media/medium.ts';
import { DISK_SIZE, isDiskSize } from '../../media/memory.ts';
import { NvmeFunction } from '../../nvme/function.ts';
import { Namespace, type NamespaceSettings } from '../../nvme/namespace.ts';
import { DOORBELL_BYTES, DOORBELLS, PAGE, REGISTERS_SIZE } from '../../nvme/registers/bar0.ts';
import { type Reservations, reservationsOn } from '../../nvme/reservations.ts';
import { LIMITS, type NvmeSettings, opcodesOf } from '../../nvme/settings.ts';
import type { NvmeFacts } from '../../rules/nvme/facts.ts';
import { judgeNvme } from '../../rules/nvme/nvme.ts';
import type { FunctionView } from '../function-view.ts';
import { checked, object } from '../option-kinds.ts';
import { ShieldedMedium } from '../shielded.ts';
import type { Judge } from '../watches.ts';
import type { DeviceDescriptor, Site } from './descriptor.ts';
import { openMedia } from './disks.ts';
import {
  type NamespaceOptions,
  type NvmePlan,
  namespace,
  nvmeLogged,
  nvmeOptions,
  PERSISTENT,
  planController,
} from './nvme-options.ts';
import { placeOf, take } from './take.ts';

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
  /** It fails, as by CSTS.CFS, until its driver resets it; one that does not run fails where it is started next. */
  fail(): void;
  /** So many of the next commands of I/O queues, 1 to 1000, are not carried out until they are aborted, or it is reset. */
  stall(commands: number): void;
  /** The next interrupt of I/O queues is lost: a fault. */
  loseInterrupt(): void;
}

export interface NvmeFacade {
  /** NVMe controllers, in the order of the options. */
  readonly nvme: readonly NvmeView[];
  /** Pulls a controller out, even in the middle of an operation: its media are closed, and its registers read all ones. */
  removeNvme(controller: NvmeView): void;
}

export const NVME: DeviceDescriptor<typeof nvmeOptions, readonly NvmePlan[], NvmeFacade> = {
  options: nvmeOptions,
  logged: nvmeLogged,
  plan: ({ nvme = [] }, machine) => {
    const plans = nvme.map((one) => planController(one, machine));
    for (const [i, { settings }] of plans.entries()) {
      checkModel(`nvme[${i}].model`, settings, plans.slice(0, i));
      checkDoorbells(`nvme[${i}].queues`, settings);
    }
    return plans;
  },
  plug: (site, plans) => {
    const nvme = plans.map((plan, index) => new Controller(site, index, plan));
    const removeNvme = (one: NvmeView) => {
      site.checkOpen('removeNvme');
      take(one as Controller, nvme, 'controller');
      site.board.clock.userCalls.act('removeNvme', () => site.unplug((one as Controller).fn));
    };
    return { nvme, removeNvme };
  },
};

const NGUID_DIGITS = 16;
const STALLED_MOST = 1000;

/** What its watch must know of a controller. */
function factsOf(fn: NvmeFunction, judge: Judge): NvmeFacts {
  const { controller } = fn;
  const { settings, board, namespaces, vectors } = controller;
  return {
    get subject() {
      return fn.subject;
    },
    memory: board.memory,
    queues: settings.queues,
    entries: settings.entries,
    stride: DOORBELL_BYTES << settings.dstrd,
    bytesMost: PAGE << settings.mdts,
    requests: LIMITS.aerl + 1,
    aborts: LIMITS.acl + 1,
    opcodes: opcodesOf(settings),
    sgl: settings.offers.sgl,
    weighted: settings.offers.weighted,
    fused: settings.offers.fused,
    isLate: settings.latency > 0,
    namespacesMost: settings.namespacesMost,
    get csts() {
      return controller.csts;
    },
    heldBack: (vector) => heldBack(fn, vector, judge),
    onSleep: (listener) => judge.sleepers.push(listener),
    vectors,
    get canSignal() {
      return controller.canSignal;
    },
    namespaceAt: (nsid) => namespaces[nsid] ?? null,
    stores: judge.stores,
  };
}

/** A driver that polls may leave the controllers as they are. */
function heldBack(fn: NvmeFunction, vector: number, { takesInterrupts, lineHeldBack }: Judge): string | null {
  if (takesInterrupts?.() !== true) return null;
  const isLine = !fn.controller.canSignal;
  return fn.heldBack(vector) ?? (isLine ? (lineHeldBack?.(fn.bus?.irqOf(fn) ?? null) ?? null) : null);
}

/** By its numbers a second one is the first: Linux refuses it. */
function checkModel(path: string, { model }: NvmeSettings, before: readonly NvmePlan[]): void {
  if (before.some(({ settings }) => settings.model === model))
    throw new MisuseError(path, model, 'one that no other controller has');
}

/** Those of all pairs, of which the admin queue's is one, lie behind BAR0. */
function checkDoorbells(path: string, { queues, dstrd }: NvmeSettings): void {
  const most = (REGISTERS_SIZE - DOORBELLS) / (2 * (DOORBELL_BYTES << dstrd)) - 1;
  if (queues > most)
    throw new MisuseError(path, queues, `at most ${most}, as many as have doorbells with this dstrd`);
}

/** A controller, and the disks behind it. */
class Controller implements NvmeView {
  readonly fn: NvmeFunction;
  readonly namespaces: NvmeNamespace[] = [];
  private readonly site: Site;
  private readonly settings: NvmeSettings;
  /** Those that it has a part in, also of namespaces that are gone. */
  private readonly reservations = new Set<Reservations>();

  constructor(site: Site, index: number, { settings, namespaces }: NvmePlan) {
    this.site = site;
    this.settings = settings;
    this.fn = new NvmeFunction(`nvme${index}`, site.board, settings);
    site.plug(this.fn, {
      isBehind: true,
      watch: (_, judge) => {
        this.fn.controller.events = judgeNvme(factsOf(this.fn, judge), judge.journal);
      },
      powerCut: () => {
        for (const { medium } of this.namespaces) this.userCalls.shield(() => medium.powerCut?.());
      },
      close: () => {
        this.fn.controller.close();
        for (const one of this.reservations) one.leave(this.fn.controller);
        for (const { medium } of this.namespaces) medium.close();
      },
    });
    this.plug(namespaces, (enter) => enter());
    // Those that it begins with are no change.
    this.fn.controller.changed.clear();
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

  stall(commands: number): void {
    this.site.checkOpen('stall');
    checkWhole('stall', commands, 1, STALLED_MOST);
    this.fn.controller.queues.pace.stall(commands);
  }

  loseInterrupt(): void {
    this.site.checkOpen('loseInterrupt');
    this.fn.controller.queues.pace.lose();
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
      const shown = { blockSize, ...this.identityOf(name), ...this.reservationsOn(medium) };
      run(() => this.fn.controller.attach(new Namespace(nsid, behind, shown)));
      return one;
    });
  }

  private reservationsOn(medium: Medium): Pick<NamespaceSettings, 'reservations'> {
    if (!this.settings.offers.reservations) return {};
    const reservations = reservationsOn(medium, this.fn.controller);
    this.reservations.add(reservations);
    return { reservations };
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
