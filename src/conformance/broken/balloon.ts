import type { GuestPort } from '../../core/guest-port.ts';
import { virtioBalloon } from '../../guest/drivers/virtio-balloon.ts';
import { virtio_balloon_config } from '../../virtio/balloon/registers.ts';
import { LEGACY_CONFIG } from '../../virtio/registers.ts';
import { behind, headerAddress } from './behind.ts';
import { type BrokenDriver, breaking } from './broken-driver.ts';

/** Longer than a driver needs. */
const LONG = 200_000_000;
const { num_pages, actual } = virtio_balloon_config.offset;

/** The good balloon driver, which needs a machine that asks for pages. It gives them and takes them back. */
const brokenBalloon = breaking(virtioBalloon({ interrupts: 'polled' }), (balloon) => {
  balloon.follow();
  balloon.close();
});

/** Reports KiB where pages are requested. */
export const countsKibibytes: BrokenDriver = brokenBalloon(
  'counts the balloon in KiB',
  'virtio/BALLOON-OP-D7',
  (port, bdf) =>
    behindActual(port, bdf, (write, byte, value) => write(byte, byte === actual ? value * 4 : value)),
);

/** Gives its pages, and never says how many. */
export const keepsSilent: BrokenDriver = {
  ...breaking(virtioBalloon({ interrupts: 'polled' }), (balloon) => void balloon.follow())(
    'never writes actual',
    'virtio/BALLOON-OP-D7',
    (port, bdf) => behindActual(port, bdf, () => {}),
  ),
  act: (machine, use) => {
    use();
    machine.port.wait(() => false, LONG);
  },
};

/** Writes one byte of the value, and assumes that the rest stays zero. */
export const writesOneByte: BrokenDriver = brokenBalloon(
  'writes the lowest byte of actual alone',
  'virtio/BALLOON-LEG-D2',
  (port, bdf) =>
    behindActual(port, bdf, (write, byte, value) => {
      if (byte === actual) write(byte, value);
    }),
);

/** Writes all of the structure back, with its own idea of the target. */
export const writesTarget: BrokenDriver = brokenBalloon(
  'writes num_pages with actual',
  'virtio/BALLOON-IMP-5',
  (port, bdf) =>
    behindActual(port, bdf, (write, byte, value) => {
      write(byte - actual + num_pages, value);
      write(byte, value);
    }),
);

/**
 * A port on which `change` decides the value of each byte written to `actual`; bytes count from the start of the
 * configuration.
 */
function behindActual(
  port: GuestPort,
  bdf: number,
  change: (write: (byte: number, value: number) => void, byte: number, value: number) => void,
): GuestPort {
  const config = headerAddress(port, bdf) + LEGACY_CONFIG.withoutMsix;
  const write = (byte: number, value: number) => port.out(config + byte, value, 1);
  return behind(port, {
    out: (at, value, width) => {
      const byte = at - config;
      if (byte >= actual && byte < virtio_balloon_config.size) change(write, byte, value);
      else port.out(at, value, width);
    },
  });
}
