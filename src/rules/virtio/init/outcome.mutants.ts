import { answerHeader, behind, rewriteHeader } from '../../../conformance/broken/behind.ts';
import {
  type BrokenDriver,
  brokenModernRng,
  brokenMsixNet,
  brokenNet,
} from '../../../conformance/broken/broken-driver.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import type { Machine } from '../../../machine/machine.ts';
import { NET_FEATURE } from '../../../virtio/net/registers.ts';
import { DEVICE_FEATURES, DEVICE_STATUS } from '../../../virtio/registers.ts';

const { FAILED } = DEVICE_STATUS.mask;
const MAC = 1 << NET_FEATURE.MAC;
/** A low limit, so that a driver in a loop is soon detected. */
const PATIENCE = 10_000;

/** Without a limit of time. */
export function neverGivesUp(port: GuestPort): GuestPort {
  return behind(port, {
    wait: (until, limit) => {
      while (!port.wait(until, limit));
      return true;
    },
  });
}

function breakDownFirst(machine: Machine, use: () => void): void {
  for (const device of machine.virtio) device.breakDown();
  use();
}

function withoutMac(): Machine {
  const machine = gceN1();
  for (const device of machine.virtio)
    if (device.name === 'net0') device.offer({ without: [NET_FEATURE.MAC] });
  return machine;
}

/** Mistakes with faulty devices. */
export const MUTANTS: readonly BrokenDriver[] = [
  {
    ...brokenModernRng({ patience: PATIENCE })(
      'waits for a device that broke down',
      'virtio/STATUS-D4',
      neverGivesUp,
    ),
    act: breakDownFirst,
  },
  {
    ...brokenMsixNet('gives up without FAILED', 'virtio/INIT-D11', (port, bdf) =>
      rewriteHeader(port, bdf, DEVICE_STATUS, (value) => (value & FAILED ? null : value)),
    ),
    machine: () => gceN1({ msix: { mappings: 1 } }),
  },
  {
    ...brokenNet('leaves a card that has no address', 'virtio/FEAT-D10', (port, bdf) =>
      answerHeader(port, bdf, DEVICE_FEATURES, (ask) => {
        const offered = ask();
        if (offered & MAC) return offered;
        throw new Error('no address');
      }),
    ),
    machine: withoutMac,
  },
];
