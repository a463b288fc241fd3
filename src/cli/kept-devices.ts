import type { Access, Region, Tap } from '../core/access.ts';
import { PORT } from '../core/places.ts';
import type { Machine } from '../machine/machine.ts';
import type { VirtioView } from '../machine/virtio-view.ts';
import { ISR_STATUS, QUEUE_NOTIFY } from '../virtio/registers.ts';
import { SCSI_QUEUE } from '../virtio/scsi/registers.ts';
import { PLACE } from '../virtio/transport/modern/interface.ts';
import { NOTIFY_MULTIPLIER } from '../virtio/transport/modern/notify.ts';

/** The I/O base address has the legacy header, the other one the modern structures. */
const HEADER = 0;
const STRUCTURES = 4;
/** The registers in each interface that SeaBIOS's driver writes and reads for a request (virtio_scsi_process_op). */
const KICK: Readonly<Record<number, number>> = {
  [HEADER]: QUEUE_NOTIFY.offset,
  [STRUCTURES]: PLACE.notify + SCSI_QUEUE.request * NOTIFY_MULTIPLIER,
};
const ISR: Readonly<Record<number, number>> = { [HEADER]: ISR_STATUS.offset, [STRUCTURES]: PLACE.isr };

interface Reached {
  readonly view: VirtioView;
  /** Of the base address. */
  readonly index: number;
}

/**
 * Devices that a SeaBIOS still drives for boot loaders after it handed over. SeaBIOS's own accesses to such a device are
 * a kick of the request queue and a read of the ISR. All others are the guest's; after a write among them, so is the
 * device.
 *
 * @example
 * const kept = new KeptDevices(machine);
 * machine.observe(kept);
 * kept.take();                            // SeaBIOS hands over
 * kept.owns('scsi0, request queue');      // the breach under way is its own
 */
export class KeptDevices implements Tap {
  private readonly machine: Machine;
  /** Whether the last access to it is one of SeaBIOS's. */
  private readonly kept = new Map<VirtioView, boolean>();
  private readonly byRegion = new Map<Region | null, Reached>();

  constructor(machine: Machine) {
    this.machine = machine;
    for (const view of machine.virtio)
      for (const { index, region } of view.fn.bars) this.byRegion.set(region as Region, { view, index });
  }

  /** The devices that are in use now. */
  take(): void {
    this.kept.clear();
    for (const view of this.machine.virtio) if (view.status !== 0) this.kept.set(view, true);
  }

  /** Whether a breach by the present access, of this subject, is SeaBIOS's. */
  owns(subject: string): boolean {
    const view = viewOf(subject, this.kept.keys());
    return view !== undefined && this.kept.get(view) === true;
  }

  /** Whether SeaBIOS requested what the device of this subject does by itself, outside accesses. */
  drives(subject: string): boolean {
    return viewOf(subject, this.kept.keys()) !== undefined;
  }

  begin(access: Access): void {
    if (this.kept.size === 0) return;
    const reached = this.byRegion.get(access.region);
    if (reached !== undefined) this.reach(reached, access);
    else if (isConfig(access)) this.configure((access.context >>> 8) & 0xffff);
  }

  end(): void {
    if (this.kept.size > 0)
      for (const view of this.kept.keys()) if (view.status === 0) this.kept.delete(view);
  }

  private reach({ view, index }: Reached, { write, offset, value }: Access): void {
    if (!this.kept.has(view)) return;
    const own = write ? offset === KICK[index] && value === SCSI_QUEUE.request : offset === ISR[index];
    if (write && !own) this.kept.delete(view);
    else this.kept.set(view, own);
  }

  private configure(bdf: number): void {
    for (const view of this.kept.keys()) if (view.fn.bdf === bdf) this.kept.set(view, false);
  }
}

/** The device of a breach: `net0` of `net0 (00:04.0)` and of `net0, transmit queue 1`. */
export function viewOf(subject: string, views: Iterable<VirtioView>): VirtioView | undefined {
  const [name] = /^\w+/.exec(subject) ?? [];
  for (const view of views) if (view.name === name) return view;
  return undefined;
}

/** An access to a register of configuration space. */
export function isConfig({ space, address }: Access): boolean {
  return space === 'port' && address >= PORT.CONFDATA && address < PORT.CONFDATA + 4;
}
