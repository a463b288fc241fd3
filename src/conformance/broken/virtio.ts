import { NET_FEATURE } from '../../virtio/net/registers.ts';
import {
  DEVICE_FEATURES,
  DEVICE_STATUS,
  DRIVER_FEATURES,
  FEATURE,
  QUEUE_NOTIFY,
} from '../../virtio/registers.ts';
import { behind, headerAddress, rewriteHeader } from './behind.ts';
import { type BrokenDriver, brokenNet } from './broken-driver.ts';

const { ACKNOWLEDGE, DRIVER_OK } = DEVICE_STATUS.mask;
const HOST_UFO = 1 << NET_FEATURE.HOST_UFO;
const ANY_LAYOUT = 1 << FEATURE.ANY_LAYOUT;

/** Goes straight to DRIVER. */
export const skipsAcknowledge: BrokenDriver = brokenNet('skips ACKNOWLEDGE', 'virtio/INIT-D2', (port, bdf) =>
  rewriteHeader(port, bdf, DEVICE_STATUS, (value) => (value === ACKNOWLEDGE ? null : value & ~ACKNOWLEDGE)),
);

/** Writes each status bit alone, so that DRIVER_OK drops those before it. */
export const dropsStatusBits: BrokenDriver = brokenNet(
  'writes status bits one at a time',
  'virtio/STATUS-D2',
  (port, bdf) => rewriteHeader(port, bdf, DEVICE_STATUS, (value) => (value & DRIVER_OK ? DRIVER_OK : value)),
);

/** Accepts a feature of its choice, offered or not: UFO, which no device here offers any more. */
export const takesUnoffered: BrokenDriver = brokenNet(
  'accepts a feature that was not offered',
  'virtio/FEAT-D1',
  (port, bdf) => rewriteHeader(port, bdf, DRIVER_FEATURES, (value) => (value | HOST_UFO) >>> 0),
);

/** Accepts all that it was offered, undefined decoy bits among them. */
export const takesEverything: BrokenDriver = brokenNet(
  'accepts everything offered',
  'virtio/FEAT-D5',
  (port, bdf) =>
    rewriteHeader(port, bdf, DRIVER_FEATURES, () =>
      port.in(headerAddress(port, bdf) + DEVICE_FEATURES.offset, 4),
    ),
);

/** Notifies the receive queue as soon as it has buffers, and finishes the set-up then. */
export const kicksEarly: BrokenDriver = brokenNet('kicks before DRIVER_OK', 'virtio/INIT-D13', (port, bdf) =>
  rewriteHeader(port, bdf, DEVICE_STATUS, (value) => {
    if (value & DRIVER_OK) port.out(headerAddress(port, bdf) + QUEUE_NOTIFY.offset, 0, 2);
    return value;
  }),
);

/** Notifies with 32 bits, which extend into the status. */
export const kicksWide: BrokenDriver = brokenNet('kicks with 32 bits', 'virtio/PCI-KICK-D1', (port, bdf) => {
  const notify = headerAddress(port, bdf) + QUEUE_NOTIFY.offset;
  return behind(port, { out: (at, value, width) => port.out(at, value, at === notify ? 4 : width) });
});

/** Lays out frames as if ANY_LAYOUT were there: header and data in one descriptor. */
export const assumesAnyLayout: BrokenDriver = brokenNet(
  'joins header and data without ANY_LAYOUT',
  'virtio/NET-FRAME-LEG-D1',
  (port, bdf) => {
    const offer = headerAddress(port, bdf) + DEVICE_FEATURES.offset;
    return behind(
      rewriteHeader(port, bdf, DRIVER_FEATURES, (value) => (value & ~ANY_LAYOUT) >>> 0),
      {
        in: (at, width) => (at === offer ? (port.in(at, width) | ANY_LAYOUT) >>> 0 : port.in(at, width)),
      },
    );
  },
);
