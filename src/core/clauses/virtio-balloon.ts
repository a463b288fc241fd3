import type { Clause } from './shape.ts';

/** Rules for a virtio-balloon driver. */
export const balloon = {
  'virtio/BALLOON-OP-D3': {
    // A MUST that a footnote calls a courtesy without MUST_TELL_HOST; drivers that free pages first are in use.
    strength: 'NOTE',
    where: 'virtio 1.4, Traditional Memory Balloon Device, Device Operation',
    text: 'A page in the balloon is left alone until the deflateq was told of it',
    advice: 'Send the request to the deflateq first, which is right with MUST_TELL_HOST and without.',
  },
  'virtio/BALLOON-OP-D6': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Traditional Memory Balloon Device, Device Operation',
    text: 'No page is asked back but one that is in the balloon, whose inflate request was acknowledged',
  },
  'virtio/BALLOON-OP-D7': {
    strength: 'MUST',
    where: 'virtio 1.4, Traditional Memory Balloon Device, Device Operation',
    text: 'actual is written with the number of pages in the balloon',
    advice: 'Write it when the device has acknowledged the requests that changed the number.',
  },
  'virtio/BALLOON-LEG-D2': {
    strength: 'MUST',
    where: 'virtio 1.4, Traditional Memory Balloon Device, Legacy Interface: Device Operation',
    text: 'All four bytes of actual are written each time: at once, or from the least significant on',
  },
  'virtio/BALLOON-STAT-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Traditional Memory Balloon Device, Memory Statistics',
    text: 'The statsq has at most one buffer at any time',
  },
  'virtio/BALLOON-STAT-D5': {
    strength: 'MUST',
    where: 'virtio 1.4, Traditional Memory Balloon Device, Memory Statistics',
    text: 'A buffer of statistics holds whole entries of 10 bytes (the text says a multiple of 6, which fits no entry)',
  },
  'virtio/BALLOON-STAT-D6': {
    strength: 'MUST',
    where: 'virtio 1.4, Traditional Memory Balloon Device, Memory Statistics',
    text: 'Every buffer of statistics has the same tags, but for the first, which may be empty',
  },
  'virtio/BALLOON-IMP-1': {
    strength: 'MUST',
    where: 'virtio 1.4, Traditional Memory Balloon Device, Device Operation',
    text: 'Buffers of all three queues are for the device to read',
  },
  'virtio/BALLOON-IMP-2': {
    strength: 'MUST',
    where: 'virtio 1.4, Traditional Memory Balloon Device, Device Operation',
    text: 'An inflate or deflate request holds whole numbers of 32 bits',
  },
  'virtio/BALLOON-IMP-3': {
    strength: 'MUST',
    where: 'virtio 1.4, Traditional Memory Balloon Device, Device Operation',
    text: 'Pages for the balloon are RAM, and their number is the address divided by 4096, whatever the page size',
  },
  'virtio/BALLOON-IMP-4': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Traditional Memory Balloon Device, Device Operation',
    text: 'A page in the balloon is not given to it again',
  },
  'virtio/BALLOON-IMP-5': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Traditional Memory Balloon Device, Device configuration layout',
    text: 'No field of the configuration is written but actual',
  },
  'virtio/BALLOON-IMP-6': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Traditional Memory Balloon Device, Virtqueues',
    text: 'The statsq is used only with STATS_VQ',
  },
} as const satisfies Record<string, Clause>;
