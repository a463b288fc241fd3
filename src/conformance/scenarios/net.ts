import { type NicDriver, type NicUse, virtioNet } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { Machine } from '../../machine/machine.ts';
import type { Oddity } from '../../rules/virtio/net/deliveries.ts';
import { NET_FEATURE } from '../../virtio/net/registers.ts';
import { deliver } from '../deliveries.ts';
import type { DriverModel } from '../model.ts';
import { administer } from '../net-admin.ts';
import { sendCommands } from '../net-commands.ts';
import {
  receivedBy,
  sendChecked,
  sendLarge,
  sendMarked,
  sendTunnelled,
  sendUnfinished,
} from '../net-traffic.ts';
import { FRAME } from '../reference.ts';
import type { Scenario } from './scenario.ts';

/** Features with commands. */
const ASKED = ['CTRL_RX', 'CTRL_VLAN', 'CTRL_RX_EXTRA', 'CTRL_MAC_ADDR'] as const;
const ASKED_OF_MODERN = [
  'NOTF_COAL',
  'VQ_NOTF_COAL',
  'HASH_TUNNEL',
  'HASH_REPORT',
  'RSS_CONTEXT',
  'DEVICE_STATS',
] as const;
/** Virtual nanoseconds, longer than a driver may take to react. */
const WHILE = 1_100_000_000;
const SLOW = 100;

/** A network driver alone, with one use. */
function model(options: NicUse, use: (nic: NicDriver) => void): DriverModel {
  return {
    name: 'reference NIC',
    drivers: [virtioNet(options)],
    run: (_port, handles) => {
      for (const nic of handles) use(nic as NicDriver);
    },
  };
}

function sendAndReceive(nic: NicDriver): void {
  nic.send(FRAME);
  sendChecked(nic);
  while (nic.receive() !== null);
}

const offloads: DriverModel = model({}, (nic) => {
  nic.setMac(Uint8Array.of(2, 0, 0, 0, 0, 1));
  sendUnfinished(nic);
  sendLarge(nic);
  nic.setOffloads(1 << NET_FEATURE.GUEST_CSUM);
  sendAndReceive(nic);
});

const pairs: DriverModel = model({}, (nic) => {
  sendAndReceive(nic);
  nic.setPairs(nic.pairsMax);
  for (let pair = 0; pair < nic.pairsMax; pair++) nic.send(FRAME, pair);
  sendLarge(nic);
  while (nic.receive() !== null);
});

const commands: DriverModel = model({}, (nic) => {
  sendCommands(nic);
  sendAndReceive(nic);
});

/** The card changes, and the driver gets time to react. */
function changes(change: (machine: Machine) => void): NonNullable<Scenario['act']> {
  return (machine, use) => {
    use();
    change(machine);
    for (let i = 0; i < 3; i++) {
      machine.port.wait(() => false, WHILE);
      use();
    }
  };
}

const marks: DriverModel = model({}, (nic) => {
  sendLarge(nic);
  sendMarked(nic);
});

const tunnels: DriverModel = model({}, (nic) => {
  sendUnfinished(nic);
  sendTunnelled(nic);
});

/** They receive frames that are unusual in one way. */
function receiving(name: string, oddity: Oddity, machine: () => Machine): Scenario {
  const driver = virtioNet();
  const run: DriverModel['run'] = (_port, handles, shown) =>
    deliver(shown, oddity, () => receivedBy(handles.find((handle) => handle !== undefined) as NicDriver));
  return { name, machine, model: () => ({ name: 'reference NIC', drivers: [driver], run }) };
}

const odd = (oddity: Exclude<Oddity, 'spoil'>) => () => gceN1({ nics: [{ oddHeaders: [oddity] }] });

const through = (oddity: Exclude<Oddity, 'spoil'>) => () =>
  gceN1({ virtio: 'modern', nics: [{ oddHeaders: [oddity], offer: ['GUEST_UDP_TUNNEL_GSO_CSUM'] }] });

const ODD_SCENARIOS: readonly Scenario[] = [
  receiving('frames with an undefined flag', 'flags', odd('flags')),
  receiving('frames with the fields of a checksum that is not open', 'checksum', odd('checksum')),
  receiving('large frames with a length of headers that is none', 'hdr_len', odd('hdr_len')),
  receiving('frames with the offsets of a tunnel that is none', 'tunnel_offsets', through('tunnel_offsets')),
  receiving('frames of a tunnel of either kind', 'tunnel_both', through('tunnel_both')),
  receiving('frames of a tunnel whose headers lack something', 'tunnel_unsound', through('tunnel_unsound')),
  receiving('frames with a checksum around, and no tunnel', 'tunnel_csum', through('tunnel_csum')),
  receiving('buffers that hold something else behind a frame', 'spoil', () =>
    gceN1({ completion: { spoil: true } }),
  ),
];

export const NET_SCENARIOS: readonly Scenario[] = [
  ...ODD_SCENARIOS,
  {
    name: 'a wire that sends back what it gets, with all offloads',
    machine: () => gceN1({ nics: [{ backend: 'loopback' }] }),
    model: () => offloads,
  },
  {
    name: 'a wire that sends back what it gets, with none',
    machine: () => gceN1({ nics: [{ backend: 'loopback', mergeable: false }] }),
    model: () => model({ features: ['MAC', 'STATUS'] }, sendAndReceive),
  },
  {
    name: 'a card whose address they do not ask for',
    machine: () => gceN1(),
    model: () => model({ features: [] }, sendAndReceive),
  },
  {
    name: 'a card that takes headers big-endian',
    machine: () => gceN1({ guestEndian: 'big' }),
    model: () => offloads,
  },
  {
    name: 'buffers of which each must hold the longest frame',
    machine: () => gceN1({ nics: [{ backend: 'loopback', mergeable: false }] }),
    model: () => offloads,
  },
  {
    name: 'buffers for one frame each, behind hash fields, on a network whose MTU the card tells',
    machine: () =>
      gceN1({
        virtio: 'modern',
        nics: [{ backend: 'loopback', mergeable: false, offer: ['HASH_REPORT', 'MTU'] }],
      }),
    model: () =>
      model({ features: ['MAC', 'STATUS', 'MTU', 'VERSION_1', 'CTRL_VQ', 'HASH_REPORT'] }, sendAndReceive),
  },
  {
    name: 'a modern card with four pairs of queues and buffers that merge',
    machine: () => gceN1({ virtio: 'modern', vcpus: 4, nics: [{ backend: 'loopback' }] }),
    model: () => pairs,
  },
  {
    name: 'a modern card that is asked for all that it offers',
    machine: () =>
      gceN1({
        virtio: 'modern',
        vcpus: 2,
        reservedFeatures: true,
        nics: [{ offer: [...ASKED, ...ASKED_OF_MODERN] }],
      }),
    model: () => commands,
  },
  {
    name: 'a legacy card that is asked for all that it offers',
    machine: () => gceN1({ vcpus: 2, nics: [{ offer: [...ASKED] }] }),
    model: () => commands,
  },
  {
    name: 'a card that a big-endian guest asks for all that it offers',
    machine: () => gceN1({ vcpus: 2, guestEndian: 'big', nics: [{ offer: [...ASKED] }] }),
    model: () => commands,
  },
  {
    name: 'a card with flow filters, and security associations',
    machine: () => gceN1({ virtio: 'modern', nics: [{ offer: ['ADMIN_VQ', 'IPSEC'] }] }),
    model: () => model({}, administer),
  },
  {
    name: 'a card that is to be announced',
    machine: () => gceN1({ nics: [{ offer: ['GUEST_ANNOUNCE'] }] }),
    model: () => model({}, sendAndReceive),
    act: changes((machine) => machine.nics[0]!.announce()),
  },
  {
    name: 'a card whose link becomes slower',
    machine: () => gceN1({ virtio: 'modern', nics: [{ offer: ['SPEED_DUPLEX'] }] }),
    model: () => model({}, sendAndReceive),
    act: changes((machine) => machine.nics[0]!.setSpeed(SLOW, false)),
  },
  {
    name: 'a card whose cable is out for a moment',
    machine: () => gceN1({ virtio: 'modern', nics: [{ offer: ['SPEED_DUPLEX'] }] }),
    model: () => model({}, sendAndReceive),
    act: changes(({ nics: [nic] }) => {
      nic!.setLink(false);
      nic!.setLink(true);
    }),
  },
  {
    name: 'a modern card that is told of congestion, and of the length of headers',
    machine: () => gceN1({ virtio: 'modern', nics: [{ offer: ['HOST_ECN', 'GUEST_HDRLEN'] }] }),
    model: () => marks,
  },
  {
    name: 'a card that cuts frames within tunnels',
    machine: () => gceN1({ virtio: 'modern', nics: [{ offer: ['HOST_TSO6', 'HOST_UDP_TUNNEL_GSO'] }] }),
    model: () => tunnels,
  },
  {
    name: 'a card that finishes the checksum around them, too',
    machine: () =>
      gceN1({
        virtio: 'modern',
        nics: [{ offer: ['HOST_TSO6', 'HOST_UDP_TUNNEL_GSO_CSUM', 'OUT_NET_HEADER'] }],
      }),
    model: () => tunnels,
  },
];
