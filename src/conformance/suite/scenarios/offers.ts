import { type SuiteScenario, withOptions } from '../scenario.ts';

const MIB = 1 << 20;
/** Bytes behind the configuration: as many as there is room for, and so few that nothing is aligned. */
const [LONG_TAIL, ODD_TAIL] = [1024, 3];

/** Features of which each rests on others, or is worth nothing to most. */
const FURTHER = [
  'GUEST_ECN',
  'GUEST_UFO',
  'HOST_ECN',
  'HOST_UFO',
  'CTRL_RX',
  'CTRL_VLAN',
  'CTRL_MAC_ADDR',
  'GUEST_HDRLEN',
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
    options: ({ nics = [{}], ...base }) => ({
      ...base,
      nics: nics.map((nic) => ({ ...nic, offer: [...FURTHER] })),
    }),
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
    name: 'modern functions that say revision 0',
    why: 'a driver takes them by their Device ID, and it is the features that tell a legacy device',
    applies: ({ virtio = 'legacy' }) => virtio === 'modern',
    provokes: ['discovery/REVISION'],
    options: withOptions({ revision: 0 }),
  },
  {
    name: 'functions that look like theirs, and are not',
    why: 'a Vendor ID is worth nothing without the Device ID, nor that without the other',
    provokes: ['discovery/VENDOR', 'discovery/DEVICE'],
    options: withOptions({ strangers: true }),
  },
  {
    name: 'configurations that go on behind their fields',
    why: 'who knows how long a structure is knows it of one version',
    provokes: ['virtio/CFG-D4'],
    options: withOptions({ configTail: LONG_TAIL }),
  },
  {
    name: 'configurations of an odd length',
    why: 'what is long enough is right',
    provokes: ['virtio/CFG-D5'],
    options: withOptions({ configTail: ODD_TAIL }),
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
