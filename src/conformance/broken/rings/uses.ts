import { virtioNet, virtioScsi } from '../../../guest/index.ts';
import { FRAME } from '../../reference.ts';
import { breaking } from '../broken-driver.ts';

/** The good SCSI driver. It sends INQUIRY to the first disk: a request of three buffers. */
export const asksDisk = breaking(virtioScsi({ interrupts: 'polled' }), (host) => host.inquiry(1));

/** The same with a request of two. */
export const tapsDisk = breaking(virtioScsi({ interrupts: 'polled' }), (host) => host.testUnitReady(1));

/** The good network driver. It sends two frames and does not wait. */
export const sendsTwice = breaking(virtioNet({ interrupts: 'polled' }), (nic) => {
  nic.post(FRAME);
  nic.post(FRAME);
});
