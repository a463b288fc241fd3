import type { Journal } from '../core/journal.ts';
import type { Rule } from '../core/rule.ts';
import { type Knows, Watch } from '../core/watch.ts';

/** How a driver fared that met a device that lies. */
interface HardKnows extends Knows {
  /** The lie, by its row. */
  readonly lie: HardId;
  /** How it fell, in one sentence; null if it did not. */
  readonly fall: string | null;
  /** The driver's lines there. */
  readonly stack: string;
}

/** What a driver survives, how, and the section of the standard that demands it, if one does. */
type Row = readonly [what: string, advice: string, standard?: string];

const UNASKED = 'no standard asks for it: a device may be broken or malicious';
const ID = 'Record what each id was lent for, and drop an entry whose id is not lent now.';
const LENGTH =
  'Compare a used length with the header that is due and with the bytes that the chain lent, before using it to copy anything.';
const CONFIG =
  'Read a field once, check its range, and use the copy: sizes, counts and addresses may be anything.';
const ANSWER =
  'Check each length and number of an answer against the buffer lent for it, before using it to count or divide.';
const LIST =
  'Limit the steps of a walk, and use a capability only if its BAR exists and holds all that it says.';
const UART = 'Limit every wait for a bit and every drain; ff in all registers means that there is no UART.';
const TAG =
  'Record what each tag and buffer was lent for, and drop a completion of one that is not lent now.';
const LENGTH_RECEIVED =
  'Compare a received length with the buffer that was lent, and a frame of many buffers with the longest that there is.';
const PEER = 'Check each length and offset of a packet against the bytes received.';

/** The lies of devices, and what is asked of a driver that is told them. */
const ROWS = {
  'hard/USED-ID-FREE': ['a used id that was never lent', ID],
  'hard/USED-ID-TWICE': ['a used id that comes twice for one loan', ID],
  'hard/USED-ID-RANGE': ['a used id beyond the ring', ID],
  'hard/USED-LENGTH-ZERO': ['a used length of 0', LENGTH],
  'hard/USED-LENGTH-SHORT': ['a used length shorter than a header', LENGTH],
  'hard/USED-LENGTH-LONG': ['a used length beyond the buffer', LENGTH],
  'hard/USED-LENGTH-HUGE': ['a used length of 7fffffff', LENGTH],
  'hard/USED-LENGTH-ONES': ['a used length of ffffffff', LENGTH],
  'hard/USED-INDEX-AHEAD': [
    'a used index that advances by more than was used',
    'Take back no more chains than are lent, and drop entries whose id is not lent.',
  ],
  'hard/USED-INDEX-BACK': [
    'a used index that goes back',
    'Take back no more chains than are lent, and compare indexes by their difference.',
  ],
  'hard/USED-FLAGS': [
    'ring hints that change at random',
    'Limit every wait for a device: a hint that no kick is needed may be wrong.',
  ],
  'hard/NET-BUFFERS-ZERO': ['a frame of 0 buffers', LENGTH],
  'hard/NET-BUFFERS-MANY': [
    'a frame that claims more buffers than arrived',
    'Take further buffers of a frame only as they arrive, and limit their number and bytes.',
  ],
  'hard/NET-HEADER': [
    'a received frame whose header fields make no sense',
    'Check offsets and sizes in the header against the bytes of the frame, and drop a frame that they do not fit.',
    'virtio 1.4, Processing of Incoming Packets',
  ],
  'hard/CONFIG-CHANGES': ['a configuration that differs at each read', CONFIG],
  'hard/CONFIG-SHRINKS': ['a configuration that is all 0 at the second read', CONFIG],
  'hard/CONFIG-ZERO': ['a configuration that is all 0', CONFIG],
  'hard/CONFIG-ONES': ['a configuration that is all ones', CONFIG],
  'hard/CONFIG-GENERATION': [
    'a configuration generation that changes at each read',
    'Limit the loop that reads until the generation is stable.',
  ],
  'hard/NET-MAC': ['a MAC address of 0, of all ones, or another at each read', CONFIG],
  'hard/NET-STATUS': ['a status of a card of 0, of all ones, or another at each read', CONFIG],
  'hard/NET-PAIRS': ['a number of queue pairs of 0, of ffff, or another at each read', CONFIG],
  'hard/NET-MTU': ['an MTU of 0, of ffff, or another at each read', CONFIG],
  'hard/SCSI-QUEUES': ['a num_queues of 0, of ffffffff, or another at each read', CONFIG],
  'hard/SCSI-SEGMENTS': ['a seg_max of 0, of ffffffff, or another at each read', CONFIG],
  'hard/SCSI-DEPTH': ['a cmd_per_lun of 0, of ffffffff, or another at each read', CONFIG],
  'hard/SCSI-SENSE-SIZE': ['a sense_size of 0, of ffffffff, or another at each read', CONFIG],
  'hard/SCSI-CDB-SIZE': ['a cdb_size of 0, of ffffffff, or another at each read', CONFIG],
  'hard/SCSI-TARGETS': ['a max_target of 0, of ffff, or another at each read', CONFIG],
  'hard/SCSI-LUNS': ['a max_lun of 0, of ffffffff, or another at each read', CONFIG],
  'hard/FEATURES-CHANGE': ['features that differ at the second read', CONFIG],
  'hard/QUEUE-SIZE-ZERO': ['queues of 0 entries', CONFIG],
  'hard/QUEUE-SIZE-ODD': ['queue sizes that are not a power of two, or above the maximum', CONFIG],
  'hard/STATUS-STUCK': ['a device status that never reads 0 after a reset', 'Limit the wait for a reset.'],
  'hard/PCI-LIST-LOOP': ['a capability list that loops', LIST],
  'hard/PCI-LIST-BEYOND': ['a capability that reaches beyond its BAR', LIST],
  'hard/PCI-LIST-BAR': [
    'a capability whose BAR is reserved',
    LIST,
    'virtio 1.4, Virtio Structure PCI Capabilities',
  ],
  'hard/SCSI-SENSE': ['sense data and a sense length that make no sense', ANSWER],
  'hard/SCSI-RESIDUAL': ['a residual larger than the transfer', ANSWER],
  'hard/SCSI-RESPONSE': ['an undefined response and status', ANSWER],
  'hard/SCSI-INQUIRY': ['an INQUIRY answer that claims to be longer than it is', ANSWER],
  'hard/SCSI-REPORT-LUNS': ['a list of logical units of any length', ANSWER],
  'hard/SCSI-BLOCK-ZERO': ['a disk whose blocks have 0 bytes', ANSWER],
  'hard/SCSI-BLOCK-ODD': ['a disk whose blocks have 3 bytes', ANSWER],
  'hard/SCSI-CAPACITY': ['a last block number of all ones', ANSWER],
  'hard/UART-ONES': ['a UART that reads ff everywhere', UART],
  'hard/UART-THRE': ['a UART that never has room', UART],
  'hard/UART-DATA': ['a UART that always has another character', UART],
  'hard/GVNIC-TAG': ['a completion of a packet with a tag that no packet has', TAG],
  'hard/GVNIC-TYPE': ['a completion of another type, or one that is never followed by its second half', TAG],
  'hard/GVNIC-HEAD': ['a completion of a descriptor beyond the ring', TAG],
  'hard/GVNIC-COUNTER': [
    'an event counter that jumps, or goes back',
    'Take back no more descriptors than are lent.',
  ],
  'hard/GVNIC-BUFFER': ['a completion of a receive buffer that the device does not have', TAG],
  'hard/GVNIC-LENGTH': ['a received length beyond its buffer, or of 0', LENGTH_RECEIVED],
  'hard/GVNIC-LAPS': [
    'a generation or sequence that is wrong',
    'Take no more buffers back than are lent, in one turn and in all.',
  ],
  'hard/GVNIC-ENDLESS': ['a received frame that never ends', LENGTH_RECEIVED],
  'hard/GVNIC-STATUS': ['a command that fails', 'Look at the status of each command, and give up in order.'],
  'hard/GVNIC-DESCRIPTOR': ['a descriptor whose sizes make no sense', CONFIG],
  'hard/GVNIC-OPTIONS': ['options that reach beyond their descriptor', LIST],
  'hard/GVNIC-INDEX': ['an index of a doorbell or a counter that is nowhere', CONFIG],
  'hard/GVNIC-QUEUES': ['a number of queues of 0, or of ffffffff', CONFIG],
  'hard/GVNIC-REGISTERS': [
    'registers of a gVNIC that never have what is awaited',
    'Limit every wait for a device, and every number of attempts.',
  ],
  'hard/NVME-CID': ['a completion of a command that is not outstanding', TAG],
  'hard/NVME-SQ-HEAD': [
    'a head of a submission queue that is beyond it, or that stays',
    'Check each head of a completion against the size, and count what is outstanding yourself.',
  ],
  'hard/NVME-SQ-ID': ['a completion of a submission queue that does not exist', TAG],
  'hard/NVME-PHASE': [
    'a phase that never comes, or that each entry has',
    'Take no more completions than commands are outstanding, and limit every wait.',
  ],
  'hard/NVME-STATUS': [
    'a command that fails',
    'Look at the status of each completion, and give up in order.',
  ],
  'hard/NVME-CONTROLLER': ['an Identify Controller whose fields make no sense', CONFIG],
  'hard/NVME-NAMESPACE': ['an Identify Namespace whose blocks make no sense', CONFIG],
  'hard/NVME-LIST': ['a list of namespaces that has no end, or the same one twice', ANSWER],
  'hard/NVME-QUEUES': ['a number of queues that was not asked for', CONFIG],
  'hard/NVME-CAP': ['a CAP that leaves queues no room, and no time', CONFIG],
  'hard/NVME-STATE': [
    'a CSTS that never has what is awaited',
    'Limit every wait for a device, and every number of attempts.',
  ],
  'hard/DHCP': ['a DHCP answer whose options reach beyond its end', PEER],
  'hard/METADATA': ['an HTTP answer that is longer or shorter than it claims', PEER],
} as const satisfies Record<string, Row>;

/** A lie of a device, by its row. */
export type HardId = keyof typeof ROWS;

/** Rules of hardness. Each is met where its lie was told. */
export const HARD = Object.fromEntries(
  Object.entries<Row>(ROWS).map(([id, row]) => [id, rowOf(id, row)]),
) as Readonly<Record<HardId, Rule<HardKnows, 'told'>>>;

function rowOf(id: string, [what, advice, standard]: Row): Rule<HardKnows, 'told'> {
  return {
    where: standard ?? UNASKED,
    text: `A driver ${standard === undefined ? 'SHOULD' : 'MUST'} survive ${what}.`,
    advice,
    on: 'told',
    when: (k) => k.lie === id,
    kept: (k) => k.fall === null,
    said: (k) => k.fall!,
    stack: (k) => k.stack,
  };
}

/** Whether a clause is one of hardness: its verdict is apart from conformance. */
export function isHard(clause: string): clause is HardId {
  return Object.hasOwn(HARD, clause);
}

/**
 * Is told how a driver fared with a lie. It sees no device: the one that lies calls it.
 *
 * @example
 * new HardWatch(journal).told({ subject: 'net0', lie: 'hard/USED-LENGTH-ZERO', fall: null, stack: '' });
 */
export class HardWatch {
  private readonly on;

  constructor(journal: Journal) {
    this.on = new Watch(journal, HARD).on;
  }

  told(knows: HardKnows): void {
    this.on.told.tell(knows);
  }
}
