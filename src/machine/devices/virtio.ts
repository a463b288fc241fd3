import type { GuestPort } from '../../core/guest-port.ts';
import type { VirtioDevice } from '../../virtio/device.ts';
import { VirtioFunction } from '../../virtio/transport/function.ts';
import { type CompletionOptions, completionPolicy } from '../completion-options.ts';
import type { FirmwareKind } from '../firmware-option.ts';
import type { VirtioPlan } from '../machine-plan.ts';
import { type WatchOf, watchVirtio } from '../watches.ts';
import type { Site } from './descriptor.ts';

/** PCI class of a device without one of its own: no class fits. */
export const OTHER_CLASS = 0x00_ff00;

interface OnPci<Device extends VirtioDevice> {
  /** PCI class, 24 bits. */
  readonly class: number;
  /** Default: one for each queue and one for changes of the configuration. */
  readonly vectors?: number;
  readonly slot?: number;
  /** Makes the watch of its driver. */
  readonly watch: WatchOf<Device>;
  /** What a firmware that boots from disks did with it, each time it runs. That is not watched. */
  readonly boot?: (port: GuestPort, kind: FirmwareKind) => void;
  /** What it stores may be lost: the power has failed. */
  readonly powerCut?: () => void;
  /** What to release beyond what every virtio device holds. */
  readonly close?: () => void;
}

/** Puts `device` on the bus: its manners say behind which interfaces. */
export function plugVirtio<Device extends VirtioDevice>(
  site: Site,
  device: Device,
  { class: pciClass, vectors = device.queues.length + 1, watch, boot, close, ...place }: OnPci<Device>,
): VirtioFunction {
  const { msix: most } = device.manners;
  const shown = most.table ?? Math.min(vectors, most.vectors);
  const msix = shown === 0 ? null : { ...site.plan.profile.msix, vectors: shown };
  const fn = new VirtioFunction(device.name, device, { class: pciClass, msix });
  const closeAll = () => {
    close?.();
    device.close();
  };
  site.plug(fn, {
    ...place,
    watch: (_, judge) => watchVirtio(fn, device, watch, judge),
    ...(boot !== undefined && {
      boot: (port, kind) => unwatched(device, () => boot(port, kind)),
    }),
    close: closeAll,
  });
  return fn;
}

/** Runs `run` without the watch of `device`'s driver: the watch sees nothing of it. */
function unwatched(device: VirtioDevice, run: () => void): void {
  const { events } = device;
  device.watchedBy(null);
  try {
    run();
  } finally {
    device.watchedBy(events);
  }
}

/** `virtio`, but for what `completion` says of one device. */
export function completingBy(virtio: VirtioPlan, completion: CompletionOptions | undefined): VirtioPlan {
  if (completion === undefined) return virtio;
  return { ...virtio, manners: { ...virtio.manners, completion: completionPolicy(completion) } };
}
