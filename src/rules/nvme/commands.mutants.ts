import { behind } from '../../conformance/broken/behind.ts';
import {
  breakingNvme,
  changeCommand,
  changeDoorbells,
  changeRegister,
} from '../../conformance/broken/behind-nvme.ts';
import type { BrokenDriver } from '../../conformance/broken/broken-driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { NvmeDriver } from '../../guest/index.ts';
import { CC, PAGE } from '../../nvme/registers/bar0.ts';
import { ADMIN, DSM_CDW11, FEATURE, NVM, sqe } from '../../nvme/registers/commands.ts';

const { cid: CID, nsid: NSID, reserved, prp1: PRP1, prp2: PRP2, cdw10: CDW10, cdw11: CDW11 } = sqe.offset;
const CDW12 = sqe.offset.cdw12;
/** The tail of the first I/O queue. */
const TAIL = 2;

const broken = breakingNvme((disk) => disk.read(1, 0, 1));
const brokenWith = (blocks: number) => breakingNvme((disk) => disk.read(1, 0, blocks));
const closes = breakingNvme((disk) => disk.close());
const follows = breakingNvme((disk) => disk.follow());

/** A command with another number, of 32 bits, at a place. */
const wrong = (opcode: number, offset: number, change: (value: number) => number) => (port: GuestPort) =>
  changeCommand(port, opcode, (entry) =>
    entry.setUint32(offset, change(entry.getUint32(offset, true)) >>> 0, true),
  );
const inRead = (offset: number, change: (value: number) => number) => wrong(NVM.READ, offset, change);
/** A command is another. */
const instead = (opcode: number, other: number, cdw10: number) => (port: GuestPort) =>
  changeCommand(port, opcode, (entry) => {
    entry.setUint8(0, other);
    entry.setUint32(CDW10, cdw10, true);
  });
/** The same of the feature in dword 10 alone. */
const insteadOfFeature = (feature: number, opcode: number, cdw10: number) => (port: GuestPort) =>
  changeCommand(port, ADMIN.SET_FEATURES, (entry) => {
    if (entry.getUint32(CDW10, true) !== feature) return;
    entry.setUint8(0, opcode);
    entry.setUint32(CDW10, cdw10, true);
    entry.setUint32(CDW11, 0, true);
  });

/** The command is given twice, by one doorbell. */
function doubles(port: GuestPort, bdf: number): GuestPort {
  const twice = changeCommand(port, NVM.READ, (entry, at) =>
    port.memory.write(at + sqe.size, new Uint8Array(entry.buffer)),
  );
  return changeDoorbells(twice, bdf, (write, index, value) => write(index === TAIL ? value + 1 : value));
}

/** The memory of the I/O submission queue is free when the queue is deleted. */
function freesFirst(port: GuestPort): GuestPort {
  let queue = 0;
  let freed = 0;
  const given = behind(port, {
    release: (at) => {
      if (at !== freed) port.release(at);
    },
  });
  const seen = changeCommand(given, ADMIN.CREATE_SQ, (entry) => {
    queue = Number(entry.getBigUint64(PRP1, true));
  });
  return changeCommand(seen, ADMIN.DELETE_SQ, () => {
    port.release(queue);
    freed = queue;
  });
}

/** Two pages that lie side by side are named by a list. */
function listsTwo(port: GuestPort): GuestPort {
  const pages = port.allocate(2 * PAGE, PAGE);
  const list = port.allocate(PAGE, PAGE);
  return changeCommand(port, NVM.READ, (entry) => {
    port.memory.store(list, pages + PAGE, 4);
    entry.setUint32(PRP1, pages, true);
    entry.setUint32(PRP2, list, true);
  });
}

/** The blocks go to the memory of the submission queue, where nothing lies any more. */
function readsOverQueue(port: GuestPort): GuestPort {
  let queue = 0;
  const seen = changeCommand(port, ADMIN.CREATE_SQ, (entry) => {
    queue = entry.getUint32(PRP1, true);
  });
  return changeCommand(seen, NVM.READ, (entry) => entry.setUint32(PRP1, queue, true));
}

/** Asks for the log page so often, and goes on where none comes. */
function asksOften(disk: NvmeDriver): void {
  for (let i = 0; i < 4; i++)
    try {
      disk.temperature();
    } catch {
      // A request for events has no answer.
    }
}

export const MUTANTS: readonly BrokenDriver[] = [
  broken('gives a command twice', 'nvme/CID-UNIQUE', doubles),
  broken('numbers a command ffff', 'nvme/CID-LAST', (port) =>
    changeCommand(port, NVM.READ, (entry) => entry.setUint16(CID, 0xffff, true)),
  ),
  broken(
    'leaves something in reserved bytes',
    'nvme/SQE-RESERVED',
    inRead(reserved, () => 1),
  ),
  breakingNvme((disk) => disk.deallocate(1, [{ lba: 0, count: 8 }]))(
    'counts ranges in all of a doubleword',
    'nvme/SQE-RESERVED',
    wrong(NVM.DATASET_MANAGEMENT, CDW10, (value) => value | 0x100),
  ),
  broken('says that it has an SGL', 'nvme/SQE-PRP', (port) =>
    changeCommand(port, NVM.READ, (entry) => entry.setUint8(sqe.offset.flags, 0x40)),
  ),
  broken('sends a command that is not offered', 'nvme/OPCODE', instead(NVM.READ, 0x04, 0)),
  broken(
    'reads a namespace that is not there',
    'nvme/NSID',
    inRead(NSID, () => 2),
  ),
  broken(
    'reads behind the last block',
    'nvme/LBA-RANGE',
    inRead(CDW10, () => 4095),
  ),
  broken(
    'reads more at once than MDTS',
    'nvme/MDTS',
    inRead(CDW12, () => 256),
  ),
  broken(
    'reads to an odd address',
    'nvme/PRP1-ALIGN',
    inRead(PRP1, (value) => value + 1),
  ),
  brokenWith(16)(
    'gives a second page from its middle on',
    'nvme/PRP-OFFSET',
    inRead(PRP2, (value) => value + 4),
  ),
  brokenWith(24)(
    'packs its list',
    'nvme/PRP-LIST',
    inRead(PRP2, (value) => value + 4),
  ),
  brokenWith(16)('makes a list for two pages', 'nvme/PRP-SECOND', listsTwo),
  breakingNvme((disk) => disk.deallocate(1, [{ lba: 0, count: 8 }]))(
    'does not say what ranges are for',
    'nvme/DSM-EMPTY',
    wrong(NVM.DATASET_MANAGEMENT, CDW11, (value) => value & ~DSM_CDW11.mask.AD),
  ),
  broken(
    'adds to the upper half of an address',
    'nvme/PRP-RAM',
    inRead(PRP1 + 4, () => 0x100),
  ),
  broken('leaves the sizes of entries 0', 'nvme/CC-ENTRIES', (port, bdf) =>
    changeRegister(port, bdf, CC, (write, value) => write(value & ~CC.mask.IOSQES)),
  ),
  broken(
    'makes a queue more than granted',
    'nvme/QUEUE-ID',
    wrong(ADMIN.CREATE_CQ, CDW10, (value) => (value & ~0xffff) | 3),
  ),
  broken(
    'makes a queue of one entry',
    'nvme/QUEUE-SIZE',
    wrong(ADMIN.CREATE_CQ, CDW10, (value) => value & 0xffff),
  ),
  broken(
    'makes a queue in pieces',
    'nvme/QUEUE-PIECE',
    wrong(ADMIN.CREATE_CQ, CDW11, (value) => value & ~1),
  ),
  broken(
    'makes a queue within a page',
    'nvme/QUEUE-ALIGN',
    wrong(ADMIN.CREATE_SQ, PRP1, (value) => value + 64),
  ),
  broken(
    'names a vector, and has no messages',
    'nvme/CQ-VECTOR',
    wrong(ADMIN.CREATE_CQ, CDW11, (value) => value | 0x1_0000),
  ),
  broken('leaves old entries in a queue', 'nvme/CQ-CLEAR', (port) =>
    changeCommand(port, ADMIN.CREATE_CQ, (entry) =>
      port.memory.store(Number(entry.getBigUint64(PRP1, true)) + 5 * 16 + 14, 1, 2),
    ),
  ),
  broken(
    'completes where nothing is',
    'nvme/SQ-CQ',
    wrong(ADMIN.CREATE_SQ, CDW11, (value) => (value & 0xffff) | 0x2_0000),
  ),
  closes(
    'deletes the completion queue first',
    'nvme/CQ-DELETE',
    instead(ADMIN.DELETE_SQ, ADMIN.DELETE_CQ, 1),
  ),
  broken(
    'does not ask how many queues there are',
    'nvme/QUEUES-ASKED',
    insteadOfFeature(FEATURE.NUMBER_OF_QUEUES, ADMIN.GET_FEATURES, FEATURE.NUMBER_OF_QUEUES),
  ),
  broken(
    'asks once more how many queues there are',
    'nvme/QUEUES-ONCE',
    insteadOfFeature(FEATURE.ASYNC_EVENT, ADMIN.SET_FEATURES, FEATURE.NUMBER_OF_QUEUES),
  ),
  breakingNvme(asksOften)(
    'waits for events too often',
    'nvme/AER-LIMIT',
    instead(ADMIN.GET_LOG_PAGE, ADMIN.ASYNC_EVENT_REQUEST, 0),
  ),
  {
    ...follows(
      'reads no log page',
      'nvme/AER-LOG',
      instead(ADMIN.GET_LOG_PAGE, ADMIN.GET_FEATURES, FEATURE.TEMPERATURE_THRESHOLD),
    ),
    act: (machine, use) => {
      machine.nvme[0]!.addNamespace({ bytes: 1 << 20 });
      use();
    },
  },
  closes('frees a queue first', 'nvme/QUEUE-MEMORY', freesFirst),
  broken('reads blocks over its queue', 'nvme/QUEUE-MEMORY', readsOverQueue),
];
