import { NicDriver } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { MachineOptions } from '../../machine/options.ts';
import type { DriverModel } from '../model.ts';
import { FRAME, referenceDrivers, useDevices } from '../reference.ts';
import type { Scenario } from './scenario.ts';

/** Two frames are under way at once, so that something is outstanding when the next is taken. */
const keepsBusy: DriverModel = {
  name: 'reference drivers, two frames at a time',
  drivers: referenceDrivers(),
  run: (port, handles) => {
    useDevices(port, handles);
    for (const nic of handles.filter((handle) => handle instanceof NicDriver)) {
      nic.post(FRAME);
      nic.send(FRAME);
    }
  },
};

function rings(
  what: string,
  features: MachineOptions['ringFeatures'],
  options: MachineOptions = {},
): Scenario {
  return {
    name: `${what}, whose devices take their time`,
    machine: () =>
      gceN1({
        virtio: 'modern',
        ringFeatures: features,
        nics: [{ backend: 'loopback' }],
        completion: { latency: 100_000 },
        ...options,
      }),
    model: () => keepsBusy,
  };
}

export const RING_SCENARIOS: readonly Scenario[] = [
  rings('split rings', ['IN_ORDER']),
  rings('split rings with indirect tables and events', [
    'INDIRECT_DESC',
    'EVENT_IDX',
    'IN_ORDER',
    'ACCESS_PLATFORM',
  ]),
  rings('packed rings', ['RING_PACKED']),
  rings('packed rings with indirect tables and events', ['RING_PACKED', 'INDIRECT_DESC', 'EVENT_IDX']),
  ...[[], ['EVENT_IDX'] as const, ['RING_PACKED'] as const].map(
    (features): Scenario =>
      rings(`rings of ${features[0] ?? 'no feature'} that ask not to be kicked`, [...features], {
        completion: { notice: 2_000_000, hush: true },
      }),
  ),
  ...[[], ['EVENT_IDX'] as const].map(
    (features): Scenario =>
      rings(
        `rings of ${features[0] ?? 'no feature'} that say elsewhere that no kick is needed`,
        [...features],
        {
          kickDecoys: true,
        },
      ),
  ),
  {
    name: 'rings of a big-endian guest',
    machine: () => gceN1({ guestEndian: 'big', nics: [{ backend: 'loopback' }] }),
  },
];
