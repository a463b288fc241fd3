import type { Journal } from '../core/journal.ts';
import type { ConfigMechanism1 } from '../pci/config-mechanism.ts';
import type { PciBus } from '../pci/pci-bus.ts';
import type { PciFunction } from '../pci/pci-function.ts';
import { InterruptWatch, PicWatch } from '../rules/chipset/pic-watch.ts';
import { ConfigWatch } from '../rules/pci/config-watch.ts';
import { FunctionWatch } from '../rules/pci/function-watch.ts';
import { UartWatch } from '../rules/serial/uart-watch.ts';
import { BalloonWatch } from '../rules/virtio/balloon/balloon-watch.ts';
import type { VirtioFacts } from '../rules/virtio/facts.ts';
import { NET_DEPENDENCY_RULES } from '../rules/virtio/net/dependencies.ts';
import { NetWatch } from '../rules/virtio/net/net-watch.ts';
import { RngWatch } from '../rules/virtio/rng/rng-watch.ts';
import { ScsiWatch } from '../rules/virtio/scsi/scsi-watch.ts';
import { DeviceStores } from '../rules/virtio/stores/device-stores.ts';
import type { StoreWatch } from '../rules/virtio/stores/store-watch.ts';
import { VirtioWatch } from '../rules/virtio/virtio-watch.ts';
import type { Uart16550 } from '../serial/uart16550.ts';
import { VirtioBalloon } from '../virtio/balloon/device.ts';
import type { VirtioDevice } from '../virtio/device.ts';
import type { VirtioEvents } from '../virtio/events.ts';
import { VirtioNet } from '../virtio/net/device.ts';
import { VirtioRng } from '../virtio/rng/device.ts';
import { VirtioScsi } from '../virtio/scsi/device.ts';
import type { VirtioFunction } from '../virtio/transport/function.ts';
import type { Cpu } from './cpu.ts';
import type { Interrupts } from './interrupts.ts';

/** Where a machine's parts meet those who judge their drivers: no part knows a rule, and no rule a part. */

export function watchUart(uart: Uart16550, journal: Journal): void {
  uart.events = new UartWatch(uart.name, journal);
}

/** The parts of every machine that are no devices of their own. */
export interface WatchedChassis {
  readonly mechanism: ConfigMechanism1;
  readonly bus: PciBus;
  readonly interrupts: Interrupts;
  readonly cpu: Cpu;
}

export function watchChassis({ mechanism, bus, interrupts, cpu }: WatchedChassis, journal: Journal): void {
  const { master, slave } = interrupts.pic;
  mechanism.events = new ConfigWatch((bdf) => bus.at(bdf)!.subject, journal);
  master.events = new PicWatch(master.name, 'master', journal);
  slave.events = new PicWatch(slave.name, 'slave', journal);
  cpu.events = new InterruptWatch(journal);
}

export function watchFunction(fn: PciFunction, journal: Journal): void {
  fn.events = new FunctionWatch(() => fn.subject, journal);
}

/** @param stores who sees what drivers store to memory; null is nobody. */
export function watchVirtio(fn: VirtioFunction, journal: Journal, stores: StoreWatch | null = null): void {
  const facts = factsOf(fn);
  const watch = watchDevice(fn.device, facts, journal);
  if (stores !== null) watch.stores = new DeviceStores(facts, stores);
}

function watchDevice(device: VirtioDevice, facts: VirtioFacts, journal: Journal): VirtioWatch {
  if (device instanceof VirtioNet)
    return watching(device, new NetWatch({ ...facts, featureRules: NET_DEPENDENCY_RULES }, journal));
  if (device instanceof VirtioScsi) return watching(device, new ScsiWatch(facts, device.limits, journal));
  if (device instanceof VirtioBalloon)
    return watching(device, new BalloonWatch(facts, device.board.memory, journal));
  if (device instanceof VirtioRng) return watching(device, new RngWatch(facts, journal));
  return watching(device, new VirtioWatch(facts, journal));
}

function watching<Events extends VirtioEvents>(
  device: VirtioDevice<Events>,
  watch: VirtioWatch & Events,
): VirtioWatch {
  device.watchedBy(watch);
  return watch;
}

/** What its watch must know of a function. */
export function factsOf(fn: VirtioFunction): VirtioFacts {
  const { device } = fn;
  return {
    name: device.name,
    virtioId: device.virtioId,
    subject: () => fn.subject,
    queueName: (queue) => device.queueName(queue),
    interfaces: fn.interfaces,
    offers: device.offers,
    queueSizes: device.queues.map(({ maximum }) => maximum),
    vectors: fn.vectors,
    oddities: fn.oddities,
    memory: device.board.memory,
  };
}
