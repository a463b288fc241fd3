import type { ClauseId } from '../../src/rules/index.ts';

/** What a driver of an NVMe controller is to do, as far as a device can see it. */
interface NvmeStatement {
  readonly text: string;
  /** The rules that watch it, and the scenarios; or, with none, */
  readonly by: readonly ClauseId[];
  readonly plays: readonly string[];
  /** why it is not watched, or not wholly. */
  readonly why: string;
}

type Nvme<Id> = Id extends `nvme/${infer Name}` ? Name : never;
type Name = Nvme<ClauseId>;

const by = (text: string, ...names: Name[]): NvmeStatement => ({
  text,
  by: names.map((name) => `nvme/${name}` as ClauseId),
  plays: [],
  why: '',
});
const played = (statement: NvmeStatement, ...plays: string[]): NvmeStatement => ({ ...statement, plays });
const because = (statement: NvmeStatement, why: string): NvmeStatement => ({ ...statement, why });

const LATE = 'NVMe commands that end late, and overtake each other';
const NEVER = 'an NVMe command that never ends';
const CHANGES = 'NVMe namespaces that come, grow and go';
const STRIDE = 'an NVMe controller whose doorbells are 64 bytes apart';
const FOUR = 'an NVMe controller with one pair of queues, of four entries at most';
const LITTLE = 'an NVMe controller that moves 8 KiB by a command at most';
const START = 'an NVMe controller that takes 7 s to start';
const FAILS_AT_START = 'an NVMe controller that fails as it starts';
const FAILS = 'an NVMe controller that fails while they use it';
const ONE_VECTOR = 'an NVMe controller with one vector';
const NO_MESSAGES = 'an NVMe controller without MSI-X';
const MERGED = 'interrupts of an NVMe controller that are merged, late, and more than are needed';
const CRASH = 'a kernel that crashes, and another that starts without a reset of the machine';

/** By the numbers of our list of them. */
export const NVME_STATEMENTS: readonly NvmeStatement[] = [
  by('Memory space and bus mastering are on before CC.EN.', 'EN-MASTER'),
  by('CC.EN is set while CSTS.RDY is 0.', 'EN-READY'),
  by('CC.EN is cleared while CSTS.RDY is 1, or the controller has failed.', 'EN-STOP'),
  by('AQA, ASQ and ACQ are written while CC.EN is 0.', 'AQ-STABLE'),
  by('The admin queues are aligned to 4096 bytes.', 'AQ-ALIGN'),
  by('They have two entries at least.', 'AQ-SIZE'),
  by('CC.MPS is within what CAP allows.', 'CC-PAGE'),
  by('CC.CSS and CC.AMS are what CAP has, and change while CC.EN is 0 alone.', 'CC-SET', 'CC-STABLE'),
  by('CC.IOSQES is 6 and CC.IOCQES 4 before the first I/O queue.', 'CC-ENTRIES'),
  by('No doorbell is written before RDY.', 'DB-READY'),
  because(
    played(by('RDY is awaited for as long as CAP.TO says.'), START),
    'a driver that gave up does nothing more',
  ),
  played(by('Doorbells are written as 32 bits, at their stride.', 'DB-WIDTH'), STRIDE),
  by('Doorbells are those of queues that exist.', 'DB-QUEUE'),
  by('Their values are below the size, and change.', 'DB-RANGE', 'DB-SAME'),
  by('The tail never overruns the head.', 'SQ-OVERRUN'),
  by('The head never passes what was posted.', 'CQ-BEYOND'),
  by('An identifier is used once among outstanding commands.', 'CID-UNIQUE'),
  by('It is not ffff.', 'CID-LAST'),
  by('A command is whole before its doorbell.', 'SQE-WHOLE'),
  because(
    by('Reserved fields are 0.', 'SQE-RESERVED', 'REG-RESERVED'),
    'of dwords 10 to 15 only those bits that decide what is done',
  ),
  by('PSDT is 0 in admin commands, and elsewhere as SGLS says.', 'SQE-PRP'),
  by('The first PRP is aligned to four bytes.', 'PRP1-ALIGN'),
  by('Further PRPs begin at a page.', 'PRP-OFFSET'),
  by('Lists of PRPs are aligned to eight bytes, and lead on in their last slot.', 'PRP-LIST'),
  by('All of them are in memory.', 'PRP-RAM'),
  by('A completion queue is created before a submission queue that names it.', 'SQ-CQ'),
  by('A number of a queue is granted, and free.', 'QUEUE-ID'),
  played(by('A queue has 2 to MQES + 1 entries.', 'QUEUE-SIZE'), FOUR),
  by('PC is set where CQR is.', 'QUEUE-PIECE', 'QUEUE-ALIGN'),
  by('A vector is one of the table, and 0 without messages.', 'CQ-VECTOR'),
  by('The number of queues is asked for before there are any, and once.', 'QUEUES-ASKED', 'QUEUES-ONCE'),
  by('Submission queues are deleted before their completion queue.', 'CQ-DELETE'),
  by('The memory of a queue is kept until it is deleted.', 'QUEUE-MEMORY'),
  by('No more than AERL + 1 requests for events are outstanding.', 'AER-LIMIT'),
  by('The log page of an event is read, and another one requested.', 'AER-LOG'),
  by('No more than ACL + 1 aborts are outstanding.', 'ABORT-LIMIT'),
  played(by('No command moves more than MDTS allows.', 'MDTS'), LITTLE),
  by('Blocks are within NSZE, those of Dataset Management, too.', 'LBA-RANGE'),
  by('Namespaces are attached; broadcasts are where they may be.', 'NSID'),
  by('Optional commands are those that are offered.', 'OPCODE'),
  because(
    by('Dataset Management has at most 256 ranges, and a buffer for them.', 'PRP-RAM'),
    'the field has no room for more',
  ),
  by('INTMS and INTMC are left alone with MSI-X.', 'INTM-MESSAGES'),
  by('Before a shutdown I/O stops; its end is awaited.', 'SHUT-IDLE', 'SHUT-WAIT', 'SHUT-POWER'),
  by('After a shutdown only a reset comes.', 'SHUT-QUIET'),
  played(by('CSTS.CFS is answered by a reset.', 'CFS-RESET'), FAILS),
  played(by('Completions are taken in order, by phase, before the head moves.', 'CQ-BEYOND'), LATE),
  by('CAP is read before queues are sized.', 'AQ-LIMITS'),
  because(by('CC.EN is set with MPS, CSS and AMS as they were, or with all at once.'), 'either is right'),
  because(played(by('CFS is looked at while RDY is awaited.'), FAILS_AT_START), 'Linux waits the time out'),
  played(by('A controller that is found enabled is disabled first.', 'AQ-STABLE', 'EN-READY'), CRASH),
  by('A completion queue is cleared before it is used.', 'CQ-CLEAR'),
  because(
    played(by('The phase changes at each lap, and is 1 in a new queue.', 'CQ-BEYOND'), LATE),
    'a driver that waits for the wrong one is seen by a scenario',
  ),
  because(
    by('The status is read before the rest of an entry.'),
    'what a driver loads of its own memory is not watched; a tool that writes entries in parts would be needed',
  ),
  played(by('Completions come in any order, and of several queues in one.'), LATE),
  by('The head is written once for a batch, and never goes back.', 'DB-SAME', 'CQ-BEYOND'),
  by('No more commands are outstanding than a queue has room for, less one.', 'SQ-OVERRUN'),
  because(
    by('Lists of PRPs are kept while a command is outstanding.', 'DATA-BUSY'),
    'pages that are freed or lent again are seen, stores into a list are not',
  ),
  because(
    by('Buffers are left alone until completion.', 'DATA-BUSY'),
    'stores and loads are seen while the controller holds the command',
  ),
  played(by('A command that is late is aborted, or the controller reset.', 'DATA-BUSY'), NEVER),
  played(
    by('Each vector is served; a masked one keeps its pending bit.', 'CQ-VECTOR'),
    ONE_VECTOR,
    NO_MESSAGES,
  ),
  played(
    by('The vendor’s part of Identify Namespace may hold anything.'),
    'NVMe namespaces of which the vendor says nothing, half, or what is unknown',
  ),
  played(by('A namespace without blocks is passed over.'), 'an NVMe namespace without a block'),
  played(
    by('Blocks are counted in their own size.', 'LBA-RANGE'),
    'an NVMe namespace with blocks of 4096 bytes, beside one of 512',
  ),
  because(
    by('An atomic write stays within the boundary of NABSPF.'),
    'only its user knows that it must be atomic',
  ),
  played(by('After a change of namespaces they are asked for again.', 'AER-LOG'), CHANGES),
  because(
    by('What failed with DNR is not tried again.', 'RETRY'),
    'a few times may each be for another user of the disk',
  ),
  played(
    by('A flush precedes what is called durable.'),
    'power that fails once they flushed an NVMe disk',
    'an NVMe disk that fails to flush',
  ),
  because(by('Write Zeroes keeps to its limit.', 'LBA-RANGE'), 'version 1.4 has none beside the size'),
  played(by('The interrupt of one queue is not taken for another’s.'), MERGED, ONE_VECTOR),
  played(by('Controllers have their own state.'), 'several NVMe controllers'),
  because(
    by('Local SSDs are told from the boot disk by `nvme_card` and digits.'),
    'a name is read by programs, not by drivers',
  ),
];
