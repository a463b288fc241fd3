import { NOTIFICATION, notifConfigData } from '../../virtio/transport/modern/registers.ts';
import { rewriteKicks } from './behind-modern.ts';
import { type BrokenDriver, brokenModernRng } from './broken-driver.ts';

const { VQ } = NOTIFICATION.mask;
/** One further than where the driver goes on. */
const FURTHER = VQ + 1;

const brokenKicks = brokenModernRng({});
const brokenPositions = brokenModernRng({ ringFeatures: ['NOTIFICATION_DATA'] });
const brokenPackedPositions = brokenModernRng({ ringFeatures: ['NOTIFICATION_DATA', 'RING_PACKED'] });
const brokenOwnValues = brokenModernRng({ ringFeatures: ['NOTIF_CONFIG_DATA'] });
const brokenBoth = brokenModernRng({ ringFeatures: ['NOTIFICATION_DATA', 'NOTIF_CONFIG_DATA'] });

/** Mistakes in kicks by the notify structure. */
export const BROKEN_KICKS: readonly BrokenDriver[] = [
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
