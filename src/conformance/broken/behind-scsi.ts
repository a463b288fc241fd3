import type { GuestPort } from '../../core/guest-port.ts';
import { SCSI_QUEUE } from '../../virtio/scsi/registers.ts';
import { changeDescriptors } from './behind-ring.ts';
import { miswriteMemory } from './misreads.ts';
import type { StoredDescriptor } from './stored-descriptor.ts';

/** Each block of `size` bytes that the driver writes at once goes through `change`. */
export function changeWrites(port: GuestPort, size: number, change: (bytes: Uint8Array) => void): GuestPort {
  return miswriteMemory(port, (bytes) => {
    if (bytes.length === size) change(bytes);
  });
}

/** Every descriptor of the request queue that has `length` bytes goes through `change`. */
export function changeRequests(
  port: GuestPort,
  bdf: number,
  length: number,
  change: (descriptor: StoredDescriptor) => void,
): GuestPort {
  return changeDescriptors(port, bdf, SCSI_QUEUE.request, (descriptor) => {
    if (descriptor.length === length) change(descriptor);
  });
}
