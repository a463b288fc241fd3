import { BalloonDriver, virtioBalloon } from '../../guest/drivers/virtio-balloon.ts';
import type { Machine } from '../../machine/machine.ts';
import { BALLOON_FEATURE, BALLOON_PFN_SHIFT, BALLOON_QUEUE } from '../../virtio/balloon/registers.ts';
import { DRIVER_FEATURES, QUEUE_ADDRESS, VIRTQ_DESC_F } from '../../virtio/registers.ts';
import { behind, rewriteHeader } from './behind.ts';
import { changeDescriptors } from './behind-ring.ts';
import { type BrokenDriver, breaking } from './broken-driver.ts';
import type { StoredDescriptor } from './stored-descriptor.ts';

const { inflate, deflate, stats } = BALLOON_QUEUE;
const { WRITE } = VIRTQ_DESC_F;
const PAGE = 1 << BALLOON_PFN_SHIFT;
const PFN_BYTES = 4;
const NO_PAGE = 0xffff_ffff;

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

/** Frees pages, which other code then uses, and reports them to the host later. */
const freesFirst = brokenBalloon('uses pages before it told of them', 'virtio/BALLOON-OP-D3', (port, bdf) =>
  changeDescriptors(port, bdf, deflate, ({ memory, address }) =>
    memory.store(memory.load(address, PFN_BYTES) * PAGE, 1, 4),
  ),
);

const asksForMore = brokenBalloon('asks back a page that it kept', 'virtio/BALLOON-OP-D6', (port, bdf) =>
  changeDescriptors(port, bdf, deflate, (array) => append(array, 1)),
);

const givesRoom = brokenStatistics(
  'has the device write its statistics',
  'virtio/BALLOON-IMP-1',
  (port, bdf) =>
    changeDescriptors(port, bdf, stats, (buffer) => {
      buffer.flags |= WRITE;
    }),
);

const halfNumber = brokenBalloon('sends half a page number', 'virtio/BALLOON-IMP-2', (port, bdf) =>
  changeDescriptors(port, bdf, inflate, (array) => {
    array.length += PFN_BYTES / 2;
  }),
);

const givesNothing = brokenBalloon('gives a page that there is not', 'virtio/BALLOON-IMP-3', (port, bdf) =>
  changeDescriptors(port, bdf, inflate, (array) => append(array, NO_PAGE)),
);

const givesTwice = brokenBalloon('gives a page twice', 'virtio/BALLOON-IMP-4', (port, bdf) =>
  changeDescriptors(port, bdf, inflate, (array) =>
    append(array, array.memory.load(array.address, PFN_BYTES)),
  ),
);

/** Gives away a page in use: instead of the first that it sends, that of the ring that it set up last. */
const givesRing = breaking(virtioBalloon({ interrupts: 'polled' }), (balloon) => balloon.follow())(
  'gives the page of a ring',
  'virtio/VQ-IMP-26',
  (port, bdf) => {
    let ring = 0;
    const noting = rewriteHeader(port, bdf, QUEUE_ADDRESS, (value) => {
      ring = value;
      return value;
    });
    return changeDescriptors(noting, bdf, inflate, ({ memory, address }) =>
      memory.store(address, ring, PFN_BYTES),
    );
  },
);

const forgetsFeature = brokenStatistics(
  'uses the statsq without its feature',
  'virtio/BALLOON-IMP-6',
  (port, bdf) =>
    rewriteHeader(port, bdf, DRIVER_FEATURES, (value) => value & ~(1 << BALLOON_FEATURE.STATS_VQ)),
);

/** Sends statistics by the clock, and not when they are requested. */
const tellsUnasked = brokenStatistics('tells statistics unasked', 'virtio/BALLOON-STAT-D1', (port) =>
  behind(port, { wait: () => true }),
);

const cutsEntry = brokenStatistics('sends a part of an entry', 'virtio/BALLOON-STAT-D5', (port, bdf) =>
  changeDescriptors(port, bdf, stats, (buffer) => {
    buffer.length += 2;
  }),
);

/** Leaves out unchanged statistics. */
const changesTags: BrokenDriver = {
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
};

export const BROKEN_BALLOON: readonly BrokenDriver[] = [
  freesFirst,
  asksForMore,
  givesRoom,
  halfNumber,
  givesNothing,
  givesTwice,
  givesRing,
  forgetsFeature,
  tellsUnasked,
  cutsEntry,
  changesTags,
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
