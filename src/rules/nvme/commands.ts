import { hex } from '../../core/bits.ts';
import type { Rules } from '../../core/rule.ts';
import type { PrpRole } from '../../nvme/events.ts';
import { PAGE } from '../../nvme/registers/bar0.ts';
import {
  ADMIN,
  ADMIN_DWORDS,
  BROADCAST,
  CNS,
  FLAGS,
  NVM,
  NVM_DWORDS,
  sqe,
} from '../../nvme/registers/commands.ts';
import type { NamespaceSize, NvmeFacts } from './facts.ts';
import type { Mislaid } from './prp-data.ts';

const MOVES: readonly number[] = [NVM.READ, NVM.WRITE, NVM.COMPARE];
const HAS_BLOCKS: readonly number[] = [...MOVES, NVM.WRITE_ZEROES, NVM.VERIFY, NVM.DATASET_MANAGEMENT];
const ADMIN_OPCODES: readonly number[] = Object.values(ADMIN);
const LAST_ID = 0xffff;
const QUADWORD = 8;
const { PSDT, FUSE } = FLAGS.mask;
const { opcode: OPCODE, flags: FLAGS_AT, reserved: RESERVED, cdw10: CDW10 } = sqe.offset;
const FIRST_DWORD = 10;
const DWORDS = 6;

/** What is known of any command. */
export interface CommandKnows {
  readonly subject: string;
  readonly facts: NvmeFacts;
  readonly queue: number;
  readonly opcode: number;
  readonly nsid: number;
  readonly cid: number;
  /** A command with this identifier is outstanding in the queue. */
  readonly isTwice: boolean;
  /** CNS of Identify. */
  readonly cdw10: number;
  /** FUSE and PSDT, and where a bit is set that means nothing; empty is nowhere. */
  readonly fuse: number;
  readonly psdt: number;
  readonly reserved: string;
  /** Of a command with blocks: the first, and how many; of one with ranges the one that reaches furthest. */
  readonly first: number;
  readonly blocks: number;
  readonly namespace: NamespaceSize | null;
  /** An address: for what, and how many bytes. */
  readonly role: PrpRole;
  readonly address: number;
  readonly length: number;
  readonly mislaid: Mislaid;
  /** Of a command with ranges: dword 11, and that one of them has no block. */
  readonly cdw11: number;
  readonly hasEmptyRange: boolean;
}

const isIo = (k: CommandKnows) => k.queue !== 0;
/** Of FUSE: the first of two commands, and the second. */
const FUSED: readonly (number | null)[] = [null, NVM.COMPARE, NVM.WRITE];
const isPair = (k: CommandKnows) => isIo(k) && k.facts.fused && FUSED[k.fuse] === k.opcode;
const identifies = (k: CommandKnows) => !isIo(k) && k.opcode === ADMIN.IDENTIFY;
const cnsOf = ({ cdw10 }: CommandKnows) => cdw10 & 0xff;
const OF_ONE: readonly number[] = [CNS.NAMESPACE, CNS.DESCRIPTORS];
/** Whether Identify may name that namespace. */
const isAsked = (k: CommandKnows) =>
  OF_ONE.includes(cnsOf(k))
    ? k.nsid > 0 && k.nsid <= k.facts.namespacesMost
    : cnsOf(k) !== CNS.ACTIVE_LIST || k.nsid < BROADCAST - 1;
const addressText = (k: CommandKnows) => `command ${k.cid} of queue ${k.queue}: ${hex(k.address, 8)}`;
const hasBlocks = (k: CommandKnows) => isIo(k) && HAS_BLOCKS.includes(k.opcode) && k.namespace !== null;

/** Rules for every command, and for where its data is. */
export const NVME_COMMANDS = {
  'nvme/CID-UNIQUE': {
    where: 'NVM Express 1.4, 4.2',
    text: 'A driver MUST NOT use the identifier of a command that is outstanding in the same queue.',
    advice: 'Free an identifier when its completion was taken.',
    on: 'submitted',
    kept: (k) => !k.isTwice,
    said: (k) => `command ${k.cid} of queue ${k.queue} is outstanding already`,
  },
  'nvme/CID-LAST': {
    where: 'NVM Express 1.4, 4.2',
    text: 'Do not use ffff as the identifier of a command: in the error log it means no command.',
    advice: 'Number commands from 0 to fffe.',
    on: 'commanded',
    kept: (k) => k.cid !== LAST_ID,
    said: (k) => `a command of queue ${k.queue} has the identifier ffff`,
  },
  'nvme/SQE-RESERVED': {
    where: 'NVM Express 1.4, 4.2',
    text: 'A driver MUST write 0 to the reserved parts of a command.',
    advice: 'Clear all 64 bytes of an entry before you fill it in.',
    on: 'commanded',
    kept: (k) => k.reserved === '',
    // By the opcode alone: a driver makes one mistake in each such command.
    said: (k) => `opcode ${hex(k.opcode, 2)} was sent to queue ${k.queue}, and ${k.reserved} are reserved`,
  },
  'nvme/SQE-PRP': {
    where: 'NVM Express 1.4, 4.2 and 4.4',
    text: 'A driver MUST describe data by PRP in admin commands, and where SGLS is 0.',
    advice: 'Leave PSDT 0.',
    on: 'commanded',
    kept: (k) => k.psdt === 0 || (isIo(k) && k.facts.sgl),
    said: (k) => `command ${k.cid} of queue ${k.queue} has PSDT ${k.psdt}`,
  },
  'nvme/OPCODE': {
    where: 'NVM Express 1.4, 5 and 6',
    text: 'A driver MUST NOT send an optional command that OACS and ONCS do not offer, nor two as one that FUSES does not.',
    advice:
      'Read bytes 256, 520 and 522 of Identify Controller: with FUSES, a Compare may be the first and a Write the second.',
    on: 'commanded',
    kept: (k) =>
      (isIo(k) ? k.facts.opcodes : ADMIN_OPCODES).includes(k.opcode) && (k.fuse === 0 || isPair(k)),
    said: (k) =>
      `opcode ${hex(k.opcode, 2)} was sent to queue ${k.queue}${k.fuse === 0 ? '' : ` with FUSE ${k.fuse}`}`,
  },
  'nvme/NSID': {
    where: 'NVM Express 1.4, 5.15 and 6.1',
    text: 'A driver MUST send I/O commands to a namespace that is attached, Flush alone to all, and Identify to one from 1 to NN.',
    advice:
      'Take the numbers from Identify, 02, which lists those above NSID: begin with 0. What Identify is to tell, CNS, stands in dword 10.',
    on: 'commanded',
    when: (k) => (isIo(k) ? k.facts.opcodes.includes(k.opcode) : identifies(k)),
    kept: (k) =>
      identifies(k) ? isAsked(k) : k.namespace !== null || (k.nsid === BROADCAST && k.opcode === NVM.FLUSH),
    said: (k) =>
      `opcode ${hex(k.opcode, 2)}${identifies(k) ? `, with CNS ${hex(cnsOf(k), 2)},` : ''} was sent to namespace ${k.nsid}`,
  },
  'nvme/LBA-RANGE': {
    where: 'NVM Express 1.4, 6.9',
    text: 'A driver MUST NOT address blocks behind the last one of a namespace.',
    advice: 'Hold the first block and the length to NSZE of Identify Namespace, which may change.',
    on: 'commanded',
    when: hasBlocks,
    kept: (k) => k.first + k.blocks <= k.namespace!.blocks,
    said: (k) => `${k.blocks} blocks from ${k.first} on, of ${k.namespace!.blocks}`,
  },
  'nvme/MDTS': {
    where: 'NVM Express 1.4, 5.15',
    text: 'A driver MUST NOT move more bytes by a command than MDTS allows.',
    advice: 'Read byte 77 of Identify Controller: 4096 << MDTS bytes.',
    on: 'commanded',
    when: (k) => hasBlocks(k) && MOVES.includes(k.opcode),
    kept: (k) => k.blocks * k.namespace!.blockSize <= k.facts.bytesMost,
    said: (k) => `${k.blocks * k.namespace!.blockSize} bytes, of ${k.facts.bytesMost}`,
  },
  'nvme/PRP1-ALIGN': {
    where: 'NVM Express 1.4, 4.3',
    text: 'A driver MUST align the first PRP of data to four bytes.',
    advice: 'Copy data that begins elsewhere into a buffer of yours.',
    on: 'addressed',
    when: (k) => k.role === 'first',
    kept: (k) => k.address % 4 === 0,
    said: addressText,
  },
  'nvme/PRP-OFFSET': {
    where: 'NVM Express 1.4, 4.3',
    text: 'A driver MUST give every PRP of data behind the first the offset 0 in its page.',
    advice: 'Only the first page of a buffer may begin in the middle.',
    on: 'addressed',
    when: (k) => k.role === 'second' || k.role === 'entry',
    kept: (k) => k.address % PAGE === 0,
    said: addressText,
  },
  'nvme/PRP-LIST': {
    where: 'NVM Express 1.4, 4.3',
    text: 'A driver MUST align a list of PRPs to eight bytes.',
    advice: 'Allocate it as an array of 64-bit numbers.',
    on: 'addressed',
    when: (k) => k.role === 'list' || k.role === 'chain',
    kept: (k) => k.address % QUADWORD === 0,
    said: addressText,
  },
  'nvme/PRP-SECOND': {
    where: 'NVM Express 1.4, 4.3',
    text: 'A driver SHOULD give the second page itself in PRP2 where data has two, and a list of all but the first, outside of the data, where it has more.',
    advice: 'Count pages from the offset of PRP1: up to two need no list, and PRP1 is the first in any case.',
    on: 'addressed',
    when: (k) => k.role === 'second' || k.role === 'entry',
    kept: (k) => k.mislaid === null,
    said: (k) => {
      if (k.mislaid === 'list')
        return `command ${k.cid} of queue ${k.queue} has two pages, and at PRP2, ${hex(k.address, 8)}, is the address of the second`;
      if (k.role === 'second')
        return `PRP1 and PRP2 of command ${k.cid} of queue ${k.queue} name the same page`;
      const how = k.mislaid === 'again' ? 'begins with the page of PRP1' : 'lies in its data';
      return `the list of command ${k.cid} of queue ${k.queue} ${how}`;
    },
  },
  'nvme/DSM-EMPTY': {
    where: 'NVM Express 1.4, 6.7',
    text: 'Give Dataset Management an attribute, and each of its ranges a block: without, nothing is done.',
    advice:
      'Set AD, bit 2 of dword 11, to deallocate. Dword 10 has the number of ranges less one, and a range its blocks at 4, its first at 8.',
    on: 'commanded',
    when: (k) => isIo(k) && k.opcode === NVM.DATASET_MANAGEMENT,
    kept: (k) => k.cdw11 !== 0 && !k.hasEmptyRange,
    said: (k) => (k.cdw11 === 0 ? 'dword 11 is 0' : `one of ${(k.cdw10 & 0xff) + 1} ranges has no block`),
  },
  'nvme/PRP-RAM': {
    where: 'NVM Express 1.4, 4.3',
    text: 'A driver MUST give the controller addresses of memory only, and not 0, which is one that was left out.',
    advice:
      'Use physical addresses with all 64 bits, low half first. Count pages from the offset of the first PRP: 4096 bytes from 200h on are in two, and need PRP2.',
    on: 'addressed',
    when: (k) => k.address % 4 === 0,
    kept: (k) => k.address !== 0 && k.facts.memory.find(k.address, k.length) !== null,
    said: (k) =>
      k.address === 0
        ? `command ${k.cid} of queue ${k.queue}: the ${k.role} address is 0`
        : `${addressText(k)} is no RAM`,
  },
} as const satisfies Rules<CommandKnows>;

/** Whether an entry holds zeros alone: no command does. */
export function isEmpty(view: DataView, at: number): boolean {
  for (let i = 0; i < sqe.size; i += 4) if (view.getUint32(at + i) !== 0) return false;
  return true;
}

/** Where a bit of a command is set that is reserved, in words; empty is nowhere. */
export function reservedIn(queue: number, entry: DataView): string {
  const flags = entry.getUint8(FLAGS_AT) & ~(PSDT | FUSE);
  if (flags !== 0) return `bits ${hex(flags, 2)} of byte 1`;
  if ((entry.getUint32(RESERVED, true) | entry.getUint32(RESERVED + 4, true)) !== 0) return 'bytes 8 to 15';
  const defined = (queue === 0 ? ADMIN_DWORDS : NVM_DWORDS)[entry.getUint8(OPCODE)];
  for (let i = 0; defined !== undefined && i < DWORDS; i++) {
    const bits = (entry.getUint32(CDW10 + 4 * i, true) & ~(defined[i] ?? 0)) >>> 0;
    if (bits !== 0) return `bits ${hex(bits, 8)} of dword ${FIRST_DWORD + i}`;
  }
  return '';
}
