import type { Section } from './statement.ts';

/** Virtqueues, split and packed. */
export const RINGS: readonly Section[] = [
  {
    section: 'Virtqueues (split)',
    statements: [
      ['VQ-SPLIT-D1', 'MUST', 'yes', 'Align descriptor table to 16, avail ring to 2, used ring to 4'],
    ],
  },
  {
    section: 'Legacy Interfaces: A Note on Virtqueue Layout',
    statements: [
      ['VQ-SPLIT-LEG-D1', 'MUST', 'yes', 'Fetch the queue size from the device'],
      ['VQ-SPLIT-LEG-D2', 'MUST', 'partly', 'Allocate the full legacy queue size (two page-rounded parts)'],
      ['VQ-SPLIT-LEG-D3', 'MUST', 'partly', 'Place desc, avail, padding, used as the legacy layout demands'],
    ],
  },
  {
    section: 'Legacy Interfaces: A Note on Virtqueue Endianness',
    statements: [
      [
        'VQ-SPLIT-LEG-D4',
        'MUST',
        'partly',
        'Ring fields in guest-native byte order under the legacy interface',
      ],
    ],
  },
  {
    section: 'Message Framing',
    statements: [
      ['VQ-FRAME-D1', 'MUST', 'yes', 'All device-writable elements after all device-readable ones'],
      ['VQ-FRAME-D2', 'SHOULD NOT', 'partly', 'Keep the descriptor count of a buffer reasonable'],
    ],
  },
  {
    section: 'The Virtqueue Descriptor Table',
    statements: [
      ['VQ-DESC-D1', 'MUST NOT', 'yes', 'Total chain length at most 2^32 bytes; no loops'],
      ['VQ-DESC-D2', 'MUST', 'yes', 'IN_ORDER: chained next is x+1, and 0 for the last table slot'],
    ],
  },
  {
    section: 'Indirect Descriptors (split)',
    statements: [
      ['VQ-IND-D1', 'MUST NOT', 'yes', 'No INDIRECT flag unless INDIRECT_DESC was negotiated'],
      ['VQ-IND-D2', 'MUST NOT', 'yes', 'No INDIRECT flag inside an indirect table'],
      ['VQ-IND-D3', 'MUST NOT', 'yes', 'Chain not longer than the Queue Size'],
      ['VQ-IND-D4', 'MUST NOT', 'yes', 'INDIRECT and NEXT never together in one descriptor'],
      ['VQ-IND-D5', 'MUST', 'yes', 'IN_ORDER: table entries used sequentially, next = 1, 2, ...'],
    ],
  },
  {
    section: 'The Virtqueue Available Ring',
    statements: [['VQ-AVAIL-D1', 'MUST NOT', 'yes', 'Never move avail.idx backwards']],
  },
  {
    section: 'Used Buffer Notification Suppression',
    statements: [
      ['VQ-USEDSUP-D1', 'MUST', 'yes', 'Without EVENT_IDX, avail.flags is 0 or 1'],
      ['VQ-USEDSUP-D2', 'MUST', 'yes', 'With EVENT_IDX, avail.flags is 0'],
      ['VQ-USEDSUP-D3', 'MUST', 'partly', 'Tolerate spurious notifications from the device'],
    ],
  },
  {
    section: 'The Virtqueue Used Ring',
    statements: [
      ['VQ-USED-D1', 'MUST NOT', 'partly', 'Make no assumption on buffer bytes past the reported len'],
      ['VQ-USED-D2', 'SHOULD', 'partly', 'Ignore bytes past len'],
    ],
  },
  {
    section: 'Available Buffer Notification Suppression',
    statements: [
      ['VQ-AVSUP-D1', 'MUST', 'yes', 'Zero used.flags when allocating the used ring'],
      ['VQ-AVSUP-D2', 'MUST', 'yes', 'Without EVENT_IDX, ignore avail_event'],
      ['VQ-AVSUP-D3', 'SHOULD NOT', 'yes', 'Without EVENT_IDX, no kick while used.flags=1'],
      ['VQ-AVSUP-D4', 'MUST', 'yes', 'Without EVENT_IDX, kick after adding buffers while used.flags=0'],
      ['VQ-AVSUP-D5', 'MUST', 'yes', 'With EVENT_IDX, ignore bit 0 of used.flags'],
      ['VQ-AVSUP-D6', 'MUST', 'yes', 'With EVENT_IDX, kick when the entry at avail_event was written'],
      ['VQ-AVSUP-D7', 'SHOULD NOT', 'yes', 'With EVENT_IDX, otherwise no kick'],
    ],
  },
  {
    section: 'Updating idx',
    statements: [
      [
        'VQ-BARRIER-D1',
        'MUST',
        'partly',
        'Memory barrier between filling ring/descriptors and moving avail.idx',
      ],
    ],
  },
  {
    section: 'Notifying The Device',
    statements: [
      ['VQ-BARRIER-D2', 'MUST', 'no', 'Memory barrier between the idx move and reading flags/avail_event'],
    ],
  },
  {
    section: 'Virtqueues (packed)',
    statements: [
      ['VQ-PACKED-D1', 'MUST', 'yes', 'Align descriptor ring to 16 and both event structures to 4'],
    ],
  },
  {
    section: 'Virtqueue Reset',
    statements: [['VQRESET-D1', 'MUST', 'yes', 'After asking for a queue reset, verify it really happened']],
  },
  {
    section: 'Virtqueue Re-enable',
    statements: [
      [
        'VQREENABLE-D1',
        'MUST',
        'yes',
        'Configure a queue afresh, as at first discovery, before re-enabling it',
      ],
    ],
  },
  {
    section: 'The Virtqueue Descriptor Table (packed)',
    statements: [
      ['PACKED-DESC-D1', 'MUST NOT', 'yes', 'Do not touch a descriptor until its USED bit was seen to flip'],
      ['PACKED-DESC-D2', 'MUST NOT', 'yes', 'Do not touch a descriptor after flipping its AVAIL bit'],
      [
        'PACKED-DESC-D3',
        'MUST',
        'yes',
        'A kick carries next_off/next_wrap of the next descriptor not yet available',
      ],
    ],
  },
  {
    section: 'Scatter-Gather Support (packed)',
    statements: [
      ['PACKED-SG-D1', 'MUST NOT', 'yes', 'List not longer than the device allows'],
      ['PACKED-SG-D2', 'MUST NOT', 'yes', 'List not longer than the Queue Size (so no loops)'],
      ['PACKED-SG-D3', 'MUST', 'yes', 'Device-writable elements after device-readable ones'],
      ['PACKED-SG-D4', 'MUST NOT', 'partly', 'Do not need device progress to finish writing out a list'],
      ['PACKED-SG-D5', 'MUST', 'yes', 'Check there is room for the whole list before exposing its head'],
      ['PACKED-SG-D6', 'MUST NOT', 'partly', 'Do not expose the head before the rest of the list'],
    ],
  },
  {
    section: 'Indirect Descriptors (packed)',
    statements: [
      ['PACKED-IND-D1', 'MUST NOT', 'yes', 'No INDIRECT flag unless INDIRECT_DESC was negotiated'],
      ['PACKED-IND-D2', 'MUST NOT', 'yes', 'Only the WRITE flag may be set inside an indirect table'],
      ['PACKED-IND-D3', 'MUST NOT', 'yes', 'Chain not longer than the device allows'],
      ['PACKED-IND-D4', 'MUST NOT', 'yes', 'No INDIRECT descriptor within a NEXT-linked list'],
    ],
  },
  {
    section: 'Updating flags',
    statements: [
      [
        'PACKED-BARRIER-D1',
        'MUST',
        'partly',
        'Memory barrier before the flags store that exposes a descriptor',
      ],
    ],
  },
  {
    section: 'Sending Available Buffer Notifications (packed)',
    statements: [
      ['PACKED-BARRIER-D2', 'MUST', 'no', 'Memory barrier before reading the device event suppression area'],
    ],
  },
];
