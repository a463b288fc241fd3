import { BitSet } from '../../core/bit-set.ts';
import { bdfText, type Nanos } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { COMMAND, INTERRUPT_LINE } from '../../pci/registers.ts';
import { DEVICE_STATUS, FEATURE, ISR_STATUS } from '../../virtio/registers.ts';
import { DriverError, SECOND } from '../driver-error.ts';
import { GuestInterrupts } from '../interrupts/interrupts.ts';
import { barAddress } from '../pci/bars.ts';
import { disable, enable, readRegister } from '../pci/config.ts';
import { type Message, MsixDriver, usualMode } from '../pci/msix.ts';
import { type DriverQueue, driverQueue } from './driver-queue.ts';
import { checkFeatures } from './features.ts';
import { LegacyTransport } from './legacy-transport.ts';
import { findStructures } from './modern-structures.ts';
import { ModernTransport } from './modern-transport.ts';
import type { DriverTransport } from './transport.ts';

const { IO_SPACE, MEMORY_SPACE, BUS_MASTER } = COMMAND.mask;

const { ACKNOWLEDGE, DRIVER, DEVICE_NEEDS_RESET, DRIVER_OK, FAILED } = DEVICE_STATUS.mask;

const LAST_PORT = 0xffff;

/** How a driver uses a function. */
export interface VirtioUse {
  /** How to detect used buffers; default MSI-X if the function has it, else INTx. */
  readonly interrupts?: InterruptMode;
  /** Use a transitional function by its legacy header, although it has the modern structures. */
  readonly legacy?: boolean;
}

/**
 * The common bring-up of virtio drivers, step by step (virtio 1.4, Device Initialization; on a legacy function without
 * the two FEATURES_OK steps). Modern structures are used if the function has them, on a transitional one too by
 * default. A step that fails sets FAILED and throws a DriverError.
 *
 * @example
 * const device = new VirtioDriver(port, bdf, 'virtio-rng');     // steps 1 to 3: reset, ACKNOWLEDGE, DRIVER
 * device.negotiate((offered) => acceptable(offered, TRANSPORT_FEATURES));       // step 4
 * const queue = device.addQueue(0, () => queue.drain(take));    // step 7
 * device.ready();                                               // step 8: DRIVER_OK
 * queue.add([], [buffer]);
 * device.kick(queue);
 * device.waitFor(() => came, SECOND, 'no random bytes came');
 * device.close();
 */
export class VirtioDriver {
  /** `virtio-net 00:04.0` */
  readonly name: string;
  readonly port: GuestPort;
  readonly transport: DriverTransport;
  /** The negotiated features. */
  features = new BitSet();
  readonly mode: InterruptMode;
  private readonly bdf: number;
  private readonly interrupts: DeviceInterrupts;
  private readonly queues: DriverQueue[] = [];

  constructor(port: GuestPort, bdf: number, name: string, use: VirtioUse = {}) {
    this.port = port;
    this.bdf = bdf;
    this.name = `${name} ${bdfText(bdf)}`;
    // Searched even with `legacy`: by the standard a transitional driver searches for them first.
    const found = findStructures(port, bdf);
    const structures = use.legacy ? null : found;
    const bar = barAddress(port, bdf, 0);
    if (structures === null && (bar?.kind !== 'io' || bar.address > LAST_PORT))
      throw new DriverError(port, this.name, 'BAR0 holds no I/O address');
    // Firmware need not have enabled any of these, and without bus mastering the device cannot access the rings.
    enable(port, bdf, IO_SPACE | MEMORY_SPACE | BUS_MASTER);
    const msix = MsixDriver.of(port, bdf);
    this.mode = use.interrupts ?? usualMode(port, msix);
    if (this.mode === 'msix' && msix === null) throw new DriverError(port, this.name, 'there is no MSI-X');
    if (this.mode !== 'msix' && msix?.enabled) msix.stop();
    this.transport =
      structures === null
        ? new LegacyTransport(port, bar!.address, this.mode === 'msix')
        : new ModernTransport(port, structures);
    // No interrupts from here on: a handler must not access a device that is not set up yet.
    if (!this.transport.reset()) this.fail('the device did not come out of reset');
    this.interrupts =
      this.mode === 'polled'
        ? polled(port, bdf)
        : this.mode === 'intx'
          ? intx(port, bdf, this.transport)
          : messages(port, msix!, this.transport);
    this.transport.raise(ACKNOWLEDGE);
    this.transport.raise(DRIVER);
  }

  /** Reads the offered features, accepts the result of `choose`. */
  negotiate(choose: (offered: BitSet) => BitSet): void {
    this.features = choose(this.transport.offered);
    checkFeatures('features', this.features);
    this.transport.accept(this.features);
    if (!this.transport.closeFeatures()) this.fail('the device refused the features');
  }

  /** Sets up queue `index`; `service` runs when it may have moved. */
  addQueue(index: number, service: () => void): DriverQueue {
    const size = this.transport.queueSize(index);
    if (size === 0) this.fail(`queue ${index} does not exist`);
    const queue = driverQueue(this.port, { index, size, features: this.features });
    this.queues.push(queue);
    if (this.mode === 'polled') queue.suppressInterrupts();
    this.transport.setQueue(index, queue.areas);
    if (!this.interrupts.queue(index, service)) this.fail(`no vector for queue ${index}`);
    this.transport.enableQueue(index);
    return queue;
  }

  /** With RING_RESET: resets `queue` and frees its memory; `addQueue` can set it up again. */
  resetQueue(queue: DriverQueue): void {
    if (!this.transport.resetQueue(queue.index)) this.fail(`queue ${queue.index} did not come out of reset`);
    this.queues.splice(this.queues.indexOf(queue), 1);
    queue.release();
  }

  /** Runs `service` when the device configuration changed. Polling drivers read it when needed. */
  onConfigChange(service: () => void): void {
    if (!this.interrupts.config(service)) this.fail('no vector for configuration changes');
  }

  /** The device may use its queues from here on, and may be kicked. */
  ready(): void {
    this.transport.raise(DRIVER_OK);
  }

  /** Publishes what was added to `queue`, and notifies the device if necessary. */
  kick(queue: DriverQueue): void {
    if (queue.publish()) this.transport.notify(queue.index, queue.position);
  }

  /** Waits, serving queues in polled mode, and returns whether `until` became true within `limit`. */
  wait(until: () => boolean, limit: Nanos): boolean {
    const served = () => {
      this.interrupts.poll();
      return until();
    };
    return this.port.wait(served, limit);
  }

  /** Waits for a condition; `failure` is the DriverError's message if it does not become true. */
  waitFor(until: () => boolean, limit: Nanos, failure: string): void {
    for (let left = limit; !this.wait(until, Math.min(left, SECOND)); left -= SECOND) {
      if (this.transport.status & DEVICE_NEEDS_RESET) this.fail(`${failure}, and the device needs a reset`);
      if (left <= SECOND) this.refuse(failure);
    }
  }

  /** Serves every queue now, in polled mode; otherwise does nothing. */
  poll(): void {
    this.interrupts.poll();
  }

  /** With SUSPEND: suspends the device, with all its state. False if it cannot, or does not complete: then `close` it. */
  suspend(): boolean {
    return this.features.has(FEATURE.SUSPEND) && this.transport.suspend();
  }

  /** Resumes the device after `suspend`. False if it has lost its state: then `close` it, and begin anew. */
  resume(): boolean {
    if (!this.transport.resume()) return false;
    this.poll();
    return true;
  }

  /** Resets the device, so that it drops the rings, disables its bus access, and frees their memory. */
  close(): void {
    if (!this.transport.reset()) this.fail('the device did not come out of reset');
    this.interrupts.close();
    disable(this.port, this.bdf, BUS_MASTER);
    for (const queue of this.queues) queue.release();
  }

  /** Fails: sets FAILED, then throws. */
  fail(what: string): never {
    this.transport.raise(FAILED);
    this.refuse(what);
  }

  /** What the device says makes no sense. It may be used on. */
  refuse(what: string): never {
    throw new DriverError(this.port, this.name, what);
  }
}

const { INTERRUPT_DISABLE } = COMMAND.mask;

const { QUEUE, CONFIG } = ISR_STATUS.mask;

/** How a driver detects used buffers. */
export type InterruptMode = 'polled' | 'intx' | 'msix';

type Service = () => void;

/** One of the three modes; `false` from `queue` or `config` means that the device refused a vector. */
interface DeviceInterrupts {
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
function polled(port: GuestPort, bdf: number): DeviceInterrupts {
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
function intx(port: GuestPort, bdf: number, transport: DriverTransport): DeviceInterrupts {
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
function messages(port: GuestPort, msix: MsixDriver, transport: DriverTransport): DeviceInterrupts {
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
