import type { NicOptions } from '../../../machine/devices/net.ts';
import { type SuiteScenario, withOptions } from '../scenario.ts';

type NetFeature = NonNullable<NicOptions['offer']>[number];

const MIB = 1 << 20;

/** Features of which each rests on others, or is worth nothing to most. */
const FURTHER = [
  'MTU',
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
  'GUEST_HDRLEN',
  'RSC_EXT',
  'STANDBY',
  'SPEED_DUPLEX',
] as const;

/** Those with which the header of a frame is longer. */
const LONGER = [
  'GUEST_UDP_TUNNEL_GSO_CSUM',
  'HOST_UDP_TUNNEL_GSO_CSUM',
  'OUT_NET_HEADER',
  'HASH_REPORT',
  'HASH_TUNNEL',
  'RSS_CONTEXT',
] as const;

/** Those that say nothing of how a ring is laid out. */
const RING_FURTHER = [
  'INDIRECT_DESC',
  'EVENT_IDX',
  'ACCESS_PLATFORM',
  'IN_ORDER',
  'ORDER_PLATFORM',
  'SR_IOV',
  'NOTIFICATION_DATA',
  'NOTIF_CONFIG_DATA',
  'RING_RESET',
] as const;

/** Each card offers these, too. */
function offering(offer: readonly NetFeature[]): NonNullable<SuiteScenario['options']> {
  return ({ nics = [{}], ...base }) => ({
    ...base,
    nics: nics.map((nic) => ({ ...nic, offer: [...offer] })),
  });
}

/** What a machine may show and no driver may fall for. */
export const OFFERS: readonly SuiteScenario[] = [
  {
    name: 'feature bits that mean nothing',
    why: 'who takes what he does not know takes these',
    provokes: ['virtio/FEAT-D5', 'virtio/FEAT-D6', 'virtio/FEAT-D8'],
    options: withOptions({ reservedFeatures: true }),
  },
  {
    name: 'capabilities that are to be passed over',
    why: 'the first that looks right may be the wrong one',
    applies: ({ virtio = 'legacy' }) => virtio !== 'legacy',
    provokes: ['virtio/PCI-CAP-D1', 'virtio/PCI-CAP-D2', 'virtio/PCI-CAP-D4', 'virtio/PCI-CAP-D6'],
    options: withOptions({ capabilityDecoys: true }),
  },
  {
    name: 'features of the NIC that they may not know',
    why: 'a feature that rests on another is not taken alone',
    options: offering(FURTHER),
  },
  {
    name: 'features of the NIC by which the header of a frame is longer',
    why: 'who takes one of them puts more bytes before each frame, and finds more',
    applies: ({ virtio = 'legacy' }) => virtio !== 'legacy',
    options: offering(LONGER),
  },
  {
    name: 'features of rings that they may not know',
    why: 'a feature that is taken is to be kept to, and some are to be taken',
    applies: ({ virtio = 'legacy' }) => virtio !== 'legacy',
    options: ({ ringFeatures = [], ...base }) => ({
      ...base,
      ringFeatures: [...new Set([...ringFeatures, ...RING_FURTHER])],
    }),
  },
  {
    name: 'devices that refuse what QEMU lets pass',
    why: 'what works by chance does not work here',
    options: withOptions({ strictness: 'strict' }),
  },
  {
    name: 'RAM above 4 GiB, and none below for them',
    why: 'an address that is cut to 32 bits is no RAM',
    options: withOptions({
      memory: { below4G: 32 * MIB, above4G: 64 * MIB, driversAbove4G: true },
    }),
  },
  {
    name: 'two network cards and two disks',
    why: 'what is kept once for all devices is one too few',
    options: withOptions({ nics: [{}, {}], disks: [{ bytes: MIB }, { bytes: MIB }] }),
  },
];
