import type { GuestPort } from '../../core/guest-port.ts';
import { COMMAND, INTERRUPT_LINE } from '../../pci/registers.ts';
import { ISR_STATUS } from '../../virtio/registers.ts';
import { GuestInterrupts } from '../interrupts/interrupts.ts';
import { disable, enable, readRegister } from '../pci/config.ts';
import type { Message, MsixDriver } from '../pci/msix.ts';
import type { DriverTransport } from './transport.ts';

const { INTERRUPT_DISABLE } = COMMAND.mask;
const { QUEUE, CONFIG } = ISR_STATUS.mask;

/** How a driver detects used buffers. */
export type InterruptMode = 'polled' | 'intx' | 'msix';
type Service = () => void;

/** One of the three modes; `false` from `queue` or `config` means that the device refused a vector. */
export interface DeviceInterrupts {
  /** `service` replaces an earlier one. */
  queue(index: number, service: Service): boolean;
  config(service: Service): boolean;
  /** Called repeatedly while the driver waits. */
  poll(): void;
  /** Removes all handlers. */
  close(): void;
}

/**
 * The device does not interrupt; a wait polls every queue. INTx is off, since others may share the line.
 */
export function polled(port: GuestPort, bdf: number): DeviceInterrupts {
  const services: Service[] = [];
  enable(port, bdf, INTERRUPT_DISABLE);
  return {
    queue: (index, service) => {
      services[index] = service;
      return true;
    },
    config: () => true,
    poll: () => serveAll(services),
    close: () => {},
  };
}

/**
 * The level-triggered line that firmware wrote to Interrupt Line. One read of ISR per interrupt, before anything else:
 * it shows whether the device interrupted, clears the interrupt, and may have both of its bits set.
 */
export function intx(port: GuestPort, bdf: number, transport: DriverTransport): DeviceInterrupts {
  const services: Service[] = [];
  let onConfig: Service = () => {};
  disable(port, bdf, INTERRUPT_DISABLE);
  const stop = GuestInterrupts.of(port).listen(readRegister(port, bdf, INTERRUPT_LINE), 'level', () => {
    const status = transport.takeInterruptStatus();
    if (status & CONFIG) onConfig();
    if (status & QUEUE) serveAll(services);
  });
  return {
    queue: (index, service) => {
      services[index] = service;
      return true;
    },
    config: (service) => {
      onConfig = service;
      return true;
    },
    poll: () => {},
    close: stop,
  };
}

/**
 * Entry 0 for the configuration and one for each queue; if the table is too short, queues share entries, down
 * to one for everything. ISR is not read.
 */
export function messages(port: GuestPort, msix: MsixDriver, transport: DriverTransport): DeviceInterrupts {
  const services: (Service[] | undefined)[] = [];
  const interrupts = GuestInterrupts.of(port);
  const taken: Message[] = [];
  msix.start();
  const listen = (entry: number, who: number, service: Service): number => {
    const sharing = services[entry];
    if (sharing !== undefined) sharing[who] = service;
    else {
      const alone = (services[entry] = [] as Service[]);
      alone[who] = service;
      const message = interrupts.message(() => serveAll(alone));
      taken.push(message);
      msix.route(entry, message);
    }
    return entry;
  };
  const entryOf = (index: number) => (msix.vectors === 1 ? 0 : 1 + (index % (msix.vectors - 1)));
  return {
    queue: (index, service) => transport.setQueueVector(index, listen(entryOf(index), 1 + index, service)),
    config: (service) => transport.setConfigVector(listen(0, 0, service)),
    poll: () => {},
    close: () => {
      msix.stop();
      for (const message of taken) interrupts.retire(message);
    },
  };
}

/** Indexed by queue; `forEach` skips the holes of unused queues. */
function serveAll(services: readonly Service[]): void {
  services.forEach((service) => {
    service();
  });
}
