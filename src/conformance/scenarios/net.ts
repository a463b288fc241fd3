import { type NicDriver, type NicUse, virtioNet } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { NET_FEATURE } from '../../virtio/net/registers.ts';
import type { DriverModel } from '../model.ts';
import { sendChecked, sendLarge, sendMarked, sendUnfinished } from '../net-errands.ts';
import { FRAME } from '../reference.ts';
import type { Scenario } from './scenario.ts';

/** A network driver alone, used so. */
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

const marks: DriverModel = model({}, (nic) => {
  sendLarge(nic);
  sendMarked(nic);
});

export const NET_SCENARIOS: readonly Scenario[] = [
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
    model: () => model({ features: ['CSUM'] }, sendAndReceive),
  },
  {
    name: 'buffers of which each must hold the longest frame',
    machine: () => gceN1({ nics: [{ backend: 'loopback', mergeable: false }] }),
    model: () => offloads,
  },
  {
    name: 'a modern card with four pairs of queues and buffers that merge',
    machine: () => gceN1({ virtio: 'modern', vcpus: 4, nics: [{ backend: 'loopback' }] }),
    model: () => pairs,
  },
  {
    name: 'a modern card that is told of congestion, and of the length of headers',
    machine: () => gceN1({ virtio: 'modern', nics: [{ offer: ['HOST_ECN', 'GUEST_HDRLEN'] }] }),
    model: () => marks,
  },
];
