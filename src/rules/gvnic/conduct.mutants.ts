import { behind } from '../../conformance/broken/behind.ts';
import { changeRegister } from '../../conformance/broken/behind-gvnic.ts';
import type { BrokenDriver } from '../../conformance/broken/broken-driver.ts';
import { breakingGvnic } from '../../conformance/broken/broken-gvnic.ts';
import { FRAME } from '../../conformance/reference.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { Register } from '../../core/register.ts';
import type { GvnicDriver } from '../../guest/index.ts';
import { barAddress } from '../../guest/pci/bars.ts';
import { ADMINQ_PFN, DEVICE_STATUS, DRIVER_STATUS, GVNIC_BAR } from '../../gvnic/registers/bar0.ts';
import { RESET_WITHIN } from './conduct.ts';

/** As a driver that takes a register to have a value, and does not read it. */
const assumes =
  (register: { readonly offset: Register['offset'] }, value: number) => (port: GuestPort, bdf: number) => {
    const at = (barAddress(port, bdf, GVNIC_BAR.registers)?.address ?? 0) + register.offset;
    return behind(port, { read: (address, width) => (address === at ? value : port.read(address, width)) });
  };
/** It is used while time passes in which the device asks for something. */
const asked = (nic: GvnicDriver) => {
  nic.post(FRAME);
  for (let i = 0; i < 2; i++) nic.receiveWithin(RESET_WITHIN);
};

export const MUTANTS: readonly BrokenDriver[] = [
  breakingGvnic('GQI_QPL', (nic) => nic.close())('takes a reset for done', 'gvnic/AQ-WAIT', (port, bdf) =>
    changeRegister(port, bdf, ADMINQ_PFN, (write, value) => {
      write(value);
      if (value === 0) write(0, DRIVER_STATUS);
    }),
  ),
  // DPDK before March 2026.
  {
    act: (machine, use) => {
      machine.nics[0]!.askForReset();
      use();
    },
    ...breakingGvnic('GQI_QPL', asked)(
      'never reads device_status',
      'gvnic/RESET-ASKED',
      assumes(DEVICE_STATUS, 0),
    ),
  },
  {
    act: (machine, use) => {
      machine.nics[0]!.setLink(false);
      use();
    },
    ...breakingGvnic('GQI_QPL', (nic) => {
      if (!nic.linkUp) nic.post(FRAME);
    })('sends though the link is down', 'gvnic/LINK-DOWN', (port) => port),
  },
];
