import type { GuestPort } from '../../core/guest-port.ts';
import { assignBars, enumerate, GuestInterrupts, routeLines } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { CONFADD } from '../../pci/registers.ts';
import type { DriverModel } from '../model.ts';
import { BAR_WINDOWS } from '../power-on.ts';
import { referenceModel } from '../reference.ts';
import type { Scenario } from './scenario.ts';

/** As Compute Engine's firmware routes PIRQA to PIRQD. */
const LINKS = [10, 10, 11, 11] as const;

/** Of the local APIC's timer. */
const TICKS = 1000;

/** Does the firmware's work. */
const placing: DriverModel = {
  ...referenceModel('msix'),
  enumerate: (port: GuestPort) => {
    const functions = assignBars(port, enumerate(port), BAR_WINDOWS);
    routeLines(port, functions, LINKS);
    return functions;
  },
};

/** Routes lines again, as an operating system may. */
export const routing: DriverModel = {
  name: 'reference that routes its lines',
  drivers: [],
  run: (port) => routeLines(port, enumerate(port), LINKS),
};

/** Lines come in by the IOAPIC, and once the timer of the local APIC does. */
export const byApics: DriverModel = {
  ...referenceModel('intx'),
  name: 'reference, by the APICs',
  enumerate: (port: GuestPort) => {
    const interrupts = GuestInterrupts.of(port);
    interrupts.useIoApic();
    interrupts.after(TICKS, () => {});
    return enumerate(port);
  },
};

/** Asks for configuration mechanism #1 as Linux does, by a byte at the top of CONFADD. */
const probing: DriverModel = {
  ...referenceModel('msix'),
  name: 'reference that looks for mechanism #1 first',
  enumerate: (port: GuestPort) => {
    port.out(CONFADD.offset + 3, 1, 1);
    port.out(CONFADD.offset, CONFADD.mask.ENABLE >>> 0, 4);
    return enumerate(port);
  },
};

export const PCI_SCENARIOS: readonly Scenario[] = [
  { name: 'capabilities without an end', machine: () => gceN1({ virtio: 'modern', capabilityLoop: true }) },
  { name: 'functions that look like theirs, and are not', machine: () => gceN1({ strangers: true }) },
  {
    name: 'a machine at power-on, and place its base addresses themselves',
    machine: () => gceN1({ firmware: false, nics: [{ backend: 'loopback' }] }),
    model: () => placing,
  },
  { name: 'a bus that they ask for its mechanism', machine: () => gceN1(), model: () => probing },
  {
    name: 'a machine whose lines interrupt them',
    machine: () => gceN1({ nics: [{ backend: 'loopback' }] }),
    model: () => referenceModel('intx'),
  },
  {
    name: 'a machine whose APICs interrupt them',
    machine: () => gceN1({ nics: [{ backend: 'loopback' }] }),
    model: () => byApics,
  },
];
