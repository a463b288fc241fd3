import type { Journal } from '../core/journal.ts';
import { UartWatch } from '../rules/serial/uart-watch.ts';
import { DeviceStores } from '../rules/virtio/stores/device-stores.ts';
import type { StoreWatch } from '../rules/virtio/stores/store-watch.ts';
import { type VirtioFacts, VirtioWatch } from '../rules/virtio/virtio-watch.ts';
import type { Uart16550 } from '../serial/uart16550.ts';
import type { VirtioFunction } from '../virtio/transport/function.ts';

/** Where a machine's parts meet those who judge their drivers: no part knows a rule, and no rule a part. */

export function watchUart(uart: Uart16550, journal: Journal): void {
  uart.events = new UartWatch(uart.name, journal);
}

/** @param stores who sees what drivers store to memory; null is nobody. */
export function watchVirtio(fn: VirtioFunction, journal: Journal, stores: StoreWatch | null = null): void {
  const facts = factsOf(fn);
  const watch = new VirtioWatch(facts, journal);
  if (stores !== null) watch.stores = new DeviceStores(facts, stores);
  fn.device.watchedBy(watch);
}

function factsOf(fn: VirtioFunction): VirtioFacts {
  const { device } = fn;
  return {
    name: device.name,
    virtioId: device.virtioId,
    subject: () => fn.subject,
    queueName: (index) => device.queueName(index),
    interfaces: fn.interfaces,
    offers: device.offers,
    queueSizes: device.queues.map(({ maximum }) => maximum),
    memory: device.board.memory,
  };
}
