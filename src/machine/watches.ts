import type { Journal } from '../core/journal.ts';
import { UartWatch } from '../rules/serial/uart-watch.ts';
import type { VirtioFacts } from '../rules/virtio/facts.ts';
import { NET_DEPENDENCY_RULES } from '../rules/virtio/net/dependencies.ts';
import { VirtioWatch } from '../rules/virtio/virtio-watch.ts';
import type { Uart16550 } from '../serial/uart16550.ts';
import { VIRTIO_ID } from '../virtio/registers.ts';
import type { VirtioFunction } from '../virtio/transport/function.ts';

/** Rules between the features of a device type. */
const FEATURE_RULES: { readonly [virtioId: number]: NonNullable<VirtioFacts['featureRules']> } = {
  [VIRTIO_ID.net]: NET_DEPENDENCY_RULES,
};

/** Where a machine's parts meet those who judge their drivers: no part knows a rule, and no rule a part. */

export function watchUart(uart: Uart16550, journal: Journal): void {
  uart.events = new UartWatch(uart.name, journal);
}

export function watchVirtio(fn: VirtioFunction, journal: Journal): void {
  const { device } = fn;
  device.watchedBy(
    new VirtioWatch({ ...factsOf(fn), featureRules: FEATURE_RULES[device.virtioId] ?? {} }, journal),
  );
}

/** What its watch must know of a function. */
export function factsOf(fn: VirtioFunction): VirtioFacts {
  const { device } = fn;
  return {
    name: device.name,
    virtioId: device.virtioId,
    subject: () => fn.subject,
    role: (queue) => device.role(queue),
    interfaces: fn.interfaces,
    offers: device.offers,
    queueSizes: device.queues.map(({ maximum }) => maximum),
    vectors: fn.vectors,
    oddities: fn.oddities,
  };
}
