import type { NicOptions } from '../../machine/devices/net.ts';
import type { Nic } from '../../machine/devices/nic.ts';
import { MODERN_FEATURES } from '../../machine/virtio-options.ts';
import { type SuiteScenario, withOptions } from './scenario.ts';

type NetFeature = NonNullable<NicOptions['offer']>[number];

const MIB = 1 << 20;
const SLOW = 100;
/** Bytes behind the configuration: as many as there is room for, and so few that nothing is aligned. */
const [LONG_TAIL, ODD_TAIL] = [1024, 3];

/** Features that depend on others, or are of little use to most drivers; none that an unaware driver should accept. */
const FURTHER = [
  'GUEST_ECN',
  'GUEST_UFO',
  'HOST_ECN',
  'HOST_UFO',
  'CTRL_RX',
  'CTRL_VLAN',
  'CTRL_RX_EXTRA',
  'CTRL_MAC_ADDR',
  'NOTF_COAL',
  'VQ_NOTF_COAL',
  'DEVICE_STATS',
  'RSC_EXT',
  'SPEED_DUPLEX',
] as const;

/** Those that lengthen the header of a frame. */
const LONGER = [
  'GUEST_UDP_TUNNEL_GSO_CSUM',
  'HOST_UDP_TUNNEL_GSO_CSUM',
  'OUT_NET_HEADER',
  'HASH_REPORT',
  'HASH_TUNNEL',
  'RSS_CONTEXT',
] as const;

/** Those that do not change the layout of a ring. */
const RING_FURTHER = MODERN_FEATURES.filter((name) => name !== 'RING_PACKED' && name !== 'SUSPEND');

/** Each card offers these, too. */
function offering(offer: readonly NetFeature[]): NonNullable<SuiteScenario['options']> {
  return ({ nics = [{}], ...base }) => ({
    ...base,
    nics: nics.map((nic) => (nic.type === 'gvnic' ? nic : { ...nic, offer: [...offer] })),
  });
}

/** Longer than a driver may take to react. */
const WHILE = 1_100_000_000;

/** Each card changes; the driver gets time, and continues. */
function changes(change: (nic: Nic) => void): NonNullable<SuiteScenario['act']> {
  return ({ machine, start, use }) => {
    start();
    use();
    machine.nics.forEach(change);
    for (let i = 0; i < 3; i++) {
      machine.port.wait(() => false, WHILE);
      use();
    }
  };
}

/** Unusual offers of a machine that must not disturb a driver. */
export const OFFERS: readonly SuiteScenario[] = [
  {
    name: 'feature bits that mean nothing',
    why: 'a driver that accepts unknown bits accepts these',
    needs: ['virtio'],
    provokes: ['virtio/FEAT-D5', 'virtio/FEAT-D6', 'virtio/FEAT-D8'],
    options: withOptions({ reservedFeatures: true }),
  },
  {
    name: 'capabilities that are to be passed over',
    why: 'the first that looks right may be the wrong one',
    needs: ['virtio'],
    meets: ['virtio/PCI-CAP-D3'],
    applies: ({ virtio = 'legacy' }) => virtio !== 'legacy',
    provokes: ['virtio/PCI-CAP-D1', 'virtio/PCI-CAP-D2', 'virtio/PCI-CAP-D4', 'virtio/PCI-CAP-D6'],
    options: withOptions({ capabilityDecoys: true }),
  },
  {
    name: 'queues that are kicked elsewhere than at four times their index',
    why: 'queue_notify_off and the multiplier say where a queue is kicked, not its index',
    needs: ['virtio'],
    applies: ({ virtio = 'legacy' }) => virtio !== 'legacy',
    options: withOptions({ notifyElsewhere: true }),
  },
  {
    name: 'features of the NIC that they may not know',
    why: 'a feature that rests on another is not taken alone',
    needs: ['net'],
    meets: [
      'virtio/NET-FEAT',
      'virtio/NET-CFG-D14',
      'virtio/NET-COAL',
      'virtio/NET-MAC',
      'virtio/NET-STAT',
      'virtio/NET-VLAN',
      'virtio/NET-MQ',
    ],
    options: offering(FURTHER),
  },
  {
    name: 'features of the NIC by which the header of a frame is longer',
    why: 'a driver that takes one of them puts more bytes before each frame, and finds more',
    needs: ['net'],
    meets: [
      'virtio/NET-FEAT',
      'virtio/NET-CFG-D13',
      'virtio/NET-TX',
      'virtio/NET-HASHCFG',
      'virtio/NET-RSS',
      'virtio/NET-IHH',
    ],
    applies: ({ virtio = 'legacy' }) => virtio !== 'legacy',
    // So that there are also tunnels that nothing describes.
    options: (base) => ({ ...offering(LONGER)(base), reservedFeatures: true }),
  },
  {
    name: 'a NIC with an administration virtqueue and flow filters',
    why: 'it is no queue like the others, and what it is for is told in an order of its own',
    needs: ['net'],
    meets: ['virtio/PCI-COMMON-D8', 'virtio/ADMIN', 'virtio/NET-FF'],
    applies: ({ virtio = 'legacy' }) => virtio !== 'legacy',
    options: offering(['ADMIN_VQ']),
  },
  {
    name: 'a machine that moves to another host',
    why: 'the network has to learn where it is now',
    needs: ['net'],
    provokes: ['virtio/NET-ANN-D1', 'virtio/NET-ANN-D2'],
    options: offering(['GUEST_ANNOUNCE']),
    act: changes((nic) => nic.announce()),
  },
  {
    name: 'a link that becomes slower',
    why: 'what was read of it before is wrong',
    needs: ['net'],
    applies: ({ virtio = 'legacy' }) => virtio !== 'legacy',
    provokes: ['virtio/NET-CFG-D12'],
    options: offering(['SPEED_DUPLEX']),
    act: changes((nic) => nic.setSpeed(SLOW, false)),
  },
  {
    name: 'a cable that is out for a moment',
    why: 'a link that was read once may be no more',
    needs: ['card'],
    provokes: ['virtio/NET-CFG-D6'],
    // So that a driver without another reason listens for changes.
    options: offering(['GUEST_ANNOUNCE']),
    act: changes((nic) => {
      nic.setLink(false);
      nic.setLink(true);
    }),
  },
  {
    name: 'features of rings that they may not know',
    why: 'an accepted feature must be used, and some must be accepted',
    needs: ['virtio'],
    meets: ['virtio/RFEAT', 'virtio/PCI-KICK-D5', 'virtio/PCI-KICK-D6', 'virtio/PACKED-DESC-D3'],
    applies: ({ virtio = 'legacy' }) => virtio !== 'legacy',
    options: ({ ringFeatures = [], ...base }) => ({
      ...base,
      ringFeatures: [...new Set([...ringFeatures, ...RING_FURTHER])],
    }),
  },
  {
    name: 'modern functions that say revision 0',
    why: 'a driver takes them by their Device ID, and it is the features that tell a legacy device',
    needs: ['virtio'],
    applies: ({ virtio = 'legacy' }) => virtio === 'modern',
    provokes: ['discovery/REVISION'],
    options: withOptions({ revision: 0 }),
  },
  {
    name: 'functions that look like theirs, and are not',
    why: 'a Vendor ID means nothing without the Device ID, and the reverse',
    needs: ['virtio'],
    provokes: ['discovery/VENDOR', 'discovery/DEVICE'],
    options: withOptions({ strangers: true }),
  },
  {
    name: 'configurations that go on behind their fields',
    why: 'the length of a structure differs between versions',
    needs: ['virtio'],
    provokes: ['virtio/CFG-D4'],
    options: withOptions({ configTail: LONG_TAIL }),
  },
  {
    name: 'configurations of an odd length',
    why: 'any length that is enough is right',
    needs: ['virtio'],
    provokes: ['virtio/CFG-D5'],
    options: withOptions({ configTail: ODD_TAIL }),
  },
  {
    name: 'devices that refuse what QEMU lets pass',
    why: 'what works by chance does not work here',
    needs: ['virtio'],
    options: withOptions({ strictness: 'strict' }),
  },
  {
    name: 'RAM above 4 GiB, and none below for them',
    why: 'an address cut to 32 bits is not RAM',
    needs: ['virtio or gvnic'],
    options: withOptions({
      memory: { below4G: 32 * MIB, above4G: 64 * MIB, driversAbove4G: true },
    }),
  },
  {
    name: 'two network cards and two disks',
    why: 'state that is kept once for all devices is shared by mistake',
    needs: ['virtio'],
    meets: ['gce/SCSI-READ'],
    options: withOptions({ nics: [{}, {}], disks: [{ bytes: MIB }, { bytes: MIB }] }),
  },
];
