import { behind, headerAddress, rewriteHeader } from '../../../conformance/broken/behind.ts';
import { CommonRegister, resizeCommon, rewriteCommon } from '../../../conformance/broken/behind-modern.ts';
import {
  type BrokenDriver,
  brokenModernNet,
  brokenMsixNet,
  brokenNet,
} from '../../../conformance/broken/broken-driver.ts';
import { DEVICE_STATUS, LEGACY_CONFIG, QUEUE_ADDRESS, QUEUE_SIZE } from '../../../virtio/registers.ts';
import {
  device_feature,
  device_status,
  num_queues,
  queue_size,
} from '../../../virtio/transport/modern/registers.ts';

/** Bytes of the MAC address, and of the two vectors before the configuration. */
const [MAC_BYTES, VECTORS] = [6, 4];
const { DRIVER_OK } = DEVICE_STATUS.mask;

/** Mistakes with single registers. */
export const MUTANTS: readonly BrokenDriver[] = [
  brokenModernNet('accesses the status with 16 bits', 'virtio/PCI-LAYOUT-D1', (port, bdf) =>
    resizeCommon(port, bdf, device_status, 2),
  ),
  brokenModernNet('accesses queue sizes with 32 bits', 'virtio/PCI-LAYOUT-D2', (port, bdf) =>
    resizeCommon(port, bdf, queue_size, 4),
  ),
  brokenModernNet('reads features with 16 bits', 'virtio/PCI-LAYOUT-D3', (port, bdf) =>
    resizeCommon(port, bdf, device_feature, 2),
  ),
  brokenMsixNet('reads the configuration at 20 with MSI-X enabled', 'virtio/PCI-LEG-IMP-1', (port, bdf) => {
    const config = headerAddress(port, bdf) + LEGACY_CONFIG.withMsix;
    return behind(port, {
      in: (at, width) => port.in(at >= config && at < config + MAC_BYTES ? at - VECTORS : at, width),
    });
  }),
  // The address is of two bytes that the card keeps, and of two that it is given next.
  brokenMsixNet('sets vectors before it enables MSI-X', 'virtio/PCI-LEG-IMP-1', (port, bdf) => {
    const at = headerAddress(port, bdf) + LEGACY_CONFIG.withoutMsix;
    port.out(at, port.in(at, 2), 2);
    port.in(at, 2);
    return port;
  }),
  brokenNet('tells a legacy device the size of a queue', 'virtio/VQ-IMP-16', (port, bdf) =>
    rewriteHeader(port, bdf, QUEUE_ADDRESS, (value) => {
      const size = headerAddress(port, bdf) + QUEUE_SIZE.offset;
      port.out(size, port.in(size, 2), 2);
      return value;
    }),
  ),
  brokenModernNet('writes num_queues', 'virtio/PCI-COMMON-D1', (port, bdf) =>
    rewriteCommon(port, bdf, device_status, (value) => {
      if (value & DRIVER_OK) new CommonRegister(port, bdf, num_queues).write(2);
      return value;
    }),
  ),
];
