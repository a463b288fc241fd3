import * as v from 'valibot';
import { hasMethods } from '../../core/checks.ts';
import { MisuseError } from '../../core/misuse.ts';
import type { UserCalls } from '../../core/user-calls.ts';
import type { GvnicSettings } from '../../gvnic/settings.ts';
import { backendExpected, Loopback, type NetBackend } from '../../net/backends/index.ts';
import { KEPT_FRAMES } from '../../net/kept-frames.ts';
import { NET_FEATURE_RULES } from '../../rules/virtio/net/features.ts';
import { judgeNet } from '../../rules/virtio/net/net.ts';
import { withNeeds } from '../../virtio/net/dependency-registers.ts';
import { VirtioNet, type VirtioNetOptions } from '../../virtio/net/device.ts';
import { ODD_FIELDS } from '../../virtio/net/odd-headers.ts';
import { NET_FEATURE } from '../../virtio/net/registers.ts';
import { FEATURE } from '../../virtio/registers.ts';
import { completion } from '../completion-options.ts';
import type { MachinePlan } from '../machine-plan.ts';
import { checked, fieldsOf, flag, listOf, object, only, ringSize, whole } from '../option-kinds.ts';
import type { Maker } from '../profile.ts';
import { ShieldedBackend } from '../shielded.ts';
import type { WatchOf } from '../watches.ts';
import type { DeviceDescriptor, Site } from './descriptor.ts';
import { GvnicNic, type GvnicPlan, gvnicOptions, planGvnic, plugGvnic } from './gvnic.ts';
import { type Kept, type Nic, VirtioNic } from './nic.ts';
import { take } from './take.ts';
import { completingBy, plugVirtio } from './virtio.ts';

export interface NetFacade {
  readonly nics: readonly Nic[];
  /** Plugs a NIC into the next free slot, at once. Added at run time, it has no addresses yet. */
  addNic(options?: NicOptions): Nic;
  /**
   * Pulls a NIC out, even in the middle of an operation; no frame reaches it any more, and it no longer reaches the
   * guest's memory.
   */
  removeNic(nic: Nic): void;
}

/** One NIC, without its default address. */
export interface NicSettings {
  readonly mac: Uint8Array | null;
  readonly card: Omit<VirtioNetOptions, 'mac'> | GvnicPlan;
  readonly backend: NetBackend | null;
  /** How many of the frames that the guest sends the machine keeps. */
  readonly keep: number;
}

/** Features that a card may offer in addition to its own. */
const OFFER = { ...NET_FEATURE, ADMIN_VQ: FEATURE.ADMIN_VQ } as const;
const OFFERED = Object.keys(OFFER) as (keyof typeof OFFER)[];
const MAC = 'six hex bytes (example 42:01:0a:80:00:02)';
/** A millisecond: more would be a time-out to the sender. */
const JOIN_MOST = 1_000_000;
const nic = object({
  /** The kind of card: virtio-net, or Google's gVNIC. Default "virtio" on gceN1, gceE2 and qemuPc, "gvnic" on the others. */
  type: v.optional(v.picklist(['virtio', 'gvnic'], '"virtio" or "gvnic"')),
  /** What a gVNIC shows. Default: that of each field. */
  gvnic: v.optional(gvnicOptions),
  /** Its address. Default: 42:01 and an IPv4 address, as on Compute Engine; the first NIC's is 10.128.0.2. */
  mac: v.optional(v.pipe(v.string(MAC), v.regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i, MAC))),
  /** Queue pairs; a gVNIC has 16 at most. Default: one a vCPU. */
  queues: v.optional(whole(1, 128)),
  /** Entries of each ring, a power of two. Default 4096 on gceN1, 1024 on qemuPc, 1024 for a gVNIC. */
  ringSize: v.optional(ringSize),
  /** Offer MRG_RXBUF. Default true. */
  mergeable: v.optional(flag),
  /**
   * Further features of the network device to offer, with what they need. The features are judged and work, but for flow
   * filters, whose commands are judged and answered, and have no effect. ADMIN_VQ brings an administration virtqueue, by
   * which a driver asks for them. Of IPSEC there is the longer header, and no command. Default none.
   */
  offer: v.optional(v.array(v.picklist(OFFERED, `one of ${OFFERED.join(', ')}`), 'a list of features')),
  /**
   * Virtual nanoseconds, up to a millisecond, that segments wait to be joined with later ones. Default 0: only segments
   * that arrive together are joined.
   */
  joinWithin: v.optional(whole(0, JOIN_MOST)),
  /**
   * Values that a driver must ignore, in the headers of every second received frame: an undefined flag (with GUEST_CSUM),
   * checksum fields where no checksum is open, a header length that is wrong. For frames from a tunnel over UDP, to a
   * driver with GUEST_UDP_TUNNEL_GSO, values that it must refuse: bits of both kinds, a header that lacks something, a
   * checksum around nothing; and offsets where there is no tunnel. Default none.
   */
  oddHeaders: v.optional(
    v.array(v.picklist(ODD_FIELDS, `one of ${ODD_FIELDS.join(', ')}`), 'a list of fields'),
  ),
  /** How its completions reach the driver. Default: the machine's. */
  completion: v.optional(completion),
  /** How many frames `sent` keeps, the last that the guest sent; 64 or more, as a probe looks at those. Default 4096. */
  keep: v.optional(whole(64, 1 << 20)),
  /** What lies at the other end: nothing, every frame sent comes back, or a backend of your own. Default "none". */
  backend: v.optional(
    v.union(
      [v.picklist(['none', 'loopback']), v.custom<NetBackend>((x) => hasMethods(x, ['send', 'attach']))],
      ({ input }) => backendExpected(input, '"none", "loopback" or a backend (send, attach)'),
    ),
  ),
});

/**
 * A NIC: its address, its queues, the features it offers and its backend.
 *
 * @example { mac: '42:01:0a:80:00:03', queues: 4, backend: new Loopback() }
 */
export type NicOptions = v.InferInput<typeof nic>;

const options = {
  /** The network cards. Default: one. */
  nics: v.optional(v.array(nic, 'a list of NICs')),
};

const loggedNic = object({
  ...only(
    fieldsOf(nic),
    ...([
      'type',
      'gvnic',
      'mac',
      'queues',
      'ringSize',
      'mergeable',
      'offer',
      'joinWithin',
      'oddHeaders',
      'completion',
      'keep',
    ] as const),
  ),
  backend: v.optional(v.picklist(['none', 'loopback'], '"none" or "loopback"')),
});
/** As many as the bus has slots. */
const LOGGED_NICS = 32;

const SHOWN: Record<Maker, { ringSize: number; carried: number | null }> = {
  gce: { ringSize: 4096, carried: 1460 },
  qemu: { ringSize: 1024, carried: null },
};
const NET_CLASS = 0x02_0000;

/** @param carried bytes of the longest packet that its network carries, where that is known. */
export function netWatch(carried: number | null): WatchOf<VirtioNet> {
  return (facts, device, journal) => {
    const shown = device.config.values;
    const big = device.endian === 'be';
    const more = { featureRules: NET_FEATURE_RULES, mac: () => device.mac, big, carried, shown };
    return judgeNet({ ...facts, ...more }, journal);
  };
}

export const NET: DeviceDescriptor<typeof options, readonly NicSettings[], NetFacade> = {
  options,
  logged: {
    nics: v.optional(listOf(loggedNic, LOGGED_NICS, 'a list of NICs')),
  },
  virtio: { name: 'net', driver: 'virtio-net', options: {} },
  plan: ({ nics = [{}] }, machine) => nics.map((one) => planNic(one, machine)),
  plug(site, settings) {
    const cards = new Cards(site);
    for (const one of settings) cards.add(one);
    return cards.facade;
  },
};

/** Options of a virtio-net card that a gVNIC does not have. */
const VIRTIO_ONLY = ['mergeable', 'offer', 'joinWithin', 'oddHeaders', 'completion'] as const;

/** @throws MisuseError for an option of the other kind of card. */
function planNic(given: NicOptions, machine: MachinePlan): NicSettings {
  const { type = machine.profile.nic.type, mac, backend = 'none', keep = KEPT_FRAMES } = given;
  const other = type === 'virtio' ? (['gvnic'] as const) : VIRTIO_ONLY;
  const wrong = other.find((name) => given[name] !== undefined);
  if (wrong !== undefined)
    throw new MisuseError(`nics.${wrong}`, given[wrong], `left out with type "${type}"`);
  const { queues: pairs = machine.vcpus, ringSize } = given;
  return {
    mac: mac === undefined ? null : parseMac(mac),
    card:
      type === 'virtio'
        ? planVirtio(given, machine)
        : planGvnic(given.gvnic ?? {}, { pairs, ringSize }, machine),
    keep,
    backend: backend === 'none' ? null : backend === 'loopback' ? new Loopback() : backend,
  };
}

function planVirtio(
  given: NicOptions,
  { profile, vcpus, virtio }: MachinePlan,
): Omit<VirtioNetOptions, 'mac'> {
  const { queues: pairs = vcpus, offer = [], oddHeaders = [], joinWithin = 0 } = given;
  const { ringSize = SHOWN[profile.maker].ringSize, mergeable = true, completion } = given;
  return {
    pairs,
    ringSize,
    mergeable,
    offer: offerOf(offer),
    ...completingBy(virtio, completion),
    oddHeaders,
    joinWithin,
  };
}

function offerOf(names: NonNullable<NicOptions['offer']>): readonly number[] {
  const net = names.filter((name) => name !== 'ADMIN_VQ');
  return [
    ...withNeeds(net).map((name) => NET_FEATURE[name]),
    ...(names.includes('ADMIN_VQ') ? [FEATURE.ADMIN_VQ] : []),
  ];
}

type AnyNic = VirtioNic | GvnicNic;

/** The NICs of one machine. */
class Cards {
  private readonly nics: AnyNic[] = [];
  private readonly site: Site;
  private heard = false;

  constructor(site: Site) {
    this.site = site;
    site.events.tie('frame', () => {
      this.heard = true;
      for (const one of this.nics) this.tellFrames(one);
    });
  }

  get facade(): NetFacade {
    return {
      nics: this.nics,
      addNic: (given = {}) => {
        this.site.checkOpen('addNic');
        const [one] = checked(object(options), { nics: [given] }).nics!;
        const added = this.add(planNic(one!, this.site.plan));
        this.userCalls.raise();
        return added;
      },
      removeNic: (one) => {
        this.site.checkOpen('removeNic');
        take(one as AnyNic, this.nics, 'NIC');
        this.userCalls.act('removeNic', () => this.site.unplug((one as AnyNic).fn));
      },
    };
  }

  add(settings: NicSettings): AnyNic {
    let index = 0;
    while (this.nics.some(({ name }) => name === `net${index}`)) index++;
    const { backend, keep, card } = settings;
    const mac = settings.mac ?? defaultMac(index);
    const kept = { keep, isLooped: backend instanceof Loopback };
    const name = `net${index}`;
    const one =
      'formats' in card
        ? this.gvnic(name, { ...card, mac }, kept)
        : this.virtio(name, { ...card, mac }, kept);
    one.device.plug(backend === null ? null : new ShieldedBackend(backend, this.userCalls));
    this.nics.push(one);
    if (this.heard) this.tellFrames(one);
    return one;
  }

  private gvnic(name: string, settings: GvnicSettings, kept: Kept): GvnicNic {
    const fn = plugGvnic(this.site, name, settings);
    return new GvnicNic(fn.device, fn, this.site, kept);
  }

  private virtio(name: string, settings: VirtioNetOptions, kept: Kept): VirtioNic {
    const device = new VirtioNet(name, this.site.board, settings);
    const fn = plugVirtio(this.site, device, {
      class: NET_CLASS,
      watch: netWatch(SHOWN[this.site.plan.profile.maker].carried),
      // Follows from the size of BAR1 on Compute Engine: none for the control queue.
      vectors: 2 * device.pairs + (device.adminQueue === null ? 1 : 2),
      close: () => device.plug(null),
    });
    return new VirtioNic(device, fn, this.site, kept);
  }

  private get userCalls(): UserCalls {
    return this.site.board.clock.userCalls;
  }

  private tellFrames(one: AnyNic): void {
    one.onFrame = (frame, sent) => this.site.events.emit('frame', one.name, frame, sent);
  }
}

/** As Compute Engine does it: 42:01, then the IPv4 address; ours counts up from 10.128.0.2. */
function defaultMac(index: number): Uint8Array {
  return Uint8Array.of(0x42, 0x01, 0x0a, 0x80, 0x00, 2 + index);
}

function parseMac(text: string): Uint8Array {
  return Uint8Array.from(text.split(':'), (byte) => Number.parseInt(byte, 16));
}
