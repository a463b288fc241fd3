import type { Driver } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { DEVICE_STATUS, VirtioDriver, virtioNet, virtioRng, virtioScsi } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { qemuPc } from '../../machine/qemu-pc.ts';
import { NET_FEATURE } from '../../virtio/net/registers.ts';
import { device_status, queue_size, VIRTIO_PCI_CAP } from '../../virtio/transport/modern/registers.ts';
import { capabilityOf, readWindow } from '../broken/behind-capabilities.ts';
import { answerCommon, CommonRegister } from '../broken/behind-modern.ts';
import type { DriverModel } from '../model.ts';
import { type Ask, queueResetter } from '../queue-resetter.ts';
import { referenceDrivers, referenceUses, useDevices } from '../reference.ts';
import { meetUndefinedFeatures } from '../undefined-features.ts';
import type { Scenario } from './scenario.ts';

/** Fewer than any queue here has. */
const FEW = 64;
/** By it the first of two structures of one type is plain, padded and long, in one device each. */
const THREE_TRAPS = 4;

/** Features that our NICs offer only on request, for those that drivers accept with them. */
export const FURTHER = [
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

/** Those of them that only the modern interface has. */
const MODERN_FURTHER = [
  'MTU',
  'CTRL_RX_EXTRA',
  'HASH_TUNNEL',
  'VQ_NOTF_COAL',
  'NOTF_COAL',
  'HASH_REPORT',
  'GUEST_HDRLEN',
  'RSC_EXT',
  'STANDBY',
  'SPEED_DUPLEX',
  'RSS_CONTEXT',
  'GUEST_UDP_TUNNEL_GSO_CSUM',
  'HOST_UDP_TUNNEL_GSO_CSUM',
  'OUT_NET_HEADER',
] as const;

/** A reference driver that does something more, by itself or behind the port that `more` returns. */
function doing<Handle>(
  name: string,
  good: Driver<Handle>,
  more: (port: GuestPort, bdf: number) => GuestPort,
): DriverModel {
  return {
    name,
    drivers: [{ ...good, attach: (port, bdf) => good.attach(more(port, bdf), bdf) }],
    run: useDevices,
  };
}

const rng = virtioRng({ interrupts: 'polled' });
const net = virtioNet({ interrupts: 'polled' });

export const byHeader: DriverModel = {
  name: 'reference, legacy',
  drivers: [virtioScsi({ legacy: true }), virtioNet({ legacy: true }), virtioRng({ legacy: true })],
  run: useDevices,
};

/** By messages, or polled where the device has no vector to give. */
const fallsBack: DriverModel = {
  name: 'reference that falls back to polling',
  drivers: [
    {
      ...net,
      attach: (port, bdf) => {
        try {
          return virtioNet({ interrupts: 'msix' }).attach(port, bdf);
        } catch {
          return net.attach(port, bdf);
        }
      },
    },
  ],
  run: useDevices,
};

export const secondTry = doing('reference, at the second try', net, (port, bdf) => {
  const given = new VirtioDriver(port, bdf, 'virtio-net', { interrupts: 'polled' });
  given.transport.raise(DEVICE_STATUS.mask.FAILED);
  return port;
});

export const smallQueues = doing('reference with small queues', rng, (port, bdf) => {
  const size = new CommonRegister(port, bdf, queue_size);
  return answerCommon(port, bdf, queue_size, (ask) => {
    size.write(Math.min(ask(), FEW));
    return ask();
  });
});

/** Reads the status before it has mapped anything. */
export const throughWindow = doing('reference that reads by the window', rng, (port, bdf) => {
  const { bar, offset } = capabilityOf(port, bdf, ({ type }) => type === VIRTIO_PCI_CAP.COMMON);
  readWindow(port, bdf, { bar, offset: offset + device_status.offset, length: device_status.width });
  return port;
});

export const resetter: DriverModel = {
  name: 'reference that resets a queue',
  drivers: [queueResetter],
  run: (_port, handles) => {
    for (const ask of handles) (ask as Ask)();
  },
};

/** Comes up on a device as it was, and on the same with undefined bits, behind the port that `more` returns. */
export function meetsStrangers(
  name: string,
  more: (port: GuestPort, bdf: number) => GuestPort = (port) => port,
): DriverModel {
  return {
    name,
    drivers: [],
    run: (port, _handles, machine) =>
      meetUndefinedFeatures(machine, () => {
        for (const { name: device, fn } of machine.virtio)
          if (device === 'rng0') rng.attach(more(port, fn.bdf), fn.bdf).read(32);
      }),
  };
}

/** The features that devices offer, and the interface by which they are used. */
const OFFERS: readonly Scenario[] = [
  {
    name: 'modern devices that offer all they can, and what means nothing',
    machine: () =>
      gceN1({
        virtio: 'modern',
        rng: true,
        balloon: true,
        reservedFeatures: true,
        ringFeatures: [
          'ACCESS_PLATFORM',
          'RING_PACKED',
          'ORDER_PLATFORM',
          'SR_IOV',
          'NOTIFICATION_DATA',
          'NOTIF_CONFIG_DATA',
          'RING_RESET',
        ],
      }),
  },
  {
    name: 'an entropy device that is told where a ring goes on',
    machine: () => gceN1({ virtio: 'modern', rng: true, ringFeatures: ['NOTIFICATION_DATA'] }),
  },
  {
    name: 'modern devices that are kicked by numbers of their own',
    machine: () => gceN1({ virtio: 'modern', ringFeatures: ['NOTIF_CONFIG_DATA'] }),
  },
  {
    name: 'capabilities that are to be passed over',
    machine: () => gceN1({ virtio: 'modern', rng: true, capabilityDecoys: true, seed: THREE_TRAPS }),
  },
  {
    name: 'modern functions that say revision 0',
    machine: () => gceN1({ virtio: 'modern', revision: 0 }),
  },
  {
    name: 'functions with 2048 vectors, and a long configuration',
    machine: () => gceN1({ virtio: 'modern', msix: { table: 2048 }, configTail: 1024 }),
  },
  {
    name: 'functions with one vector, and a configuration of an odd length',
    machine: () => gceN1({ msix: { vectors: 1 }, configTail: 3 }),
  },
  { name: 'transitional devices', machine: () => gceN1({ virtio: 'transitional', rng: true }) },
  {
    name: 'transitional devices that they use as legacy ones',
    machine: () => qemuPc({ virtio: 'transitional', rng: true }),
    model: () => byHeader,
  },
  { name: 'a machine of QEMU', machine: () => qemuPc({ rng: true }) },
  {
    name: 'a NIC that offers features which rest on others',
    machine: () => gceN1({ vcpus: 2, nics: [{ offer: [...FURTHER] }] }),
  },
  {
    name: 'an entropy device that after a while offers bits which mean nothing',
    machine: () => gceN1({ virtio: 'modern', rng: true, reservedFeatures: true }),
    model: () => meetsStrangers('reference, three times'),
  },
  {
    name: 'a modern NIC that offers all there is',
    machine: () => gceN1({ virtio: 'modern', vcpus: 2, nics: [{ offer: [...MODERN_FURTHER] }] }),
  },
];

/** What our drivers do not do, but others may. */
const WAYS: readonly Scenario[] = [
  {
    name: 'a device that they give up, and try again',
    machine: () => gceN1(),
    model: () => secondTry,
  },
  {
    name: 'vectors that are refused, so that they poll',
    machine: () => gceN1({ msix: { mappings: 1 } }),
    model: () => fallsBack,
  },
  {
    name: 'a NIC that offers less than others',
    machine: () => {
      const machine = gceN1();
      for (const device of machine.virtio)
        device.offer({ without: [NET_FEATURE.STATUS].filter((bit) => device.features.includes(bit)) });
      return machine;
    },
  },
  {
    name: 'devices that break down once they are done',
    machine: () => gceN1({ virtio: 'modern', rng: true }),
    act: (machine, use) => {
      use();
      for (const device of machine.virtio) device.breakDown();
    },
  },
  {
    name: 'split rings of which they use a part',
    machine: () => gceN1({ virtio: 'modern', rng: true }),
    model: () => smallQueues,
  },
  {
    name: 'packed rings of which they use a part',
    machine: () => gceN1({ virtio: 'modern', rng: true, ringFeatures: ['RING_PACKED'] }),
    model: () => smallQueues,
  },
  {
    name: 'a status that they read through configuration space',
    machine: () => gceN1({ virtio: 'modern', rng: true }),
    model: () => throughWindow,
  },
  {
    name: 'a queue that they reset by itself',
    machine: () => gceN1({ virtio: 'modern', rng: true, ringFeatures: ['RING_RESET'] }),
    model: () => resetter,
  },
];

/** Suspends its devices between two uses, and makes no requests meanwhile. */
const sleeper: DriverModel = {
  name: 'reference that sleeps',
  drivers: referenceDrivers(),
  run: (port, handles, machine) => {
    useDevices(port, handles);
    referenceUses.suspend!(handles, port, machine);
    referenceUses.resume!(handles, port, machine);
    useDevices(port, handles);
  },
};

const SLEEPING: Scenario = {
  name: 'devices that take their time to be suspended, and to work again',
  machine: () => gceN1({ virtio: 'modern', rng: true, ringFeatures: ['SUSPEND'], suspendTime: 100_000 }),
  model: () => sleeper,
};

export const VIRTIO_SCENARIOS: readonly Scenario[] = [...OFFERS, ...WAYS, SLEEPING];
