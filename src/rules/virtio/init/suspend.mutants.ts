import {
  answerCommon,
  CommonRegister,
  rewriteCommon,
  structuresOf,
} from '../../../conformance/broken/behind-modern.ts';
import { type BrokenDriver, breaking } from '../../../conformance/broken/broken-driver.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { type RngDriver, type ScsiHost, virtioRng, virtioScsi } from '../../../guest/index.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import { DEVICE_STATUS, virtq_avail } from '../../../virtio/registers.ts';
import { SENSE_SIZE_DEFAULT, virtio_scsi_config } from '../../../virtio/scsi/registers.ts';
import {
  device_status,
  queue_driver,
  queue_driver_high,
} from '../../../virtio/transport/modern/registers.ts';

const { DRIVER_OK, SUSPEND } = DEVICE_STATUS.mask;
const BYTES = 32;

/** A machine whose devices take time to be suspended. */
const machine = () => gceN1({ virtio: 'modern', rng: true, ringFeatures: ['SUSPEND'], suspendTime: 100_000 });
const sleeper = breaking(
  virtioRng({ interrupts: 'polled' }),
  (rng: RngDriver) => {
    rng.read(BYTES);
    rng.suspend();
    rng.resume();
  },
  machine,
);

const diskSleeper = breaking(
  virtioScsi({ interrupts: 'polled' }),
  (host: ScsiHost) => {
    host.suspend();
    host.resume();
  },
  machine,
);

/** Its status reads as the value last written, once the device has it: it never waits. */
function presumes(when: (written: number) => boolean, answer: (written: number) => number) {
  return (port: GuestPort, bdf: number) => {
    let written = 0;
    const noting = rewriteCommon(port, bdf, device_status, (value) => {
      written = value;
      return value;
    });
    return answerCommon(noting, bdf, device_status, (ask) => (when(written) ? answer(written) : ask()));
  };
}

/** Does something more when DRIVER_OK is set again, before or after. */
function around(
  before: (port: GuestPort, bdf: number) => void,
  after: (port: GuestPort, bdf: number) => void,
) {
  return (port: GuestPort, bdf: number) => {
    const status = new CommonRegister(port, bdf, device_status);
    let asleep = false;
    return rewriteCommon(port, bdf, device_status, (value) => {
      const wakes = asleep && (value & DRIVER_OK) !== 0;
      asleep = (value & SUSPEND) !== 0;
      if (!wakes) return value;
      before(port, bdf);
      status.write(value);
      after(port, bdf);
      return null;
    });
  };
}

const kick = (port: GuestPort, bdf: number) => port.write(structuresOf(port, bdf).notify, 0, 2);
const configure = (port: GuestPort, bdf: number) =>
  port.write(structuresOf(port, bdf).device! + virtio_scsi_config.offset.sense_size, SENSE_SIZE_DEFAULT, 4);
const nothing = () => {};

/** Makes a buffer available once more, that of descriptor 0. */
function offers(port: GuestPort, bdf: number): void {
  const [low, high] = [queue_driver, queue_driver_high].map((one) =>
    new CommonRegister(port, bdf, one).read(),
  );
  const { memory } = port;
  const ring = high! * 2 ** 32 + low!;
  const idx = memory.load(ring + virtq_avail.offset.idx, 2);
  memory.store(ring + virtq_avail.size + 2 * idx, 0, 2);
  memory.store(ring + virtq_avail.offset.idx, idx + 1, 2);
}

const isAsked = (written: number) => (written & SUSPEND) !== 0;

export const MUTANTS: readonly BrokenDriver[] = [
  sleeper(
    'takes a device for suspended that it asked to be',
    'virtio/SUSP-D2',
    presumes(isAsked, (written) => written & ~DRIVER_OK),
  ),
  sleeper('makes a buffer available to a suspended device', 'virtio/SUSP-D3', around(offers, nothing)),
  sleeper('kicks a suspended device', 'virtio/SUSP-D4', around(kick, nothing)),
  diskSleeper('configures a suspended device', 'virtio/SUSP-D5', around(configure, nothing)),
  sleeper('kicks a device before it works again', 'virtio/SUSP-D6', around(nothing, kick)),
];
