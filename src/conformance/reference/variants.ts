import type { QueueFormat } from '../../gvnic/registers/descriptor.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { KVM_FEATURES } from '../broken/broken-kvm.ts';
import type { DriverModel } from '../model/model.ts';
import { referenceModel } from '../reference.ts';
import type { ConformOptions } from '../suite/options.ts';
import { sendsLists } from './disk-lists.ts';
import { rulingGvnic, thoroughGvnic } from './gvnic.ts';
import { referenceKvm } from './kvm.ts';
import {
  alarmed,
  asksTenFirst,
  byApics,
  byHeader,
  hearsNoise,
  listens,
  namesLevels,
  placing,
  resetter,
  routing,
  secondTry,
  smallQueues,
  throughWindow,
  timing,
} from './models.ts';
import { referenceNvme, thoroughNvme } from './nvme.ts';
import { PL011_RATE, referencePl011 } from './pl011.ts';
import { thoroughModel } from './thorough.ts';

/** The variants in which the reference drivers are run in the suite. */
interface Variant extends Pick<ConformOptions, 'profile' | 'machine' | 'seeds' | 'scenarios'> {
  readonly model: DriverModel;
}

const USUAL = 'a machine as its firmware leaves it';
const SLOW = 'devices that take their time';
const WIRE = 'a wire that sends back what it gets';
const BALLOON = 'a balloon that is filled and emptied, and an entropy device';
const DECOYS = 'capabilities that are to be passed over';
const HOT_PLUG = 'disks that come and go';
const RINGS = 'features of rings that they may not know';
const NET_OFFERS = 'features of the NIC that they may not know';
const LONGER = 'features of the NIC by which the header of a frame is longer';
const ADMIN = 'a NIC with an administration virtqueue and flow filters';
const RESERVED_FEATURES = 'feature bits that mean nothing';
const ODD = [
  'frames that come with an undefined flag',
  'frames that come with the fields of a checksum that is not open',
  'large frames that come with a length of headers that is none',
  'frames that come into buffers which hold something else behind them',
];
const ODD_TUNNELS = [
  'frames that come with the offsets of a tunnel that is none',
  'frames that come through a tunnel of either kind',
  'frames that come through a tunnel with headers that lack something',
  'frames that come with a checksum around, and no tunnel',
];
/** What goes in comes out. */
const WHOLE = [
  'frames of every length, that are to come out as they were sent',
  'frames of every length, that are to be received as they came',
  'more to send than a ring has room for, while the device holds what it has',
];
const LENGTHS = [
  'a legacy card that says anything for the length of what it sent',
  'a legacy adapter that says anything for the length of its answers',
];
const HUSH = 'devices that notice kicks late, and ask not to be kicked meanwhile';
const KICK_DECOYS = 'rings that say elsewhere that no kick is needed';
const LOOKALIKES = 'functions that look like theirs, and are not';
const TYPING = 'somebody who types on every serial port';
const FLICKER = 'a serial line that flickers';
const BREAKDOWN = 'devices that break down while they use them';
const ASLEEP = 'sleep of devices that take their time to be suspended, and to work again';
const FEWER = 'devices without one of their features, each in turn';

const ALL: MachineOptions = { rng: true, balloon: true };
const MODERN: MachineOptions = { ...ALL, virtio: 'modern' };
const SPLIT: MachineOptions = {
  ...MODERN,
  ringFeatures: ['INDIRECT_DESC', 'EVENT_IDX', 'IN_ORDER', 'NOTIFICATION_DATA', 'RING_RESET'],
};
const PACKED: MachineOptions = { ...MODERN, ringFeatures: ['RING_PACKED', 'INDIRECT_DESC', 'EVENT_IDX'] };
/** By it the first of two structures is plain, padded and long, in one device each. */
const THREE_TRAPS = [4];

/** A disk of more blocks than READ CAPACITY(10) can report, few of which are written. */
const LARGE_DISK: MachineOptions = { disks: [{ bytes: 3 * 2 ** 40 }] };
/** A disk with all commands, to which several machines may write. */
const OBLIGING_DISK: MachineOptions = { disks: [{ bytes: 1 << 20, commands: 'all', multiWriter: true }] };
/** A target with a unit in addition to LUN 0, and an adapter whose events are longer than those that drivers know. */
const FURTHER_UNIT: MachineOptions = {
  disks: [{ bytes: 1 << 20 }, { bytes: 1 << 20, target: 1, lun: 1 }],
  scsi: { eventInfoSize: 32 },
};
/** Fewer entries than commands that one unit takes. */
const SHORT_RING = 32;
/** Features that our NICs offer only on request, for those that drivers accept with them. */
const FURTHER = [
  'GUEST_TSO6',
  'GUEST_ECN',
  'GUEST_UFO',
  'HOST_TSO6',
  'HOST_ECN',
  'HOST_UFO',
  'CTRL_RX',
  'CTRL_VLAN',
  'GUEST_ANNOUNCE',
  'CTRL_MAC_ADDR',
] as const;

/** A controller with two disks. */
const nvmeWith = (barsAbove4G: boolean): MachineOptions => ({
  firmware: { barsAbove4G },
  nvme: [{ namespaces: [{ bytes: 1 << 20 }, { bytes: 1 << 20, blockSize: 4096 }] }],
});
/** A gVNIC whose frames come back. */
const gvnicWith = (...formats: readonly QueueFormat[]): MachineOptions => ({
  nics: [{ type: 'gvnic', backend: 'loopback', gvnic: { formats: [...formats] } }],
});

/** No part of it is a user's: our guest uses every part of the machine. */
const guest: DriverModel = { name: 'reference guest' };

/**
 * By device and by interface, in rings of either format, and with behaviour that our drivers do not have and
 * others may.
 */
export const VARIANTS: readonly Variant[] = [
  {
    model: thoroughModel('msix'),
    machine: ALL,
    scenarios: [
      ...[USUAL, SLOW, WIRE, BALLOON, FEWER, HUSH, KICK_DECOYS],
      'functions without MSI-X',
      'functions that refuse vectors',
      'functions with one vector',
      'a NIC with a pair of queues for each of four processors',
      HOT_PLUG,
      TYPING,
      RESERVED_FEATURES,
      'devices that after a while offer bits which mean nothing',
      'a network card that merges no buffers',
    ],
  },
  {
    model: thoroughModel('intx'),
    machine: SPLIT,
    scenarios: [
      USUAL,
      'more events than they have buffers for',
      DECOYS,
      RINGS,
      NET_OFFERS,
      FEWER,
      HUSH,
      KICK_DECOYS,
      RESERVED_FEATURES,
      BREAKDOWN,
    ],
  },
  {
    model: thoroughModel('polled'),
    machine: { ...PACKED, scsi: { ringSize: SHORT_RING } },
    scenarios: [USUAL, SLOW, RINGS, FEWER, HUSH],
  },
  {
    model: referenceModel('intx'),
    machine: FURTHER_UNIT,
    scenarios: [
      HOT_PLUG,
      'a disk that gets another size',
      'a disk that is busy for long',
      'frames that are to come in whole while buffers come back in any order',
    ],
  },
  { model: asksTenFirst, machine: LARGE_DISK, scenarios: [USUAL] },
  { model: sendsLists, machine: OBLIGING_DISK, scenarios: [USUAL] },
  {
    model: referenceModel(),
    machine: { nics: [{ backend: 'loopback', mergeable: false }] },
    scenarios: [FEWER, ...ODD, ...WHOLE, ...LENGTHS],
  },
  { model: guest, scenarios: [WIRE, 'two network cards and two disks'] },
  { model: byHeader, machine: { virtio: 'transitional' }, profile: 'qemu-pc', scenarios: [USUAL] },
  {
    model: referenceModel('polled'),
    machine: { ...ALL, guestEndian: 'big' },
    scenarios: [BALLOON],
  },
  { model: thoroughModel('polled'), machine: { guestEndian: 'big' }, scenarios: [USUAL] },
  { model: secondTry, scenarios: [USUAL] },
  {
    model: thoroughModel('msix'),
    machine: { vcpus: 2, nics: [{ offer: [...FURTHER] }] },
    scenarios: [USUAL],
  },
  {
    model: thoroughModel('msix'),
    machine: { ...MODERN, vcpus: 2 },
    scenarios: [
      NET_OFFERS,
      LONGER,
      ADMIN,
      'a machine that moves to another host',
      'a link that becomes slower',
      'a cable that is out for a moment',
    ],
  },
  {
    model: thoroughModel('msix'),
    machine: {
      ...MODERN,
      nics: [
        {
          backend: 'loopback',
          offer: ['MTU', 'STANDBY', 'GUEST_HDRLEN', 'HOST_ECN', 'HOST_TSO6', 'HOST_UDP_TUNNEL_GSO'],
        },
      ],
    },
    scenarios: [USUAL],
  },
  { model: thoroughModel('polled'), machine: { guestEndian: 'big', vcpus: 2 }, scenarios: [NET_OFFERS] },
  { model: thoroughModel('intx'), scenarios: [NET_OFFERS] },
  { model: smallQueues, machine: MODERN, scenarios: [USUAL] },
  { model: smallQueues, machine: PACKED, scenarios: [USUAL] },
  {
    model: referenceModel(),
    machine: MODERN,
    scenarios: [
      'modern functions that say revision 0',
      'configurations that go on behind their fields',
      'configurations of an odd length',
      LOOKALIKES,
      'frames that are longer than a buffer',
      ...ODD_TUNNELS,
    ],
  },
  { model: timing, scenarios: [USUAL] },
  { model: alarmed, scenarios: [USUAL] },
  { model: hearsNoise, scenarios: [USUAL] },
  { model: placing, machine: { firmware: false }, scenarios: [USUAL] },
  { model: referenceModel(), machine: { ...MODERN, capabilityLoop: true }, scenarios: [USUAL] },
  { model: byApics, scenarios: [WIRE] },
  { model: routing, scenarios: [USUAL] },
  { model: listens, scenarios: [USUAL, FLICKER, TYPING] },
  { model: namesLevels, scenarios: [USUAL] },
  { model: throughWindow, machine: MODERN, scenarios: [USUAL] },
  { model: resetter, machine: SPLIT, scenarios: [USUAL] },
  { model: referenceModel(), machine: MODERN, scenarios: [ASLEEP] },
  { model: thoroughModel('msix'), machine: MODERN, seeds: THREE_TRAPS, scenarios: [DECOYS] },
  { model: thoroughGvnic, machine: gvnicWith('GQI_QPL') },
  { model: thoroughGvnic, machine: gvnicWith('DQO_RDA') },
  {
    model: thoroughGvnic,
    machine: { nics: [{ type: 'gvnic', backend: 'loopback', gvnic: { mailbox: true } }] },
    scenarios: [
      USUAL,
      'events and capabilities of a mailbox that they do not know',
      'a card that asks to be reset',
    ],
  },
  {
    model: rulingGvnic,
    machine: { nics: [{ type: 'gvnic', gvnic: { formats: ['DQO_RDA'], offer: ['FLOW_STEERING'] } }] },
    scenarios: [USUAL],
  },
  { model: thoroughNvme('msix'), machine: nvmeWith(true), scenarios: [USUAL] },
  { model: thoroughNvme('intx'), machine: nvmeWith(false), scenarios: [USUAL] },
  {
    model: referenceNvme({ interrupts: 'polled' }),
    machine: nvmeWith(false),
    scenarios: [
      'an NVMe command that never ends',
      'an NVMe controller that fails while they use it',
      'NVMe namespaces that come, grow and go',
      'an NVMe disk with blocks that cannot be read, or written',
    ],
  },
  // Behind bridges.
  { model: referenceModel('msix'), profile: 'gce-c4', scenarios: [USUAL] },
  { model: referencePl011(), profile: 'gce-t2a' },
  { model: referencePl011(PL011_RATE), profile: 'gce-t2a', machine: { serial: { whole: true } } },
  { model: referenceKvm, machine: { vcpus: 2, kvm: { features: KVM_FEATURES } } },
];
