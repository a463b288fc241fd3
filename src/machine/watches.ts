import type { Journal } from '../core/journal.ts';
import { UartWatch } from '../rules/serial/uart-watch.ts';
import { type VirtioFacts, VirtioWatch } from '../rules/virtio/virtio-watch.ts';
import type { Uart16550 } from '../serial/uart16550.ts';
import type { VirtioDevice } from '../virtio/device.ts';
import type { VirtioEvents } from '../virtio/events.ts';
import type { VirtioFunction } from '../virtio/transport/function.ts';

/** Where a machine's parts meet those who judge their drivers: no part knows a rule, and no rule a part. */

export function watchUart(uart: Uart16550, journal: Journal): void {
  uart.events = new UartWatch(uart.name, journal);
}

/** Makes who watches the driver of a virtio device of one type. */
export type MakeWatch<Events> = (facts: VirtioFacts, journal: Journal) => Events;

/** What all virtio devices are watched by. */
export const asAnyVirtio: MakeWatch<VirtioEvents> = (facts, journal) => new VirtioWatch(facts, journal);

/** @param make a device type's own; `asAnyVirtio` where it has none. */
export function watchVirtio<Events extends VirtioEvents>(
  fn: VirtioFunction,
  device: VirtioDevice<Events>,
  make: MakeWatch<Events>,
  journal: Journal,
): void {
  device.watchedBy(make(factsOf(fn), journal));
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
  };
}
