import type { Journal } from '../core/journal.ts';
import type { Clause, Rule, Strength } from '../core/rule.ts';
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

type Row = readonly [text: string, advice: string, standard?: readonly [where: string, strength: Strength]];

const UNASKED = ['no standard asks for it: a device may be broken, or an enemy', 'SHOULD'] as const;
const ID = 'Keep what each id was lent for, and drop an entry whose id is not lent now.';
const LENGTH =
  'Compare a used length with the header that is due and with the bytes that the chain lent, before anything is taken or copied by it.';
const CONFIG =
  'Read a field once, check it against its range, and go by the copy: sizes, counts and addresses may be anything.';
const ANSWER =
  'Check each length and number of an answer against the buffer that was lent for it, before it is used to count or divide.';
const LIST =
  'Count the steps of a walk, and take a capability only if its BAR exists and holds all that it says.';
const UART = 'Give every wait for a bit a limit, and every drain a most; ff in all registers is no UART.';
const PEER = 'Check each length and offset of a packet against the bytes that came.';

/** The lies of devices, and what is asked of a driver that is told them. */
const ROWS = {
  'hard/USED-ID-FREE': ['Survive a used id that was never lent', ID],
  'hard/USED-ID-TWICE': ['Survive a used id that comes twice for one loan', ID],
  'hard/USED-ID-RANGE': ['Survive a used id beyond the ring', ID],
  'hard/USED-LENGTH-ZERO': ['Survive a used length of 0', LENGTH],
  'hard/USED-LENGTH-SHORT': ['Survive a used length shorter than a header', LENGTH],
  'hard/USED-LENGTH-LONG': ['Survive a used length beyond the buffer', LENGTH],
  'hard/USED-LENGTH-HUGE': ['Survive a used length of 7fffffff', LENGTH],
  'hard/USED-LENGTH-ONES': ['Survive a used length of ffffffff', LENGTH],
  'hard/USED-INDEX-AHEAD': [
    'Survive a used ring that moves on by more than was used',
    'Take no more chains back than are lent, and drop entries whose id is not lent.',
  ],
  'hard/USED-INDEX-BACK': [
    'Survive a used ring that goes back',
    'Take no more chains back than are lent, and compare indexes by their difference.',
  ],
  'hard/USED-FLAGS': [
    'Survive hints of a ring that change at random',
    'Give every wait for a device a limit: a hint that no kick is needed may be wrong.',
  ],
  'hard/NET-BUFFERS-ZERO': ['Survive a frame of 0 buffers', LENGTH],
  'hard/NET-BUFFERS-MANY': [
    'Survive a frame of more buffers than came',
    'Take the further buffers of a frame only as they come, and give them a limit in number and bytes.',
  ],
  'hard/NET-HEADER': [
    'Survive a header of a received frame whose fields mean nothing',
    'Check offsets and sizes of the header against the bytes of the frame, and drop a frame that they do not fit.',
    ['virtio 1.4, Processing of Incoming Packets', 'MUST'],
  ],
  'hard/CONFIG-CHANGES': ['Survive a configuration that differs at each reading', CONFIG],
  'hard/CONFIG-SHRINKS': ['Survive a configuration that is all 0 at the second reading', CONFIG],
  'hard/CONFIG-ZERO': ['Survive a configuration that is all 0', CONFIG],
  'hard/CONFIG-ONES': ['Survive a configuration that is all ones', CONFIG],
  'hard/CONFIG-GENERATION': [
    'Survive a configuration generation that changes at each reading',
    'Give the loop that reads until the generation stays a limit.',
  ],
  'hard/NET-MAC': ['Survive a MAC address of 0, of all ones, or another at each reading', CONFIG],
  'hard/NET-STATUS': ['Survive a status of a card of 0, of all ones, or another at each reading', CONFIG],
  'hard/NET-PAIRS': ['Survive a number of queue pairs of 0, of ffff, or another at each reading', CONFIG],
  'hard/NET-MTU': ['Survive an MTU of 0, of ffff, or another at each reading', CONFIG],
  'hard/SCSI-QUEUES': ['Survive a num_queues of 0, of ffffffff, or another at each reading', CONFIG],
  'hard/SCSI-SEGMENTS': ['Survive a seg_max of 0, of ffffffff, or another at each reading', CONFIG],
  'hard/SCSI-DEPTH': ['Survive a cmd_per_lun of 0, of ffffffff, or another at each reading', CONFIG],
  'hard/SCSI-SENSE-SIZE': ['Survive a sense_size of 0, of ffffffff, or another at each reading', CONFIG],
  'hard/SCSI-CDB-SIZE': ['Survive a cdb_size of 0, of ffffffff, or another at each reading', CONFIG],
  'hard/SCSI-TARGETS': ['Survive a max_target of 0, of ffff, or another at each reading', CONFIG],
  'hard/SCSI-LUNS': ['Survive a max_lun of 0, of ffffffff, or another at each reading', CONFIG],
  'hard/FEATURES-CHANGE': ['Survive features that differ at the second reading', CONFIG],
  'hard/QUEUE-SIZE-ZERO': ['Survive queues of no entries', CONFIG],
  'hard/QUEUE-SIZE-ODD': ['Survive queue sizes that are no power of two, or beyond the largest', CONFIG],
  'hard/STATUS-STUCK': [
    'Survive a device status that never reads 0 after a reset',
    'Give the wait for a reset a limit.',
  ],
  'hard/PCI-LIST-LOOP': ['Survive a capability list that loops', LIST],
  'hard/PCI-LIST-BEYOND': ['Survive a capability that reaches beyond its BAR', LIST],
  'hard/PCI-LIST-BAR': [
    'Survive a capability whose BAR is reserved',
    LIST,
    ['virtio 1.4, Virtio Structure PCI Capabilities', 'MUST'],
  ],
  'hard/SCSI-SENSE': ['Survive sense data and a sense length that make no sense', ANSWER],
  'hard/SCSI-RESIDUAL': ['Survive a residual above what was asked for', ANSWER],
  'hard/SCSI-RESPONSE': ['Survive a response and a status that do not exist', ANSWER],
  'hard/SCSI-INQUIRY': ['Survive an INQUIRY answer that says it is longer than it is', ANSWER],
  'hard/SCSI-REPORT-LUNS': ['Survive a list of logical units of any length', ANSWER],
  'hard/SCSI-BLOCK-ZERO': ['Survive a disk whose blocks have 0 bytes', ANSWER],
  'hard/SCSI-BLOCK-ODD': ['Survive a disk whose blocks have 3 bytes', ANSWER],
  'hard/SCSI-CAPACITY': ['Survive a last block whose number has all ones', ANSWER],
  'hard/UART-ONES': ['Survive a UART that reads ff everywhere', UART],
  'hard/UART-THRE': ['Survive a UART that never has room', UART],
  'hard/UART-DATA': ['Survive a UART that always has another character', UART],
  'hard/DHCP': ['Survive a DHCP answer whose options reach beyond it', PEER],
  'hard/METADATA': ['Survive an HTTP answer that is longer or shorter than it says', PEER],
} as const satisfies Record<string, Row>;

/** A lie of a device, by its row. */
export type HardId = keyof typeof ROWS;

/** Rules of hardness. Each is met where its lie was told. */
export const HARD = Object.fromEntries(
  Object.entries<Row>(ROWS).map(([id, [text, advice, standard = UNASKED]]) => [
    id,
    rowOf(id, text, advice, standard),
  ]),
) as Readonly<Record<HardId, Rule<HardKnows, 'told'>>>;

function rowOf(
  id: string,
  text: string,
  advice: string,
  [where, strength]: readonly [string, Strength],
): Rule<HardKnows, 'told'> & Clause {
  return {
    strength,
    where,
    text,
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
