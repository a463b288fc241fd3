import { behind, headerAddress, rewriteHeader } from '../../../conformance/broken/behind.ts';
import { changeDescriptors, rewriteIndex } from '../../../conformance/broken/behind-ring.ts';
import { type BrokenDriver, breaking } from '../../../conformance/broken/broken-driver.ts';
import type { StoredDescriptor } from '../../../conformance/broken/stored-descriptor.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { BalloonDriver, virtioBalloon } from '../../../guest/drivers/virtio-balloon.ts';
import type { Machine } from '../../../machine/machine.ts';
import {
  BALLOON_FEATURE,
  BALLOON_PFN_SHIFT,
  BALLOON_QUEUE,
  virtio_balloon_config,
} from '../../../virtio/balloon/registers.ts';
import { DRIVER_FEATURES, LEGACY_CONFIG, VIRTQ_DESC_F } from '../../../virtio/registers.ts';

const { inflate, deflate, stats } = BALLOON_QUEUE;
const { WRITE } = VIRTQ_DESC_F;
const PAGE = 1 << BALLOON_PFN_SHIFT;
const PFN_BYTES = 4;
const { num_pages, actual } = virtio_balloon_config.offset;
const NO_PAGE = 0xffff_ffff;
/** Longer than a driver needs. */
const LONG = 200_000_000;
/** Longer than a driver is busy with something else. */
const LATE = 3_000_000_000;
/** The last byte of `actual`. */
const LAST = actual + 3;

/** The good balloon driver: it gives pages and takes them back. */
const brokenBalloon = breaking(virtioBalloon({ interrupts: 'polled' }), (balloon) => {
  balloon.follow();
  balloon.close();
});

/** The good balloon driver, which reports its memory. */
const brokenStatistics = breaking(
  virtioBalloon({ interrupts: 'polled', stats: () => ({ MEMFREE: 1n }) }),
  (balloon) => balloon.answer(0),
);

export const MUTANTS: readonly BrokenDriver[] = [
  // Reports KiB where pages are requested.
  brokenBalloon('counts the balloon in KiB', 'virtio/BALLOON-OP-D7', (port, bdf) =>
    behindActual(port, bdf, (write, byte, value) => write(byte, byte === actual ? value * 4 : value)),
  ),
  // Gives its pages, and never says how many.
  {
    ...breaking(virtioBalloon({ interrupts: 'polled' }), (balloon) => void balloon.follow())(
      'never writes actual',
      'virtio/BALLOON-OP-D7',
      (port, bdf) => behindActual(port, bdf, () => {}),
    ),
    act: (machine, use) => {
      use();
      machine.port.wait(() => false, LONG);
    },
  },
  // Writes one byte of the value, and assumes that the rest stays zero.
  brokenBalloon('writes the lowest byte of actual alone', 'virtio/BALLOON-LEG-D2', (port, bdf) =>
    behindActual(port, bdf, (write, byte, value) => {
      if (byte === actual) write(byte, value);
    }),
  ),
  // Writes all of the structure back, with its own idea of the target.
  brokenBalloon('writes num_pages with actual', 'virtio/BALLOON-IMP-5', (port, bdf) =>
    behindActual(port, bdf, (write, byte, value) => {
      write(byte - actual + num_pages, value);
      write(byte, value);
    }),
  ),
  // Frees pages, which other code then uses, and reports them to the host later.
  brokenBalloon('uses pages before it told of them', 'virtio/BALLOON-OP-D3', (port, bdf) =>
    changeDescriptors(port, bdf, deflate, ({ memory, address }) =>
      memory.store(memory.load(address, PFN_BYTES) * PAGE, 1, 4),
    ),
  ),
  brokenBalloon('asks back a page that it kept', 'virtio/BALLOON-OP-D6', (port, bdf) =>
    changeDescriptors(port, bdf, deflate, (array) => append(array, 1)),
  ),
  brokenStatistics('has the device write its statistics', 'virtio/BALLOON-IMP-1', (port, bdf) =>
    changeDescriptors(port, bdf, stats, (buffer) => {
      buffer.flags |= WRITE;
    }),
  ),
  brokenBalloon('sends half a page number', 'virtio/BALLOON-IMP-2', (port, bdf) =>
    changeDescriptors(port, bdf, inflate, (array) => {
      array.length += PFN_BYTES / 2;
    }),
  ),
  brokenBalloon('gives a page that there is not', 'virtio/BALLOON-IMP-3', (port, bdf) =>
    changeDescriptors(port, bdf, inflate, (array) => append(array, NO_PAGE)),
  ),
  brokenBalloon('gives a page twice', 'virtio/BALLOON-IMP-4', (port, bdf) =>
    changeDescriptors(port, bdf, inflate, (array) =>
      append(array, array.memory.load(array.address, PFN_BYTES)),
    ),
  ),
  brokenStatistics('uses the statsq without its feature', 'virtio/BALLOON-IMP-6', (port, bdf) =>
    rewriteHeader(port, bdf, DRIVER_FEATURES, (value) => value & ~(1 << BALLOON_FEATURE.STATS_VQ)),
  ),
  // Sends statistics by the clock, and not when they are requested.
  brokenStatistics('tells statistics unasked', 'virtio/BALLOON-STAT-D1', (port) =>
    behind(port, { wait: () => true }),
  ),
  brokenStatistics('sends a part of an entry', 'virtio/BALLOON-STAT-D5', (port, bdf) =>
    changeDescriptors(port, bdf, stats, (buffer) => {
      buffer.length += 2;
    }),
  ),
  brokenStatistics('has no buffer for statistics', 'virtio/BALLOON-STAT-D2', (port, bdf) =>
    rewriteIndex(port, bdf, stats, () => null),
  ),
  {
    act: (machine, use) => {
      askAnd(machine, use);
      machine.port.wait(() => false, LATE);
    },
    ...brokenStatistics('answers no request for statistics', 'virtio/BALLOON-STAT-D3', (port, bdf) =>
      rewriteIndex(port, bdf, stats, (idx) => (idx > 1 ? null : idx)),
    ),
  },
  breaking(virtioBalloon({ interrupts: 'polled' }), (balloon) => void balloon.follow())(
    'uses a page that it gave',
    'virtio/BALLOON-IMP-7',
    (port, bdf) => {
      let page = 0;
      const seen = changeDescriptors(port, bdf, inflate, ({ memory, address }) => {
        page = memory.load(address, PFN_BYTES) * PAGE;
      });
      return behindActual(seen, bdf, (write, byte, value) => {
        write(byte, value);
        if (byte === LAST) port.memory.store(page, 1, 4);
      });
    },
  ),
  // Leaves out unchanged statistics.
  {
    act: (machine, use) => {
      for (let i = 0; i < 3; i++) askAnd(machine, use);
    },
    ...breaking(
      {
        ...virtioBalloon(),
        attach: (port, bdf) => {
          let told = 0;
          const stats = () => (told++ === 2 ? { MEMTOT: 1n } : { MEMTOT: 1n, MEMFREE: 1n });
          return new BalloonDriver(port, bdf, { interrupts: 'polled', stats });
        },
      },
      (balloon: BalloonDriver) => balloon.answer(1000),
    )('changes the tags of its statistics', 'virtio/BALLOON-STAT-D6', (port) => port),
  },
];

function askAnd(machine: Machine, use: () => void): void {
  machine.balloon!.askStats();
  use();
}

/** A page number behind those that the array has: the driver's buffer is longer. */
function append(array: StoredDescriptor, page: number): void {
  array.memory.store(array.address + array.length, page, PFN_BYTES);
  array.length += PFN_BYTES;
}

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
