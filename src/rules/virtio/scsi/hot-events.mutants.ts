import { type BrokenDriver, breaking } from '../../../conformance/broken/broken-driver.ts';
import { misreadMemory } from '../../../conformance/broken/misreads.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { virtioScsi } from '../../../guest/drivers/virtio-scsi.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import type { Machine } from '../../../machine/machine.ts';
import { SCSI_EVENT, SCSI_EVENTS_MISSED, virtio_scsi_event } from '../../../virtio/scsi/registers.ts';

const MIB = 1 << 20;
const MILLISECOND = 1_000_000;
/** More disks than there are buffers for removal events; and the target of the next one. */
const [MANY, NEXT] = [10, 2];
const { event: KIND } = virtio_scsi_event.offset;

const scsi = virtioScsi({ interrupts: 'polled' });
const manyDisks = () => gceN1({ disks: Array.from({ length: MANY }, () => ({ bytes: MIB })) });
const brokenReader = breaking(scsi, (host) => host.read(1, 0, 1), manyDisks);
const brokenPoller = breaking(scsi, (host) => {
  host.execute(NEXT, 0, { name: 'TEST UNIT READY', cdb: new Uint8Array(6) });
  host.read(1, 0, 1);
});

/** Each event that the driver reads goes through `misread`. */
function misreadEvents(port: GuestPort, misread: (event: DataView) => void): GuestPort {
  return misreadMemory(port, (bytes) => {
    if (bytes.length === virtio_scsi_event.size) misread(new DataView(bytes.buffer, bytes.byteOffset));
  });
}

/** Events of this kind are ignored. */
const deafTo = (kind: number) => (port: GuestPort) =>
  misreadEvents(port, (event) => {
    if (event.getUint32(KIND, true) !== kind) return;
    for (let at = 0; at < virtio_scsi_event.size; at++) event.setUint8(at, 0);
  });

const forgetsMissed = (port: GuestPort) =>
  misreadEvents(port, (event) =>
    event.setUint32(KIND, event.getUint32(KIND, true) & ~SCSI_EVENTS_MISSED, true),
  );

/** The event comes between two uses, and time passes before the second, and before a third. */
function between(happens: (machine: Machine) => void): NonNullable<BrokenDriver['act']> {
  return (machine, use) => {
    use();
    happens(machine);
    for (let i = 0; i < 2; i++) {
      machine.port.wait(() => false, MILLISECOND);
      use();
    }
  };
}

const plugIn = between((machine) => void machine.addDisk({ bytes: MIB }));

/** Good drivers that ignore one event. */
export const MUTANTS: readonly BrokenDriver[] = [
  {
    ...brokenReader(
      'does not look at a disk that came',
      'virtio/SCSI-FEAT-D1',
      deafTo(SCSI_EVENT.TRANSPORT_RESET),
    ),
    act: plugIn,
  },
  {
    ...brokenReader(
      'goes on with a disk that was removed',
      'virtio/SCSI-FEAT-D1',
      deafTo(SCSI_EVENT.TRANSPORT_RESET),
    ),
    act: between((machine) => machine.removeDisk(machine.disks[0]!)),
  },
  {
    ...brokenReader('does not ask what changed', 'virtio/SCSI-FEAT-D2', deafTo(SCSI_EVENT.PARAM_CHANGE)),
    act: between((machine) => machine.resizeDisk(machine.disks[0]!, 2 * MIB)),
  },
  {
    ...brokenReader('does not see that events were missed', 'virtio/SCSI-EVT-D5', forgetsMissed),
    act: between((machine) => {
      for (const disk of machine.disks.slice(1)) machine.removeDisk(disk);
    }),
  },
  {
    ...brokenPoller(
      'asks a disk that came whether it is ready, and no more',
      'virtio/SCSI-EVT-D7',
      deafTo(SCSI_EVENT.TRANSPORT_RESET),
    ),
    act: plugIn,
  },
];
