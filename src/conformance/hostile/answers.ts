import type { Random } from '../../core/random.ts';
import type { HardId } from '../../rules/hard.ts';
import { CDB, type Cdb } from '../../scsi/cdb/registers.ts';
import { netHeaderSize, virtio_net_hdr } from '../../virtio/net/registers.ts';
import { VIRTIO_ID } from '../../virtio/registers.ts';
import {
  SCSI_QUEUE,
  SENSE_SIZE_DEFAULT,
  virtio_scsi_req_cmd,
  virtio_scsi_resp_cmd,
} from '../../virtio/scsi/registers.ts';
import type { Lie } from './lie.ts';
import { isReceiveQueue, type UsedEntry } from './used-ring.ts';

const { num_buffers } = virtio_net_hdr.offset;
const { sense_len, residual, status, response } = virtio_scsi_resp_cmd.offset;
const [SENSE_AT, DATA_AT] = [virtio_scsi_resp_cmd.size, virtio_scsi_resp_cmd.size + SENSE_SIZE_DEFAULT];
const { INQUIRY, READ_CAPACITY_10, READ_CAPACITY_16, REPORT_LUNS } = CDB;
const [GOOD, CHECK_CONDITION] = [0, 2];
const [WORD, LONG] = [4, 8];
/** Where the answer of each command that tells of a disk's size has the block's. */
const BLOCK_AT: Readonly<Record<number, number>> = {
  [opcodeOf(READ_CAPACITY_10)]: WORD,
  [opcodeOf(READ_CAPACITY_16)]: LONG,
};

function opcodeOf({ usage }: Cdb): number {
  return usage[0]!;
}

const ones = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(0xff);

/** Whether it is the first buffer of a received frame, and of one buffer. */
function isFrame({ device, ring, length, writable }: UsedEntry): boolean {
  const header = netHeaderSize(device.accepted);
  if (!isReceiveQueue(device, ring.queue) || length < header) return false;
  const count = writable.bytes.subarray(num_buffers, header);
  return count.length === 0 || count[0]! + count[1]! === 1;
}

function frame(clause: HardId, name: string, tell: (entry: UsedEntry, random: Random) => boolean): Lie {
  return {
    clause,
    name,
    used: (entry, random) => isFrame(entry) && tell(entry, random),
  };
}

/** @param count both bytes of a number of buffers, so that byte order is nothing to it. */
function buffers(entry: UsedEntry, count: number): boolean {
  if (netHeaderSize(entry.device.accepted) <= num_buffers) return false;
  entry.writable.write(num_buffers, [count, count]);
  return true;
}

/** Lies about answers of a SCSI target. @param tell gets the operation code. */
function answer(clause: HardId, name: string, tell: (entry: UsedEntry, opcode: number) => boolean): Lie {
  return {
    clause,
    name,
    used(entry) {
      const isRequest = entry.ring.queue >= SCSI_QUEUE.request;
      if (entry.device.virtioId !== VIRTIO_ID.scsi || !isRequest) return false;
      return tell(entry, entry.readable.bytes[virtio_scsi_req_cmd.size] ?? 0);
    },
  };
}

/** Writes into what came in, if the command is one of these and was done. */
function data(commands: readonly Cdb[], at: (opcode: number) => number, bytes: Iterable<number>) {
  return ({ writable }: UsedEntry, opcode: number): boolean => {
    const isDone = commands.some((one) => opcodeOf(one) === opcode) && writable.bytes[status] === GOOD;
    if (!isDone || writable.length <= DATA_AT + at(opcode)) return false;
    writable.write(DATA_AT + at(opcode), bytes);
    return true;
  };
}

const CAPACITY = [READ_CAPACITY_10, READ_CAPACITY_16];
const blocksOf = (bytes: number) => data(CAPACITY, (opcode) => BLOCK_AT[opcode]!, [0, 0, 0, bytes]);

/** Lies in what a device writes into buffers. */
export const ANSWER_LIES: readonly Lie[] = [
  frame('hard/NET-BUFFERS-ZERO', 'a frame of 0 buffers', (entry) => buffers(entry, 0)),
  frame('hard/NET-BUFFERS-MANY', 'a frame of more buffers than came', (entry, random) =>
    buffers(entry, random.below(2) === 0 ? 0xff : 1),
  ),
  frame('hard/NET-HEADER', 'a frame with a header that means nothing', ({ writable }) => {
    writable.write(0, ones(num_buffers));
    return true;
  }),
  answer('hard/SCSI-SENSE', 'sense data that make no sense', ({ writable }) => {
    writable.write(status, [CHECK_CONDITION]);
    writable.write(sense_len, ones(WORD));
    writable.write(SENSE_AT, ones(SENSE_SIZE_DEFAULT));
    return true;
  }),
  answer('hard/SCSI-RESIDUAL', 'a residual of ffffffff', ({ writable }) => {
    writable.write(residual, ones(WORD));
    return true;
  }),
  answer('hard/SCSI-RESPONSE', 'a response and a status that do not exist', ({ writable }) => {
    writable.write(status, [0xff]);
    writable.write(response, [0xff]);
    return true;
  }),
  answer(
    'hard/SCSI-INQUIRY',
    'an INQUIRY answer of more bytes than it has',
    data([INQUIRY], () => 2, [0xff, 0xff, 0xff]),
  ),
  answer(
    'hard/SCSI-REPORT-LUNS',
    'a list of logical units of ffffffff bytes',
    data([REPORT_LUNS], () => 0, ones(WORD)),
  ),
  answer('hard/SCSI-BLOCK-ZERO', 'a disk whose blocks have 0 bytes', blocksOf(0)),
  answer('hard/SCSI-BLOCK-ODD', 'a disk whose blocks have 3 bytes', blocksOf(3)),
  answer('hard/SCSI-CAPACITY', 'a last block with all ones', (entry, opcode) =>
    data(CAPACITY, () => 0, ones(BLOCK_AT[opcode] ?? 0))(entry, opcode),
  ),
];
