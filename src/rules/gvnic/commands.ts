import { hex } from '../../core/bits.ts';
import type { Rules } from '../../core/rule.ts';
import { OPCODE, takesPackets } from '../../gvnic/registers/admin.ts';
import { QUEUE_FORMAT } from '../../gvnic/registers/descriptor.ts';
import { RX_BUFFER } from '../../gvnic/registers/gqi.ts';
import { type GvnicFacts, SOURCE } from './facts.ts';

const WORD = 4;
/** No number of a command has more than a byte. */
const OPCODE_MOST = 0xff;
const NEEDING: readonly number[] = [
  OPCODE.REGISTER_PAGE_LIST,
  OPCODE.CREATE_TX_QUEUE,
  OPCODE.CREATE_RX_QUEUE,
  OPCODE.DECONFIGURE_DEVICE_RESOURCES,
  OPCODE.GET_PTYPE_MAP,
];

/** What is known of a command, and of those before it. */
export interface CommandKnows {
  readonly subject: string;
  readonly facts: GvnicFacts;
  readonly opcode: number;
  readonly status: number;
  /** Its fields, by the names of its structure; addresses too are numbers. */
  readonly fields: Readonly<Record<string, number>>;
  /** Whether its layout is known; then the bits of all bytes that have no meaning. */
  readonly isKnown: boolean;
  readonly rest: number;
  /** The device has resources; of these how many blocks, and the format of rings. */
  readonly isConfigured: boolean;
  readonly blocks: number;
  readonly format: number;
  readonly isDqo: boolean;
  readonly isOffered: boolean;
  /** The driver asked for the packet types. */
  readonly knowsTypes: boolean;
  /** Registered lists, and the pages of all. */
  readonly lists: ReadonlyMap<number, readonly number[]>;
  readonly pages: ReadonlyMap<number, number>;
  /** The first page of a new list that is none, or in another list; -1 if all are good. */
  readonly badPage: number;
  /** What is wrong with it. */
  readonly pageText: string;
  readonly wrongSize: string | null;
  readonly ringsAreRam: boolean;
  /** Whether the queue exists already. */
  readonly isTaken: boolean;
  /** The queue that uses the list which a command names, if one does. */
  readonly userOf: string | undefined;
  /** Whether so many bytes are RAM, from the address in that field on. */
  isRam(field: string, length: number): boolean;
}

const configures = ({ opcode }: CommandKnows) => opcode === OPCODE.CONFIGURE_DEVICE_RESOURCES;
const registers = ({ opcode }: CommandKnows) => opcode === OPCODE.REGISTER_PAGE_LIST;
export const receives = ({ opcode }: CommandKnows) => opcode === OPCODE.CREATE_RX_QUEUE;
export const unregisters = ({ opcode }: CommandKnows) => opcode === OPCODE.UNREGISTER_PAGE_LIST;
export const creates = (k: CommandKnows) =>
  k.isConfigured && (receives(k) || k.opcode === OPCODE.CREATE_TX_QUEUE);

const hasKnownSize = ({ fields, isDqo }: CommandKnows) => takesPackets(isDqo, fields.packet_buffer_size!);
/** The option that tells of another size is for DQO rings. */
const toldSizes = ({ facts, isDqo }: CommandKnows) => (isDqo ? facts.bufferSizes : [RX_BUFFER]);

const destroys = ({ opcode }: CommandKnows) =>
  opcode === OPCODE.DESTROY_TX_QUEUE || opcode === OPCODE.DESTROY_RX_QUEUE;
/** The list of pages that a command names. */
export const listOf = ({ fields }: CommandKnows) => fields.queue_page_list_id ?? fields.page_list_id!;

/** Rules for the commands of the admin queue. */
export const GVNIC_COMMANDS = {
  'gvnic/AQ-STATUS': {
    where: SOURCE,
    text: 'A driver MUST post a command with a status of 0.',
    advice: 'Zero the slot before it is filled in: an old status looks like an answer.',
    on: 'commanded',
    kept: (k) => k.status === 0,
    said: (k) => `command ${hex(k.opcode, 2)} was posted with status ${hex(k.status, 8)}`,
  },
  'gvnic/AQ-ZERO': {
    where: SOURCE,
    text: 'A driver SHOULD zero the bytes of a command that have no meaning.',
    advice: 'Zero the slot before it is filled in: later devices may give them a meaning.',
    on: 'commanded',
    when: (k) => k.isKnown,
    kept: (k) => k.rest === 0,
    said: (k) => `command ${hex(k.opcode, 2)} has other bytes than 0 behind its fields`,
  },
  'gvnic/CMD-OPCODE': {
    where: SOURCE,
    text: 'A driver MUST write the number of a command big-endian.',
    advice: 'Put the number into the last of the four bytes: the device answers that it knows no other.',
    on: 'commanded',
    kept: (k) => k.opcode <= OPCODE_MOST,
    said: (k) => `a command has the number ${hex(k.opcode, 8)}`,
  },
  'gvnic/CMD-ORDER': {
    follows: ['gvnic/AQ-RELEASE'],
    where: SOURCE,
    text: 'A driver MUST give the device its resources once, before pages and queues.',
    advice:
      'Send CONFIGURE_DEVICE_RESOURCES after DESCRIBE_DEVICE, and again only after DECONFIGURE_DEVICE_RESOURCES.',
    on: 'commanded',
    when: (k) => configures(k) || NEEDING.includes(k.opcode),
    kept: (k) => configures(k) !== k.isConfigured,
    said: (k) =>
      `command ${hex(k.opcode, 2)} came ${k.isConfigured ? 'a second time' : 'before the device had resources'}`,
  },
  'gvnic/CMD-COUNTERS': {
    where: SOURCE,
    text: 'A driver MUST give an array of counters in RAM, with no more of them than the device describes.',
    advice: 'Take the number from the descriptor, and four bytes for each.',
    on: 'commanded',
    when: configures,
    kept: (k) =>
      k.fields.num_counters! > 0 &&
      k.fields.num_counters! <= 2 * k.facts.pairs &&
      k.isRam('counter_array', WORD * k.fields.num_counters!),
    said: (k) => `${k.fields.num_counters} counters at ${hex(k.fields.counter_array!, 8)}`,
  },
  'gvnic/CMD-BLOCKS': {
    where: SOURCE,
    text: 'A driver MUST ask for at most one block less than there are MSI-X entries, with a place in RAM for each doorbell index.',
    advice: 'Ask for at most one block less than there are entries, with a stride of four bytes or more.',
    on: 'commanded',
    when: configures,
    kept: (k) =>
      k.fields.num_irq_dbs! <= 2 * k.facts.pairs &&
      k.fields.ntfy_blk_msix_base_idx! + k.fields.num_irq_dbs! <= 2 * k.facts.pairs + 1 &&
      k.fields.irq_db_stride! >= WORD &&
      k.isRam('irq_db_addr', k.fields.num_irq_dbs! * k.fields.irq_db_stride!),
    said: ({ fields, facts }) =>
      `${fields.num_irq_dbs} blocks, ${fields.irq_db_stride} bytes apart, from entry ${fields.ntfy_blk_msix_base_idx} of ${2 * facts.pairs + 1} on`,
  },
  'gvnic/CMD-FORMAT': {
    where: SOURCE,
    text: 'A driver MUST choose a format of rings that the device offers.',
    advice: 'Look at the options of the descriptor, by their numbers.',
    on: 'commanded',
    when: configures,
    kept: (k) => k.isOffered,
    said: (k) => `format ${k.fields.queue_format} of ${k.facts.formats.join(', ')}`,
  },
  'gvnic/CMD-PTYPES': {
    where: SOURCE,
    // One public driver, of iPXE, has no use for them.
    text: 'Send GET_PTYPE_MAP before a queue with DQO rings is made, unless packet types are of no use to the driver.',
    advice: 'Send it after CONFIGURE_DEVICE_RESOURCES: the device chooses the numbers.',
    on: 'commanded',
    when: (k) => creates(k) && k.isDqo,
    kept: (k) => k.knowsTypes,
    said: () => 'a queue was made, and the packet types are not known',
  },
  'gvnic/QPL-PAGES': {
    where: SOURCE,
    text: 'A driver MUST register lists of whole pages of RAM, each page in one list.',
    advice: 'Give the addresses of pages, big-endian, and each page to one queue.',
    on: 'commanded',
    when: registers,
    kept: (k) => k.badPage < 0 && k.fields.num_pages! > 0,
    said: (k) =>
      k.fields.num_pages === 0
        ? `list ${k.fields.page_list_id} is empty`
        : `list ${k.fields.page_list_id}: ${k.pageText}`,
  },
  'gvnic/QPL-ID': {
    where: SOURCE,
    text: 'A driver MUST give a new list of pages a free number, and register no more pages than the device describes.',
    advice: 'Choose numbers of your own, and take back a list before its number is used again.',
    on: 'commanded',
    when: registers,
    kept: (k) =>
      !k.lists.has(k.fields.page_list_id!) && k.pages.size + k.fields.num_pages! <= k.facts.pagesMost,
    said: (k) =>
      `list ${k.fields.page_list_id} of ${k.fields.num_pages} pages, with ${k.pages.size} in others`,
  },
  'gvnic/QPL-KNOWN': {
    where: SOURCE,
    text: 'A driver MUST register a list of pages of its own for each queue before the queue names it, and take back what it registered.',
    advice: 'Register a list, then name it for one queue, and take it back once.',
    on: 'commanded',
    when: (k) => (creates(k) && k.format === QUEUE_FORMAT.GQI_QPL) || unregisters(k),
    kept: (k) => k.lists.has(listOf(k)) && (unregisters(k) || k.userOf === undefined),
    said: (k) =>
      `list ${hex(listOf(k), 8)} is ${k.lists.has(listOf(k)) ? `that of ${k.userOf} already` : 'not registered'}`,
  },
  'gvnic/QUEUE-ID': {
    where: SOURCE,
    text: 'A driver MUST give a new queue a number that the device has and that is not in use, and destroy queues that there are.',
    advice: 'Read max_tx_queues and max_rx_queues, and destroy a queue once, before it is made again.',
    on: 'commanded',
    when: (k) => creates(k) || destroys(k),
    kept: (k) => k.fields.queue_id! < k.facts.pairs && k.isTaken === destroys(k),
    said: (k) =>
      `queue ${k.fields.queue_id} of ${k.facts.pairs}${destroys(k) ? ', which is not there, was destroyed' : ''}`,
  },
  'gvnic/RING-SIZE': {
    where: SOURCE,
    text: 'A driver MUST make rings of the size that the descriptor says, or of a power of two that its option allows.',
    advice: 'Take the size from the descriptor.',
    on: 'commanded',
    when: creates,
    kept: (k) => k.wrongSize === null,
    said: (k) => `${k.wrongSize} of queue ${k.fields.queue_id} is ${k.fields[k.wrongSize!]}`,
  },
  'gvnic/RING-RAM': {
    where: SOURCE,
    text: 'A driver MUST place the rings and the resources of a queue in RAM.',
    advice: 'Give addresses of memory, big-endian.',
    on: 'commanded',
    when: creates,
    kept: (k) => k.ringsAreRam,
    said: (k) => `an address of queue ${k.fields.queue_id} is no RAM`,
  },
  'gvnic/QUEUE-BLOCK': {
    where: SOURCE,
    text: 'A driver MUST name a block for a queue that the device was given.',
    advice: 'Blocks are numbered from 0. With a mailbox vectors are, of which the first is its own.',
    on: 'commanded',
    // A queue of a mailbox may have none.
    when: (k) => creates(k) && k.fields.ntfy_id !== undefined,
    kept: (k) => k.fields.ntfy_id! >= 0 && k.fields.ntfy_id! < k.blocks,
    said: (k) =>
      k.fields.ntfy_id! < 0
        ? 'the vector is that of the mailbox'
        : `block ${k.fields.ntfy_id} of ${k.blocks}`,
  },
  'gvnic/BUFFER-SIZE': {
    where: SOURCE,
    text: 'A driver MUST give receive buffers a size that the device knows.',
    advice: 'Say 2048; or with DQO rings a multiple of 128 from 1024 to 16,256.',
    on: 'commanded',
    // Drivers from before the field say 0.
    when: (k) => creates(k) && receives(k) && k.fields.packet_buffer_size !== 0,
    kept: hasKnownSize,
    said: (k) => `buffers of ${k.fields.packet_buffer_size} bytes`,
  },
  'gvnic/BUFFER-TOLD': {
    where: 'Linux keeps to BUFFER_SIZES; DPDK asks for the sizes of its own buffers',
    text: 'A driver SHOULD give receive buffers a size that the device tells of.',
    advice: 'Say 2048; or 4096 with DQO rings, if the descriptor has the option.',
    on: 'commanded',
    when: (k) => creates(k) && receives(k) && hasKnownSize(k),
    kept: (k) => toldSizes(k).includes(k.fields.packet_buffer_size!),
    said: (k) => `buffers of ${k.fields.packet_buffer_size} bytes; it told of ${toldSizes(k).join(' and ')}`,
  },
  'gvnic/QUEUE-RSC': {
    where: SOURCE,
    text: 'A driver MUST NOT ask a GQI queue to join segments.',
    advice: 'Set enable_rsc with DQO rings alone.',
    on: 'commanded',
    when: (k) => creates(k) && receives(k) && !k.isDqo,
    kept: (k) => k.fields.enable_rsc === 0,
    said: () => 'enable_rsc is set',
  },
} as const satisfies Rules<CommandKnows>;
