import type { GuestPort } from '../../core/guest-port.ts';
import { MMIO } from '../../core/places.ts';
import { assignBars, enumerate } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { DriverModel } from '../model.ts';
import { referenceModel } from '../reference.ts';
import type { Scenario } from './scenario.ts';

/** Where Compute Engine's firmware puts base addresses. */
const WINDOWS = {
  io: { base: 0xc000, end: 0xd000 },
  memory: { base: 0xfeb0_0000, end: MMIO.IO_APIC },
};

/** Does what firmware would have done. */
const placing: DriverModel = {
  ...referenceModel('msix'),
  enumerate: (port: GuestPort) => assignBars(port, enumerate(port), WINDOWS),
};

export const PCI_SCENARIOS: readonly Scenario[] = [
  {
    name: 'a machine at power-on, and place its base addresses themselves',
    machine: () => gceN1({ firmware: false, nics: [{ backend: 'loopback' }] }),
    model: () => placing,
  },
  {
    name: 'a machine whose lines interrupt them',
    machine: () => gceN1({ nics: [{ backend: 'loopback' }] }),
    model: () => referenceModel('intx'),
  },
];
