import type { NvmeEvents } from '../../nvme/events.ts';
import * as reg from '../../nvme/registers/bar0.ts';
import { NVM, sqe } from '../../nvme/registers/commands.ts';
import { type Script, scripts } from '../script.proof.ts';
import type { NVME_COMMANDS } from './commands.ts';
import { give, makeWatch, NOWHERE, type NvmeScript, prepared, SUBMISSIONS } from './script-rig.proof.ts';

/** A command of an I/O queue with another number in it. */
const reading = (
  wrong: Parameters<typeof give>[1],
  right: Parameters<typeof give>[1] = {},
): Script<NvmeScript> => ({
  breaks: (script) => give(script, { opcode: NVM.READ, nsid: 1, ...right, ...wrong }, 1),
  keeps: (script) => give(script, { opcode: NVM.READ, nsid: 1, ...right }, 1),
});
const addressing = (
  role: Parameters<NvmeEvents['prp']>[0],
  wrong: number,
  right: number,
): Script<NvmeScript> => ({
  breaks: ({ events }) => events.prp(role, wrong, 8),
  keeps: ({ events }) => events.prp(role, right, 8),
});
/** The first page of what is read, and those of its list. */
const pages = (script: NvmeScript, first: number, ...entries: readonly number[]) => {
  const { events } = script;
  give(script, { opcode: NVM.READ, nsid: 1, prp1: BigInt(first) }, 1);
  events.prp('first', first, reg.PAGE);
  events.prp('list', 0x8000, 8);
  for (const entry of entries) events.prp('entry', entry, reg.PAGE);
};
/** So many ranges, of which the first has a block. */
const deallocates = (script: NvmeScript, count: number) => {
  script.memory.find(SUBMISSIONS, 8)!.view.setUint32(SUBMISSIONS + 4, 1, true);
  const fields = { opcode: NVM.DATASET_MANAGEMENT, nsid: 1, cdw10: count - 1, cdw11: 4 };
  give(script, { ...fields, prp1: BigInt(SUBMISSIONS) }, 1);
};
/** Two commands with these identifiers come by one doorbell. */
const two = (script: NvmeScript, first: number, second: number) => {
  prepared(script);
  const { view } = script.memory.ranges[0]!;
  for (const [i, cid] of [first, second].entries())
    view.setUint16(SUBMISSIONS + reg.PAGE + i * sqe.size + sqe.offset.cid, cid, true);
  script.events.submissionRung(1, 2, 8, 0, 0);
};

export const NVME_COMMAND_PROOFS = scripts<NvmeScript, keyof typeof NVME_COMMANDS>(makeWatch, {
  'nvme/CID-UNIQUE': {
    breaks: (script) => two(script, 5, 5),
    keeps: (script) => two(script, 5, 6),
  },
  'nvme/CID-LAST': reading({ cid: 0xffff }),
  'nvme/SQE-RESERVED': reading({ flags: 0x04 }),
  'nvme/SQE-PRP': reading({ flags: 0x40 }),
  'nvme/OPCODE': reading({ opcode: 0x04 }),
  'nvme/NSID': reading({ nsid: 2 }),
  'nvme/LBA-RANGE': reading({ cdw10: 2047 }, { cdw10: 2046, cdw12: 1 }),
  'nvme/MDTS': reading({ cdw12: 256 }, { cdw12: 255 }),
  'nvme/PRP1-ALIGN': addressing('first', 0x1001, 0x1004),
  'nvme/PRP-OFFSET': addressing('entry', 0x1010, 0x1000),
  'nvme/PRP-LIST': addressing('list', 0x1004, 0x1008),
  'nvme/PRP-SECOND': {
    breaks: (script) => pages(script, 0x1000, 0x1000, 0x2000),
    keeps: (script) => pages(script, 0x1000, 0x2000, 0x3000),
  },
  'nvme/DSM-EMPTY': {
    breaks: (script) => deallocates(script, 2),
    keeps: (script) => deallocates(script, 1),
  },
  'nvme/PRP-RAM': addressing('second', NOWHERE, 0x1000),
});
