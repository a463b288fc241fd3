import {
  answerCommon,
  CommonRegister,
  rememberCommon,
  rewriteCommon,
  structuresOf,
} from '../../../conformance/broken/behind-modern.ts';
import {
  type BrokenDriver,
  breaking,
  brokenModernNet,
  modernMachine,
} from '../../../conformance/broken/broken-driver.ts';
import { virtioScsi } from '../../../guest/index.ts';
import { SENSE_SIZE_DEFAULT, virtio_scsi_config } from '../../../virtio/scsi/registers.ts';
import {
  device_feature,
  device_feature_select,
  device_status,
  driver_feature,
} from '../../../virtio/transport/modern/registers.ts';

const { ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK } = device_status.mask;

const brokenScsi = breaking(virtioScsi({ interrupts: 'polled' }), () => {}, modernMachine());

export const MUTANTS: readonly BrokenDriver[] = [
  // It assumes the value that it would have read back.
  brokenModernNet('does not set FEATURES_OK', 'virtio/INIT-D5', (port, bdf) => {
    const left = rewriteCommon(port, bdf, device_status, (value) => value & ~FEATURES_OK);
    return answerCommon(left, bdf, device_status, (ask) => {
      const status = ask();
      return status & DRIVER ? status | FEATURES_OK : status;
    });
  }),
  brokenModernNet('does not check FEATURES_OK', 'virtio/INIT-D6', (port, bdf) =>
    rememberCommon(port, bdf, device_status, (written) => (written & FEATURES_OK) !== 0),
  ),
  brokenScsi('writes sense_size before FEATURES_OK', 'virtio/INIT-D9', (port, bdf) =>
    rewriteCommon(port, bdf, device_status, (value) => {
      const senseSize = structuresOf(port, bdf).device! + virtio_scsi_config.offset.sense_size;
      if (value === (ACKNOWLEDGE | DRIVER | FEATURES_OK)) port.write(senseSize, SENSE_SIZE_DEFAULT, 4);
      return value;
    }),
  ),
  brokenModernNet('writes features after FEATURES_OK', 'virtio/INIT-D10', (port, bdf) =>
    rewriteCommon(port, bdf, device_status, (value) => {
      const features = new CommonRegister(port, bdf, driver_feature);
      if (value & DRIVER_OK) features.write(features.read());
      return value;
    }),
  ),
  // Knows that bit 0 of the second word is VERSION_1, and every modern device offers it.
  brokenModernNet('does not look for VERSION_1', 'virtio/FEAT-D3', (port, bdf) => {
    const select = new CommonRegister(port, bdf, device_feature_select);
    return answerCommon(port, bdf, device_feature, (ask) => (select.read() === 1 ? 1 : ask()));
  }),
  brokenModernNet('does not wait for device_status to read 0', 'virtio/PCI-COMMON-D5', (port, bdf) =>
    rememberCommon(port, bdf, device_status, (written) => written === 0),
  ),
];
