import type { Machine } from '../machine/machine.ts';
import { SCSI_QUEUE } from '../virtio/scsi/registers.ts';
import { VirtioFunction } from '../virtio/transport/function.ts';

/** MAX_QUEUE_NUM of its virtio-ring.h. */
export const SEABIOS_RING = 256;

/**
 * Why a SeaBIOS cannot boot the disks of a machine, as a line; empty if it can. By the legacy interface a ring has the
 * device's size, and SeaBIOS refuses one that is larger than its own; a modern one it makes smaller.
 */
export function seabiosNote(machine: Machine): string {
  const scsi = machine.chassis.bus.all().find(({ name }) => name === 'scsi0');
  if (!(scsi instanceof VirtioFunction) || machine.disks.length === 0) return '';
  const ring = scsi.device.queues[SCSI_QUEUE.request]!.maximum;
  if (ring <= SEABIOS_RING || scsi.interfaces.includes('modern')) return '';
  return `guestrig: SeaBIOS takes queues of up to ${SEABIOS_RING} entries, and scsi.ringSize is ${ring}: to it no disk is there\n`;
}
