import { attachedBehind } from '../../../conformance/broken/behind.ts';
import type { BrokenDriver } from '../../../conformance/broken/broken-driver.ts';
import { rewriteLengths } from '../../../conformance/broken/rewrite-lengths.ts';
import { moveByOddLengths, sendByOddLengths } from '../../../conformance/scenarios/lengths.ts';
import type { Driver } from '../../../core/driver.ts';
import { type NicDriver, type ScsiHost, virtioNet, virtioScsi } from '../../../guest/index.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import type { Machine } from '../../../machine/machine.ts';
import { SCSI_QUEUE } from '../../../virtio/scsi/registers.ts';
import type { ClauseId } from '../../index.ts';

const TRANSMIT = 1;
const FEW = 16;
const TARGET = 1;

/** The good driver on a device that returns wrong lengths; `use` gets the last one. */
function told<Handle>(
  good: Driver<Handle>,
  ring: number,
  use: (machine: Machine, handle: Handle, last: () => number) => void,
): (name: string, clause: ClauseId) => BrokenDriver {
  return (name, clause) => {
    let last = 0;
    const note = (length: number) => {
      last = length;
      return length;
    };
    return {
      clause,
      machine: () =>
        gceN1({ nics: [{ ringSize: FEW }], disks: [{ bytes: 1 << 20 }], completion: { oddLengths: true } }),
      model: {
        name,
        drivers: [
          attachedBehind(good, (port) => {
            last = 0;
            return rewriteLengths(port, ring, note);
          }),
        ],
        run: (_port, handles, machine) => {
          const handle = handles.find((one) => one !== undefined);
          use(machine, handle as Handle, () => last);
        },
      },
    };
  };
}

function sendsUntilOdd(machine: Machine, nic: NicDriver, last: () => number): void {
  sendByOddLengths(machine, (frame) => last() === 0 && nic.tryPost(frame));
}

function readsSoMuch(machine: Machine, host: ScsiHost, last: () => number): void {
  moveByOddLengths(
    machine,
    (lba, bytes) => host.write(TARGET, lba, bytes),
    (lba) => host.read(TARGET, lba, 1).subarray(0, last()),
  );
}

/** They believe the length of a legacy device's used entry. */
export const MUTANTS: readonly BrokenDriver[] = [
  told(
    virtioNet({ interrupts: 'polled' }),
    TRANSMIT,
    sendsUntilOdd,
  )('takes the length of what it sent for an error', 'virtio/NET-OP-LEG-D2'),
  told(
    virtioScsi({ interrupts: 'polled' }),
    SCSI_QUEUE.request,
    readsSoMuch,
  )('reads as much as a legacy adapter says', 'virtio/SCSI-OP-LEG-D1'),
];
