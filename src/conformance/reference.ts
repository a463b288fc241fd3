import type { Driver } from '../core/driver.ts';
import type { GuestPort } from '../core/guest-port.ts';
import { GvnicDriver } from '../guest/drivers/gvnic/driver.ts';
import { NicDriver } from '../guest/drivers/net/nic.ts';
import { NvmeDriver } from '../guest/drivers/nvme/driver.ts';
import { type FoundUnit, ScsiHost } from '../guest/drivers/scsi/host.ts';
import { PCI_PARTS } from '../guest/parts/index.ts';
import type { InterruptMode } from '../guest/virtio/virtio-driver.ts';
import type { DriverModel } from './model/model.ts';
import type { DriverUses } from './model/uses.ts';

export { FRAME } from '../guest/parts/net.ts';

type Part = (typeof PCI_PARTS)[number];

/** The reference driver of each device; by messages where there are any, if nothing else is asked for. */
export function referenceDrivers(interrupts: InterruptMode = 'msix'): readonly Driver<unknown>[] {
  const use = interrupts === 'msix' ? {} : { interrupts };
  return PCI_PARTS.map(({ driver }) => driver(use));
}

/** A guest's basic use of any device: sends a frame, receives others, scans and reads a disk, reads 32 random bytes. */
export function useDevices(_port: GuestPort, handles: readonly unknown[]): void {
  forEach(handles, (part, handle) => part.use(handle));
}

/** The first disk of each adapter: to look for it takes a command a target. */
const firstDisks = new WeakMap<ScsiHost, FoundUnit>();

/** The uses of the reference drivers for scenarios. */
export const referenceUses: DriverUses = {
  send: (frame, handles) => nicOf(handles).tryPost(frame),
  receive: (handles) => {
    const frames: Uint8Array[] = [];
    const nic = nicOf(handles);
    for (let frame = nic.receive(); frame !== null; frame = nic.receive()) frames.push(frame);
    return frames;
  },
  stamp: (handles) => {
    const nic = nicOf(handles);
    return nic instanceof GvnicDriver ? (nic.last?.timestamp ?? null) : null;
  },
  read: (lba, blocks, handles) => diskOf(handles).read(lba, blocks),
  write: (lba, bytes, handles) => diskOf(handles).write(lba, bytes),
  flush: (handles) => diskOf(handles).flush(),
  stop: (handles) => forEach(handles, (part, handle) => part.stop(handle)),
  suspend: (handles) => forEach(handles, (part, handle) => part.suspend(handle)),
  resume: (handles) => forEach(handles, (part, handle) => part.resume(handle)),
};

/** The reference drivers, used once, and with all uses for scenarios. */
export function referenceModel(interrupts?: InterruptMode): DriverModel {
  return { name: 'reference', drivers: referenceDrivers(interrupts), run: useDevices, use: referenceUses };
}

function forEach(handles: readonly unknown[], does: (part: Part, handle: unknown) => void): void {
  for (const handle of handles) {
    const part = PCI_PARTS.find((candidate) => candidate.owns(handle));
    if (part !== undefined) does(part, handle);
  }
}

function nicOf(handles: readonly unknown[]): NicDriver | GvnicDriver {
  return handles.find((handle) => handle instanceof NicDriver || handle instanceof GvnicDriver)!;
}

interface BlockDisk {
  read(lba: number, blocks: number): Uint8Array;
  write(lba: number, bytes: Uint8Array): void;
  flush(): void;
}

/** The first behind SCSI, or else behind NVMe. */
function diskOf(handles: readonly unknown[]): BlockDisk {
  const host = handles.find((handle) => handle instanceof ScsiHost);
  const unit = host && unitOf(host);
  if (host !== undefined && unit !== undefined)
    return {
      read: (lba, blocks) => host.read(unit.target, lba, blocks, unit.lun),
      write: (lba, bytes) => host.write(unit.target, lba, bytes, unit.lun),
      flush: () => host.flush(unit.target, unit.lun),
    };
  const controller = handles.find((handle) => handle instanceof NvmeDriver);
  const [namespace] = controller?.namespaces ?? [];
  if (controller === undefined || namespace === undefined) throw new Error('there is no disk');
  return {
    read: (lba, blocks) => controller.read(namespace.nsid, lba, blocks),
    write: (lba, bytes) => controller.write(namespace.nsid, lba, bytes),
    flush: () => controller.flush(namespace.nsid),
  };
}

function unitOf(host: ScsiHost): FoundUnit | undefined {
  const known = firstDisks.get(host) ?? host.scan()[0];
  if (known !== undefined) firstDisks.set(host, known);
  return known;
}
