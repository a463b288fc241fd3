import { behind, headerAddress } from '../../../conformance/broken/behind.ts';
import { capabilityOf } from '../../../conformance/broken/behind-capabilities.ts';
import { answerCommon, rewriteKicks } from '../../../conformance/broken/behind-modern.ts';
import { type BrokenDriver, brokenModernRng, brokenNet } from '../../../conformance/broken/broken-driver.ts';
import { misreadConfig } from '../../../conformance/broken/misreads.ts';
import { QUEUE_NOTIFY } from '../../../virtio/registers.ts';
import {
  NOTIFICATION,
  NOTIFY_OFF_MULTIPLIER,
  notifConfigData,
  queue_notify_off,
  VIRTIO_PCI_CAP,
} from '../../../virtio/transport/modern/registers.ts';

const { VQ } = NOTIFICATION.mask;
/** One further than where the driver goes on. */
const FURTHER = VQ + 1;

const brokenKicks = brokenModernRng({});
const brokenPositions = brokenModernRng({ ringFeatures: ['NOTIFICATION_DATA'] });
const brokenPackedPositions = brokenModernRng({ ringFeatures: ['NOTIFICATION_DATA', 'RING_PACKED'] });
const brokenOwnValues = brokenModernRng({ ringFeatures: ['NOTIF_CONFIG_DATA'] });
const brokenPlaces = brokenModernRng({ notifyElsewhere: true });
const brokenBoth = brokenModernRng({ ringFeatures: ['NOTIFICATION_DATA', 'NOTIF_CONFIG_DATA'] });

export const MUTANTS: readonly BrokenDriver[] = [
  // Notifies with 32 bits, which extend into the status.
  brokenNet('kicks with 32 bits', 'virtio/PCI-KICK-D1', (port, bdf) => {
    const notify = headerAddress(port, bdf) + QUEUE_NOTIFY.offset;
    return behind(port, { out: (at, value, width) => port.out(at, value, at === notify ? 4 : width) });
  }),
  brokenPlaces('has a notify multiplier of 4 in its code', 'virtio/PCI-KICK-IMP-1', (port, bdf) => {
    const { at } = capabilityOf(port, bdf, ({ type }) => type === VIRTIO_PCI_CAP.NOTIFY);
    return misreadConfig(port, bdf, NOTIFY_OFF_MULTIPLIER, 4, at);
  }),
  brokenPlaces('takes the index for queue_notify_off', 'virtio/PCI-KICK-IMP-1', (port, bdf) =>
    answerCommon(port, bdf, queue_notify_off, () => 0),
  ),
  brokenPositions('tells its position in 16 bits', 'virtio/PCI-KICK-D2', (port, bdf) =>
    rewriteKicks(port, bdf, (value) => [value & VQ, 2]),
  ),
  brokenKicks('kicks queue 0 as queue 1', 'virtio/PCI-KICK-D3', (port, bdf) =>
    rewriteKicks(port, bdf, (value, width) => [value + 1, width]),
  ),
  brokenPositions('tells its position in queue 0 as that in queue 1', 'virtio/PCI-KICK-D4', (port, bdf) =>
    rewriteKicks(port, bdf, (value, width) => [value + 1, width]),
  ),
  brokenOwnValues('kicks with the index of a queue', 'virtio/PCI-KICK-D5', (port, bdf) =>
    rewriteKicks(port, bdf, (value, width) => [value - notifConfigData(0), width]),
  ),
  brokenBoth('tells its position with the index of a queue', 'virtio/PCI-KICK-D6', (port, bdf) =>
    rewriteKicks(port, bdf, (value, width) => [value - notifConfigData(0), width]),
  ),
  brokenPositions('tells a position in a split ring that it is not at', 'virtio/VQ-IMP-10', (port, bdf) =>
    rewriteKicks(port, bdf, (value, width) => [value + FURTHER, width]),
  ),
  brokenPackedPositions(
    'tells a position in a packed ring that it is not at',
    'virtio/PACKED-DESC-D3',
    (port, bdf) => rewriteKicks(port, bdf, (value, width) => [value + FURTHER, width]),
  ),
];
