import {
  answerHeader,
  headerAddress,
  rememberHeader,
  rewriteHeader,
} from '../../../conformance/broken/behind.ts';
import { type BrokenDriver, brokenNet } from '../../../conformance/broken/broken-driver.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { virtioNet } from '../../../guest/index.ts';
import {
  DEVICE_FEATURES,
  DEVICE_STATUS,
  DRIVER_FEATURES,
  QUEUE_ADDRESS,
  QUEUE_NOTIFY,
} from '../../../virtio/registers.ts';

const { ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK, SUSPEND, FAILED } = DEVICE_STATUS.mask;

/** Writes one byte of the legacy header. */
function writeStatus(port: GuestPort, bdf: number, value: number): void {
  port.out(headerAddress(port, bdf) + DEVICE_STATUS.offset, value, DEVICE_STATUS.width);
}

/** As of the undefined bits. */
const RESERVED = 0x20;

export const MUTANTS: readonly BrokenDriver[] = [
  // Goes straight to DRIVER.
  brokenNet('skips ACKNOWLEDGE', 'virtio/INIT-D2', (port, bdf) =>
    rewriteHeader(port, bdf, DEVICE_STATUS, (value) => (value === ACKNOWLEDGE ? null : value & ~ACKNOWLEDGE)),
  ),
  // Writes each status bit alone, so that DRIVER_OK drops those before it.
  brokenNet('writes status bits one at a time', 'virtio/STATUS-D2', (port, bdf) =>
    rewriteHeader(port, bdf, DEVICE_STATUS, (value) => (value & DRIVER_OK ? DRIVER_OK : value)),
  ),
  // Notifies the receive queue as soon as it has buffers, and finishes the set-up then.
  brokenNet('kicks before DRIVER_OK', 'virtio/INIT-D13', (port, bdf) =>
    rewriteHeader(port, bdf, DEVICE_STATUS, (value) => {
      if (value & DRIVER_OK) port.out(headerAddress(port, bdf) + QUEUE_NOTIFY.offset, 0, 2);
      return value;
    }),
  ),
  // Leaves out DRIVER, with nothing to negotiate or set up.
  {
    clause: 'virtio/STATUS-D1',
    model: {
      name: 'sets DRIVER_OK before DRIVER',
      drivers: [
        {
          ...virtioNet(),
          attach: (port, bdf) => {
            writeStatus(port, bdf, 0);
            port.in(headerAddress(port, bdf) + DEVICE_STATUS.offset, DEVICE_STATUS.width);
            writeStatus(port, bdf, ACKNOWLEDGE);
            writeStatus(port, bdf, ACKNOWLEDGE | DRIVER | DRIVER_OK);
          },
        },
      ],
    },
  },
  // Sets FAILED, and then continues where it was.
  brokenNet('goes on after FAILED', 'virtio/STATUS-D3', (port, bdf) =>
    rewriteHeader(port, bdf, DEVICE_STATUS, (value) => {
      if ((value & DRIVER_OK) === 0) return value;
      writeStatus(port, bdf, ACKNOWLEDGE | DRIVER | FAILED);
      return value | FAILED;
    }),
  ),
  // Sets FAILED after the set-up, and sends nevertheless.
  brokenNet('kicks after FAILED', 'virtio/INIT-IMP-1', (port, bdf) =>
    rewriteHeader(port, bdf, DEVICE_STATUS, (value) => {
      if ((value & DRIVER_OK) === 0) return value;
      writeStatus(port, bdf, value);
      return value | FAILED;
    }),
  ),
  // Writes a constant with more bits than it should have.
  brokenNet('sets a reserved bit of the status', 'virtio/INIT-IMP-2', (port, bdf) =>
    rewriteHeader(port, bdf, DEVICE_STATUS, (value) => (value & DRIVER_OK ? value | RESERVED : value)),
  ),
  // Takes bit 4 for one that must be set.
  brokenNet('sets SUSPEND with DRIVER_OK', 'virtio/SUSP-D1', (port, bdf) =>
    rewriteHeader(port, bdf, DEVICE_STATUS, (value) => (value & DRIVER_OK ? value | SUSPEND : value)),
  ),
  brokenNet('does not wait for a reset to end', 'virtio/RESET-D1', (port, bdf) =>
    rememberHeader(port, bdf, DEVICE_STATUS, (written) => written === 0),
  ),
  brokenNet('does not reset', 'virtio/INIT-D1', (port, bdf) =>
    rewriteHeader(port, bdf, DEVICE_STATUS, (value) => (value === 0 ? null : value)),
  ),
  brokenNet('sets DRIVER after the features', 'virtio/INIT-D3', (port, bdf) => {
    const held = rewriteHeader(port, bdf, DEVICE_STATUS, (value) =>
      value === (ACKNOWLEDGE | DRIVER) ? null : value,
    );
    return rewriteHeader(held, bdf, DRIVER_FEATURES, (value) => {
      port.out(headerAddress(port, bdf) + DRIVER_FEATURES.offset, value, 4);
      writeStatus(port, bdf, ACKNOWLEDGE | DRIVER);
      return null;
    });
  }),
  // Needs no feature, and so does not read the offer.
  brokenNet('does not read the offered features', 'virtio/INIT-D4', (port, bdf) =>
    answerHeader(port, bdf, DEVICE_FEATURES, () => 0),
  ),
  brokenNet('sets DRIVER_OK after its first queue', 'virtio/INIT-D7', (port, bdf) => {
    let before = false;
    return rewriteHeader(port, bdf, QUEUE_ADDRESS, (value) => {
      if (before) writeStatus(port, bdf, ACKNOWLEDGE | DRIVER | DRIVER_OK);
      before = true;
      return value;
    });
  }),
  brokenNet('sets up no queue', 'virtio/INIT-D8', (port, bdf) =>
    rewriteHeader(port, bdf, QUEUE_ADDRESS, () => null),
  ),
  brokenNet('sets FEATURES_OK on a legacy device', 'virtio/INIT-LEG-D1', (port, bdf) =>
    rewriteHeader(port, bdf, DEVICE_STATUS, (value) => (value & DRIVER ? value | FEATURES_OK : value)),
  ),
];
