import type { ClauseId } from '../../src/rules/index.ts';

/** What a driver of a gVNIC is to do, as its public drivers have it, since there is no specification. */
interface GvnicStatement {
  readonly text: string;
  /** MUST: real hardware breaks, or all drivers keep it. SHOULD: most do. NOTE: worth a word. */
  readonly strength: 'MUST' | 'SHOULD' | 'NOTE';
  /** The rules that watch it, and the scenarios; or, with none, */
  readonly by: readonly ClauseId[];
  readonly plays?: readonly string[];
  /** why it is not watched, or not wholly. */
  readonly why?: string;
}

type Gvnic<Id> = Id extends `gvnic/${infer Name}` ? Name : never;
type Name = Gvnic<ClauseId>;

const ids = (names: readonly Name[]) => names.map((name) => `gvnic/${name}` as ClauseId);
const must = (text: string, ...names: Name[]): GvnicStatement => ({ text, strength: 'MUST', by: ids(names) });
const should = (text: string, ...names: Name[]): GvnicStatement => ({
  ...must(text, ...names),
  strength: 'SHOULD',
});
const note = (text: string, ...names: Name[]): GvnicStatement => ({
  ...must(text, ...names),
  strength: 'NOTE',
});
const played = (statement: GvnicStatement, ...plays: string[]): GvnicStatement => ({ ...statement, plays });
const because = (statement: GvnicStatement, why: string): GvnicStatement => ({ ...statement, why });

const SLOW_COMMANDS = 'a card that takes 199 ms for a command';
const OWN = 'a driver that reads its own memory early is seen only by what it makes of it';
const ORDER = 'buffers that a card uses in another order than they were given';
const ROUND = 'so many frames that the rings of a card go round several times';
const OPTIONS = 'options of a card that they do not know';
const DAMAGED = 'frames that a card found to be damaged';
const MISSES = 'packets that miss, and are sent later';
const JOINS = 'segments that a card joins, and headers that it splits off';
const RECEIVES = 'frames of every length, that are to be received as they came';
const STRANGE = 'events and capabilities of a mailbox that they do not know';
const RESETS = 'a card that asks to be reset';

export const GVNIC_STATEMENTS: readonly GvnicStatement[] = [
  must(
    'Memory decoding and bus mastering are on before the address of the admin queue is written.',
    'REG-MASTER',
  ),
  must('Registers are accessed as aligned words of 32 bits.', 'REG-WIDTH'),
  must('Registers are written big-endian.', 'AQ-RAM', 'AQ-COUNT'),
  should('No register is written that can only be read.', 'REG-READONLY'),
  must('The admin queue is a page of RAM.', 'AQ-RAM'),
  must('The admin queue of another driver is released before a new one is given.', 'AQ-RELEASE'),
  must('After a release nothing else is written until the card is reset.', 'AQ-WAIT'),
  must('The doorbell of the admin queue advances by the commands written, 63 ahead at most.', 'AQ-COUNT'),
  must('A command is whole in memory before the doorbell.', 'AQ-WHOLE', 'AQ-STATUS'),
  must('The status of a command is 0 when it is posted.', 'AQ-STATUS'),
  should('Unused bytes of a command are 0.', 'AQ-ZERO'),
  played(should('The status is read after the event counter moved.'), SLOW_COMMANDS),
  because(
    must('A failed status is not taken for a passed one.', 'CMD-ORDER', 'QPL-KNOWN', 'DB-INDEX'),
    'shows by the next command that rests on it',
  ),
  played(should('A command is waited for at least 200 ms.'), SLOW_COMMANDS),
  should('The driver says what it supports before the card describes itself.', 'CMD-VERIFY'),
  played(
    must('That a card does not know this command is no error.'),
    'a card from before drivers said what they support',
  ),
  must('The descriptor is asked for as version 1, with room for it.', 'CMD-DESCRIBE', 'CMD-AREA'),
  because(must('The descriptor is read up to its length.'), OWN),
  played(
    must('Unknown options are passed over, short ones too, and long ones are used.', 'CMD-FORMAT'),
    OPTIONS,
  ),
  played(must('An option that needs something is not used.', 'CMD-FORMAT'), OPTIONS),
  because(
    must('The walk of options ends with their number and with the length of the descriptor.'),
    'told by a hostile card: hard/GVNIC-OPTIONS',
  ),
  must('Resources are given once, before queues, and taken back before they are given again.', 'CMD-ORDER'),
  must('The array of counters is RAM, with no more of them than the card describes.', 'CMD-COUNTERS'),
  must('There are fewer blocks than MSI-X entries.', 'CMD-BLOCKS'),
  must('The indices of doorbells have four bytes or more each, in RAM.', 'CMD-BLOCKS'),
  must('The format of rings is one that was offered.', 'CMD-FORMAT'),
  because(
    note('With DQO rings the packet types are asked for before a queue is made.', 'CMD-PTYPES'),
    'one public driver, of iPXE, has no use for them, and runs on Compute Engine',
  ),
  must('Lists are of whole pages of RAM, no page in two of them.', 'QPL-PAGES'),
  must(
    'The number of a list is free, and all lists together have no more pages than the card takes.',
    'QPL-ID',
  ),
  because(
    should('The array of a list is not changed before the command is done.'),
    'the card takes the pages that it finds, which shows by what is in them',
  ),
  must(
    'A list is registered before a queue names it, and stays until the queue is gone.',
    'QPL-KNOWN',
    'QPL-BUSY',
  ),
  must('A registered page is not used otherwise before its list is taken back.', 'MEM-FREED'),
  must('The number of a queue exists, and is not in use.', 'QUEUE-ID'),
  must(
    'The size of a ring is the descriptor’s, or a power of two that the option allows.',
    'RING-SIZE',
    'RING-LISTED',
  ),
  must('Rings and resources are RAM, apart, and aligned.', 'RING-RAM', 'RING-APART', 'RING-ALIGNED'),
  must('The block of a queue exists, and is its alone.', 'QUEUE-BLOCK', 'QUEUE-BLOCK-OWN'),
  note('With addresses in descriptors the list is ffffffff.', 'QPL-RAW'),
  must('Receive buffers have 2048 bytes, or 4096 with an option.', 'BUFFER-SIZE', 'BUFFER-SAID'),
  must('Buffers for headers only with an option, and DQO_RDA.', 'QUEUE-HEADERS'),
  must('Segments are joined with DQO rings alone.', 'QUEUE-RSC'),
  must('The index of a doorbell is read once the command is done.', 'DB-INDEX'),
  must(
    'Doorbells are big-endian with GQI rings, and little-endian with DQO rings.',
    'TX-COUNT',
    'RX-COUNT',
    'DQO-TAIL',
    'RX-TAIL',
  ),
  must('Doorbells are words at their index × 4.', 'DB-WIDTH'),
  must(
    'A transmit doorbell passes nothing that was not written, and does not fall back.',
    'TX-COUNT',
    'TX-TYPES',
    'DQO-TAIL',
    'DQO-TYPES',
  ),
  must('No more descriptors are outstanding than the ring has.', 'TX-COUNT', 'DQO-REUSE'),
  must('A GQI packet begins with STD or TSO, and counts its descriptors.', 'TX-TYPES'),
  must('A GQI packet’s length is the sum of its parts, none of which is empty.', 'TX-LENGTH'),
  must('With a list, a part lies in it.', 'TX-BUFFER'),
  must('The checksum field lies in the first descriptor’s bytes.', 'TX-CSUM'),
  must(
    'Of a GQI packet to be cut the first descriptor is the headers, and the others say MSS and IP version.',
    'TX-TSO',
  ),
  should('Only what is longer than a segment is to be cut.', 'TX-SHORT'),
  because(
    must('The sum of the pseudo-header is in the checksum field.', 'TX-PSEUDO'),
    'of a packet to be cut drivers differ in what they leave there, and the card computes it anew',
  ),
  should('Metadata is the second descriptor, and zero where it means nothing.', 'TX-TYPES', 'TX-META'),
  because(
    played(must('A sent buffer is not changed before it is done.'), MISSES),
    'but for a packet that misses, the card is done with it before the write of the doorbell returns',
  ),
  should('The counter of a GQI transmit queue is read as a running count.', 'TX-COUNT'),
  must('A DQO descriptor is zero beyond its fields.', 'DQO-WHOLE', 'DQO-TYPES'),
  must('Of contexts TSO comes first, then the general one, then bytes.', 'DQO-TYPES'),
  must('A DQO packet ends with its last descriptor.', 'DQO-END'),
  must('Ten descriptors of bytes at most for a packet, or for a segment of one.', 'DQO-MOST'),
  must('A DQO buffer has 1 to 16383 bytes, a packet 17 to 9728.', 'DQO-EMPTY', 'DQO-LENGTH'),
  must('The context of a packet to be cut says headers, payload and MSS.', 'DQO-TSO'),
  should('All descriptors of a packet ask for a checksum, or none.', 'DQO-SUMS'),
  must('The tag of a packet is not that of one that the card has.', 'DQO-TAG'),
  must(
    'Descriptor completions are asked for at the end of packets, 32 descriptors apart, often enough.',
    'DQO-REPORT',
    'DQO-SPACED',
    'DQO-REUSE',
  ),
  because(
    must('Slots of a DQO ring are used again after a descriptor completion.', 'DQO-REUSE'),
    'of drivers that never ask for one nothing is said: one public driver goes by packets',
  ),
  played(
    must('A packet that misses keeps its tag and its buffer until it is injected again.', 'DQO-TAG'),
    MISSES,
  ),
  because(must('Completions are taken by their generation, and read after it.'), OWN),
  must('Rings that the card writes are zeroed before the queue is made.', 'RING-CLEAR'),
  played(must('The generation that is expected flips with each lap.'), ROUND),
  must(
    'GQI receive buffers are filled in before the doorbell, and are no more than the ring has.',
    'RX-COUNT',
    'RX-TWICE',
  ),
  must(
    'A GQI_QPL receive buffer begins at a page of the list, or in the middle of one.',
    'RX-SLOT',
    'RX-HALF',
  ),
  must('The doorbell of a GQI receive queue only moves on.', 'RX-COUNT'),
  because(
    played(must('Received GQI frames are taken by sequence numbers from 1 to 7.', 'RING-CLEAR'), ROUND),
    'one public driver goes by the counter, which is as good',
  ),
  played(must('The length of a received GQI frame counts two bytes before it.'), RECEIVES),
  because(
    played(must('GQI frames of several buffers are joined, and damaged ones dropped.'), DAMAGED),
    'two public drivers cannot join, and with Compute Engine’s MTU need not; a damaged frame may be delivered',
  ),
  because(
    note('The sum of a received GQI frame is a sum, or a verdict if it is no fragment.'),
    'the driver’s own affair',
  ),
  must('The number of a DQO receive buffer is not outstanding twice.', 'RX-TWICE'),
  note('DQO receive buffers are shown by eights.', 'RX-EIGHT'),
  because(
    must('One slot of a DQO ring of buffers stays free.', 'RX-TAIL'),
    'how many completions the driver has taken is not seen',
  ),
  note('A queue that joins segments keeps 19 buffers or more.', 'RX-FEW'),
  because(
    played(must('DQO frames of several buffers are joined, by what their last completion says.'), JOINS),
    'one public driver does not join: frames are longer than a buffer only where segments are joined',
  ),
  played(must('A time is read only where it is said to be valid.'), 'frames that have no time'),
  played(must('Buffers that are used in another order are known by their numbers.'), ORDER),
  because(
    must('MSI-X entries are filled in before their block is unmasked.'),
    'msix/ADDRESS tells of a message to nowhere',
  ),
  because(
    must('With GQI rings a queue is looked at once more after the acknowledgment.'),
    'the card here sends an interrupt for what came before; whether hardware does is not known',
  ),
  note('EVENT is set together with ACK.', 'IRQ-EVENT'),
  must('A GQI block is written ACK, MASK and EVENT alone.', 'IRQ-GQI'),
  because(
    played(must('A DQO block is enabled again after it was served.'), RECEIVES),
    'a driver that does not gets no further frames, and fails every scenario that needs one',
  ),
  should(
    'A DQO block is written bits that mean something, and an interval with the enable bit.',
    'IRQ-DQO',
    'IRQ-INTERVAL',
  ),
  played(must('At the interrupt behind those of the blocks the status is read.', 'RESET-ASKED'), RESETS),
  played(must('When the card asks for a reset, it is reset and set up anew.', 'RESET-ASKED'), RESETS),
  because(
    must('After a reset nothing of the time before is used.', 'DB-INDEX', 'CMD-ORDER'),
    'the card gives the same indices again, so an old one is seen only until the queue is made',
  ),
  must('The count of commands begins at 0 again.', 'AQ-COUNT', 'AQ-WHOLE'),
  played(note('While the link is down nothing is sent.', 'LINK-DOWN'), 'a link that fails and comes back'),
  must('Queues are destroyed before their memory is given back.', 'MEM-FREED'),
  must(
    'A block of statistics has whole records, and is taken back before it is freed.',
    'CMD-STATS',
    'CMD-AREA',
    'MEM-FREED',
  ),
  must('The speed of the link is asked for with eight bytes of RAM.', 'CMD-AREA'),
  must(
    'The key and the table of the hash have the sizes that the card takes, and queues that there are.',
    'CMD-RSS',
  ),
  must('What a query has room for is RAM.', 'CMD-AREA'),
  must('An extended command has the length of its opcode.', 'CMD-INNER', 'CMD-AREA'),
  must('A flow rule’s location and queue exist, and its mask is of fields that its type has.', 'CMD-FLOW'),
  should('The MTU is set while there is no queue, within its bounds.', 'CMD-MTU'),
  must('No frame is longer than the MTU, unless it is cut.', 'TX-MTU'),
  because(
    should(
      'Queues, lists, resources and the admin queue are taken back in this order.',
      'CMD-LAST',
      'QPL-BUSY',
    ),
    'some drivers reset the card and no more',
  ),
  must(
    'Mailbox: a cookie is free, 48 are outstanding at most, and answers are known by it.',
    'MBX-COOKIE',
    'MBX-MOST',
  ),
  must(
    'Mailbox: buffers for answers are given before the first request, and again after use.',
    'MBX-BUFFERS',
    'MBX-SLOT',
  ),
  must(
    'Mailbox: receive queues are enabled before transmit queues, and doorbells written before that.',
    'MBX-FIRST',
    'MBX-TAIL',
  ),
  must('Mailbox: a reset is awaited before the mailbox is set up.', 'MBX-RESET'),
  played(must('Mailbox: a length that reads 0 is answered by a reset.', 'RESET-ASKED'), RESETS),
  played(must('Mailbox: unknown events and capabilities are passed over.'), STRANGE),
];
