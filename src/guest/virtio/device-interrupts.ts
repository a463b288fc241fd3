import type { GuestPort } from '../../core/guest-port.ts';
import { COMMAND, INTERRUPT_LINE } from '../../pci/registers.ts';
import { ISR_STATUS } from '../../virtio/registers.ts';
import { Interrupts } from '../interrupts/interrupts.ts';
import { disable, enable, readRegister } from '../pci/config.ts';
import type { Msix } from '../pci/msix.ts';
import type { DriverTransport } from './transport.ts';

const { INTERRUPT_DISABLE } = COMMAND.mask;
const { QUEUE, CONFIG } = ISR_STATUS.mask;

/** How a driver learns that a queue moved. */
export type InterruptMode = 'polled' | 'intx' | 'msix';
type Service = () => void;

/** One of the three ways; `false` from `queue` or `config` means that the device refused a vector. */
export interface DeviceInterrupts {
  queue(index: number, service: Service): boolean;
  config(service: Service): boolean;
  /** Called over and over while the driver waits. */
  poll(): void;
  /** No handler runs any more. */
  close(): void;
}

/** Nobody interrupts: whoever waits looks at every queue. INTx is off, so that the line stays free for others. */
export function polled(port: GuestPort, bdf: number): DeviceInterrupts {
  const services: Service[] = [];
  enable(port, bdf, INTERRUPT_DISABLE);
  return {
    queue: (_index, service) => services.push(service) > 0,
    config: () => true,
    poll: () => {
      for (const service of services) service();
    },
    close: () => {},
  };
}

/**
 * The level-triggered line that firmware wrote down in Interrupt Line. One read of ISR per interrupt, before
 * anything else: it says whose interrupt it is, silences the device, and both of its bits may be set at once.
 */
export function intx(port: GuestPort, bdf: number, transport: DriverTransport): DeviceInterrupts {
  const services: Service[] = [];
  let onConfig: Service = () => {};
  disable(port, bdf, INTERRUPT_DISABLE);
  const stop = Interrupts.of(port).listen(readRegister(port, bdf, INTERRUPT_LINE), 'level', () => {
    const status = transport.takeInterruptStatus();
    if (status & CONFIG) onConfig();
    if (status & QUEUE) for (const service of services) service();
  });
  return {
    queue: (_index, service) => services.push(service) > 0,
    config: (service) => {
      onConfig = service;
      return true;
    },
    poll: () => {},
    close: stop,
  };
}

/**
 * Entry 0 for the configuration and one for each queue; where the table is too short, queues share entries, down
 * to one for everything. ISR is not touched.
 */
export function messages(port: GuestPort, msix: Msix, transport: DriverTransport): DeviceInterrupts {
  const services: Service[][] = Array.from({ length: msix.vectors }, () => []);
  msix.start();
  const listen = (entry: number, service: Service): number => {
    const sharing = services[entry]!;
    sharing.push(service);
    if (sharing.length > 1) return entry;
    const message = Interrupts.of(port).message(() => {
      for (const each of sharing) each();
    });
    msix.route(entry, message);
    return entry;
  };
  const entryOf = (index: number) => (msix.vectors === 1 ? 0 : 1 + (index % (msix.vectors - 1)));
  return {
    queue: (index, service) => transport.setQueueVector(index, listen(entryOf(index), service)),
    config: (service) => transport.setConfigVector(listen(0, service)),
    poll: () => {},
    close: () => msix.stop(),
  };
}
