import { bytesText, hex } from '../../../core/bits.ts';
import type { Rules } from '../../../core/rule.ts';
import type { PageFault } from '../../../virtio/balloon/events.ts';
import { BALLOON_PFN_SHIFT, BALLOON_QUEUE } from '../../../virtio/balloon/registers.ts';
import type { ConfigKnows } from './config.ts';

const PAGE = 1 << BALLOON_PFN_SHIFT;
const PFN_BYTES = 4;
const { stats } = BALLOON_QUEUE;
const OPERATION = 'virtio 1.4, Traditional Memory Balloon Device, Device Operation';

/** What the rules know of requests, and of pages in the balloon. */
interface PagesKnows extends ConfigKnows {
  /** Index of the queue in question, and its name: `inflate queue (queue 0)`. */
  readonly queue: number;
  readonly name: string;
  readonly statsAccepted: boolean;
  /** Bytes of the buffer in question. */
  readonly readable: number;
  readonly writable: number;
  readonly page: number;
  readonly pageFault: PageFault | null;
  readonly wasInside: boolean;
  /** The run is over, and the device asks for as many pages as are in the balloon. */
  readonly isWanted: boolean;
  /** The first 32 bits of the page that are not zero, by their offset; -1 is none, and null RAM that is gone. */
  readonly found: number | null;
}

/** Rules for a driver of the memory balloon, except for its configuration and its statistics. */
export const BALLOON = {
  'virtio/BALLOON-OP-D3': {
    // A MUST that a footnote calls a courtesy without MUST_TELL_HOST; drivers that free pages first are in use.
    where: OPERATION,
    text: 'Do not use a page that is in the balloon until the deflate request for it was sent.',
    advice:
      'Take a page from the allocator for as long as it is in the balloon. Send the request to the deflateq first: this is right with and without MUST_TELL_HOST.',
    on: ['deflated', 'ended'],
    // The device zeroed the page when it was inflated. RAM that the host removed since cannot be checked.
    when: (k) => k.wasInside && k.found !== null && !k.isWanted,
    kept: (k) => k.found === -1,
    said: (k) => `page ${k.page} was written to while it was in the balloon`,
    facts: (k) => [`not zero: ${hex(k.page * PAGE + k.found!, 8)}`],
  },
  'virtio/BALLOON-IMP-7': {
    where: OPERATION,
    text: 'A driver MUST NOT use a page that is in the balloon, without a deflate request, while the device wants it there.',
    advice:
      'Take a page from the allocator for as long as it is in the balloon, and free it after its deflate request.',
    on: 'ended',
    when: (k) => k.found !== null && k.isWanted,
    kept: (k) => k.found === -1,
    said: (k) =>
      `page ${k.page} was written to, and is in the balloon still, of which the device wants as many pages as it has`,
    facts: (k) => [`not zero: ${hex(k.page * PAGE + k.found!, 8)}`],
  },
  'virtio/BALLOON-OP-D6': {
    where: OPERATION,
    text: 'A driver MUST NOT deflate a page unless it is in the balloon through an acknowledged inflate request.',
    advice:
      'Keep a list of the pages that were inflated and acknowledged, and deflate only pages from that list.',
    on: 'deflated',
    kept: (k) => k.wasInside,
    said: (k) => `page ${k.page} was deflated, but is not in the balloon`,
  },
  'virtio/BALLOON-IMP-1': {
    where: OPERATION,
    text: 'A driver MUST make the buffers of all three balloon queues device-readable.',
    advice: 'Keep WRITE clear in every descriptor: the device answers by using the buffer.',
    on: ['pages', 'statistics'],
    kept: (k) => k.writable === 0,
    said: (k) =>
      `a ${k.queue === stats ? 'buffer of statistics' : 'request'} has ${bytesText(k.writable)} for the device to write`,
  },
  'virtio/BALLOON-IMP-2': {
    where: OPERATION,
    text: 'A driver MUST send whole 32-bit page numbers in an inflate or deflate request.',
    advice: 'Send an array of 32-bit page numbers, with a length of four times their count.',
    on: 'pages',
    kept: (k) => k.readable % PFN_BYTES === 0,
    said: (k) => `a request has ${bytesText(k.readable)} of page numbers, which have 4 each`,
  },
  'virtio/BALLOON-IMP-3': {
    where: OPERATION,
    text: 'A driver MUST put only RAM into the balloon, and number its pages by address divided by 4096, for every page size.',
    advice:
      'Send address / 4096 of pages that are RAM: not the address itself, and not the number of a larger page.',
    on: 'inflated',
    when: (k) => k.pageFault !== 'again',
    kept: (k) => k.pageFault !== 'no RAM',
    said: (k) => `page ${k.page} was put into the balloon, but is not RAM`,
  },
  'virtio/BALLOON-IMP-4': {
    where: OPERATION,
    text: 'A driver MUST NOT inflate a page that is already in the balloon.',
    advice: 'Mark a page when it goes into the balloon, and inflate it again only after it was deflated.',
    on: 'inflated',
    kept: (k) => k.pageFault !== 'again',
    said: (k) => `page ${k.page} was put into the balloon, but is already in it`,
  },
  'virtio/BALLOON-IMP-6': {
    where: 'virtio 1.4, Traditional Memory Balloon Device, Virtqueues',
    text: 'A driver MUST NOT use the statsq unless STATS_VQ was negotiated.',
    advice: 'Accept STATS_VQ (1) before you set up and kick the third queue.',
    on: 'attended',
    when: (k) => !k.statsAccepted,
    kept: (k) => k.queue !== stats,
    said: (k) => `${k.name} was kicked, without STATS_VQ`,
  },
} as const satisfies Rules<PagesKnows>;
