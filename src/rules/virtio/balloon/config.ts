import type { Mark } from '../../../core/access.ts';
import type { Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';
import { virtio_balloon_config } from '../../../virtio/balloon/registers.ts';

const { actual: ACTUAL } = virtio_balloon_config.offset;
const MILLISECOND = 1_000_000;

/** What the rules know of the configuration. */
export interface ConfigKnows extends Knows {
  readonly legacy: boolean;
  /** Offset of the byte that was written, and of the byte of `actual` that a legacy driver writes next. */
  readonly offset: number;
  readonly nextByte: number;
  /** Pages in the balloon, and what `actual` says. */
  readonly pages: number;
  readonly actual: number;
  /** It was right before the last request, and may be until the next. */
  readonly forgiven: boolean;
  /** It says how many there were since it was last written: the driver takes one acknowledgement after the other. */
  readonly catchesUp: boolean;
  /** Virtual nanoseconds that it has been wrong without a write; 0 if it was written. */
  readonly silence: number;
  readonly cause: Mark;
}

/** Rules of the balloon's configuration, of which a driver writes how many pages are in it. */
export const BALLOON_CONFIG = {
  'virtio/BALLOON-OP-D7': {
    where: 'virtio 1.4, Traditional Memory Balloon Device, Device Operation',
    text: 'A driver MUST write the number of pages in the balloon to actual.',
    advice: 'Write it when the device has acknowledged the requests that changed the number.',
    on: ['actual', 'unsaid'],
    // Linux writes it while it moves a page within the balloon, which is one page in and then another out
    // (`virtballoon_migratepage`), and its own count stays the same.
    when: (k) => !k.forgiven,
    kept: (k) => k.actual === k.pages || (k.catchesUp && k.silence === 0),
    said: (k) =>
      k.silence > 0
        ? `the balloon has had ${k.pages} pages for ${Math.floor(k.silence / MILLISECOND)} ms, and actual says ${k.actual}`
        : `actual was written with ${k.actual}, and the balloon has ${k.pages} pages`,
    follows: ['virtio/BALLOON-IMP-3', 'virtio/BALLOON-IMP-4', 'virtio/BALLOON-OP-D6'],
    since: (k) => k.cause,
  },
  'virtio/BALLOON-LEG-D2': {
    where: 'virtio 1.4, Traditional Memory Balloon Device, Legacy Interface: Device Operation',
    text: 'A driver MUST write all four bytes of actual each time, in one access or from the least significant byte up.',
    advice: 'Write actual with one 32-bit access, or all its four bytes in order, each time.',
    on: 'configured',
    when: (k) => k.legacy && k.offset >= ACTUAL,
    kept: (k) => k.offset === k.nextByte,
    said: (k) => `byte ${k.offset} of the configuration was written, where byte ${k.nextByte} was next`,
  },
  'virtio/BALLOON-IMP-5': {
    where: 'virtio 1.4, Traditional Memory Balloon Device, Device configuration layout',
    text: 'A driver MUST NOT write a field of the balloon configuration other than actual.',
    advice: 'Read num_pages and follow it; write only actual.',
    on: 'configured',
    kept: (k) => k.offset >= ACTUAL,
    said: (k) => `byte ${k.offset} of the configuration was written`,
  },
} as const satisfies Rules<ConfigKnows>;
