import type { GuestPort } from '../../core/guest-port.ts';
import { assignBars, enumerate } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { DriverModel } from '../model.ts';
import { BAR_WINDOWS } from '../power-on.ts';
import { referenceModel } from '../reference.ts';
import type { Scenario } from './scenario.ts';

/** Does what firmware would have done. */
const placing: DriverModel = {
  ...referenceModel('msix'),
  enumerate: (port: GuestPort) => assignBars(port, enumerate(port), BAR_WINDOWS),
};

export const PCI_SCENARIOS: readonly Scenario[] = [
  { name: 'functions that look like theirs, and are not', machine: () => gceN1({ strangers: true }) },
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
