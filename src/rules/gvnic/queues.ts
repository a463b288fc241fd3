import { hex } from '../../core/bits.ts';
import type { Rules } from '../../core/rule.ts';
import { RAW_ADDRESSING } from '../../gvnic/registers/admin.ts';
import { QUEUE_FORMAT } from '../../gvnic/registers/descriptor.ts';
import { type CommandKnows, creates, receives, unregisters } from './commands.ts';
import { SOURCE } from './facts.ts';
import type { LentArea } from './lent-areas.ts';

/** Hardware takes no longer ring whose descriptors name offsets in a list of pages. */
const LISTED_MOST = 2048;
const ALIGNED = 64;
const { GQI_QPL, GQI_RDA, DQO_RDA } = QUEUE_FORMAT;
const RAW: readonly number[] = [GQI_RDA, DQO_RDA];

/** What is known of a queue that is to be made. */
export interface QueueKnows extends CommandKnows {
  /** Memory that a command gives to the device: of a queue, its rings and resources. */
  readonly areas: readonly LentArea[];
  /** What some of its bytes are for already; null for nothing. */
  readonly meets: string | null;
  /** An entry that the driver would take for a new one of the device's; -1 for none. */
  readonly stale: number;
  /** The queue that has its block already, if one does. */
  readonly blockOf: string | undefined;
}

const sizeOf = (k: CommandKnows) => k.fields.tx_ring_size ?? k.fields.rx_ring_size!;

/** Rules for the queues that a driver makes, and for what they lie in. */
export const GVNIC_QUEUES = {
  'gvnic/RING-LISTED': {
    where: 'a driver’s report of hardware, which offers longer rings all the same',
    text: 'A driver MUST NOT make a GQI_QPL ring of more than 2048 entries.',
    advice: 'Limit the size that the option allows to 2048.',
    on: 'commanded',
    when: (k) => creates(k) && k.format === GQI_QPL,
    kept: (k) => sizeOf(k) <= LISTED_MOST || sizeOf(k) === k.facts.ringSize,
    said: (k) => `a ring of ${sizeOf(k)} entries`,
  },
  'gvnic/RING-ALIGNED': {
    where: SOURCE,
    text: 'A driver SHOULD align rings and resources to 64 bytes.',
    advice: 'Align them to a cache line; most drivers give each a page.',
    on: 'commanded',
    when: creates,
    kept: (k) => k.areas.every(({ address }) => address % ALIGNED === 0),
    said: (k) => `at ${k.areas.map(({ address }) => hex(address, 8)).join(', ')}`,
  },
  'gvnic/RING-APART': {
    where: SOURCE,
    text: 'A driver MUST give each ring, each list of pages and all else that the device has memory of its own.',
    advice:
      'Allocate as many bytes as the ring has entries, times the bytes of one, and name no memory that the device has already.',
    on: 'commanded',
    when: (k) => k.areas.length > 0,
    kept: (k) => k.meets === null,
    said: (k) =>
      `${creates(k) ? `queue ${k.fields.queue_id}` : `memory of command ${hex(k.opcode, 2)}`} runs into ${k.meets}`,
  },
  'gvnic/RING-CLEAR': {
    where: SOURCE,
    text: 'A driver MUST zero a ring that the device writes before it makes the queue.',
    advice: 'Zero completions and receive descriptors: old ones would be taken for new.',
    on: 'commanded',
    when: creates,
    kept: (k) => k.stale < 0,
    said: (k) => `entry ${k.stale} of queue ${k.fields.queue_id} looks like a new one of the device`,
  },
  'gvnic/QUEUE-BLOCK-OWN': {
    where: SOURCE,
    text: 'A driver SHOULD give each queue a block of its own.',
    advice: 'Ask for as many blocks as queues.',
    on: 'commanded',
    when: creates,
    kept: (k) => k.blockOf === undefined,
    said: (k) => `block ${k.fields.ntfy_id} is that of ${k.blockOf} already`,
  },
  'gvnic/QUEUE-HEADERS': {
    where: SOURCE,
    text: 'A driver MUST NOT ask for headers in buffers of their own unless the option and the format DQO_RDA allow it.',
    advice:
      'Say 0 for header_buffer_size; or what BUFFER_SIZES says, with its bit in the option of the format.',
    on: 'commanded',
    when: (k) => creates(k) && receives(k),
    kept: (k) =>
      k.fields.header_buffer_size === 0 ||
      (k.format === DQO_RDA && k.fields.header_buffer_size! <= k.facts.headersMost),
    said: (k) => `buffers of ${k.fields.header_buffer_size} bytes for headers, of ${k.facts.headersMost}`,
  },
  'gvnic/BUFFER-SAID': {
    where: 'the author of another model: hardware of today then receives nothing',
    text: 'Set the size of receive buffers: drivers from before the field leave it 0.',
    advice: 'Say 2048.',
    on: 'commanded',
    when: (k) => creates(k) && receives(k),
    kept: (k) => k.fields.packet_buffer_size !== 0,
    said: () => 'packet_buffer_size is 0',
  },
  'gvnic/QPL-RAW': {
    where: SOURCE,
    text: 'Use ffffffff as the list of a queue whose descriptors hold addresses.',
    advice: 'Say ffffffff with GQI_RDA and DQO_RDA.',
    on: 'commanded',
    when: (k) => creates(k) && RAW.includes(k.format),
    kept: (k) => k.fields.queue_page_list_id === RAW_ADDRESSING,
    said: (k) => `queue ${k.fields.queue_id} names list ${hex(k.fields.queue_page_list_id!, 8)}`,
  },
  'gvnic/QPL-BUSY': {
    where: SOURCE,
    text: 'A driver MUST destroy a queue before it takes its list of pages back.',
    advice: 'Destroy both queues first, then take the lists back.',
    on: 'commanded',
    when: unregisters,
    kept: (k) => k.userOf === undefined,
    said: (k) => `list ${k.fields.page_list_id} is that of ${k.userOf}`,
  },
} as const satisfies Rules<QueueKnows>;
