import type { Command } from '../command.ts';
import {
  BLOCKS_6,
  BLOCKS_10,
  BLOCKS_12,
  BLOCKS_16,
  CDB_6,
  INQUIRY,
  INQUIRY_FLAGS,
  MODE_SENSE_6,
  MODE_SENSE_10,
  MODE_SENSE_FLAGS,
  READ_CAPACITY_16,
  REPORT_LUNS,
  REPORT_OPERATIONS,
  REPORT_OPTIONS,
  REQUEST_SENSE,
  REQUEST_SENSE_FLAGS,
  SYNCHRONIZE_FLAGS,
  UNMAP,
} from '../registers.ts';
import { SENSE } from '../sense.ts';
import type { Inventory, Unit, WellKnownUnit } from '../unit.ts';
import { readCapacity10, readCapacity16 } from './capacity.ts';
import { inquiry, inquiryOfAbsent } from './inquiry.ts';
import { modeSense6, modeSense10 } from './mode-sense.ts';
import { CommandTable, type Operation, type Touch } from './operation.ts';
import { read6, read10, read12, read16, write6, write10, write12, write16 } from './read-write.ts';
import { answerSense, requestSense, testUnitReady } from './ready.ts';
import { reportLuns } from './report-luns.ts';
import { reportOperations } from './report-operations.ts';
import { synchronizeCache10, synchronizeCache16 } from './synchronize-cache.ts';
import { unmap } from './unmap.ts';

const { EVPD } = INQUIRY_FLAGS.mask;
const { DESC } = REQUEST_SENSE_FLAGS.mask;
const { DBD, LLBAA } = MODE_SENSE_FLAGS.mask;
const { IMMED } = SYNCHRONIZE_FLAGS.mask;
const { RCTD, OPTIONS } = REPORT_OPTIONS.mask;

const U8 = 0xff;
const U16 = 0xffff;
const U32 = 0xffff_ffff;
const U64 = 0xffff_ffff_ffff_ffffn;
const PASSES = { passesAttention: true };
const READS = { touches: 'reads' } as const;
const WRITES = { touches: 'writes' } as const;

// Usage maps: all bits of a field that is looked at. No DPO, no FUA, no protection, no group, no NACA: those
// bits are clear in every map, so they are refused everywhere and reported nowhere.
const READ_CAPACITY_10_USAGE = BLOCKS_10.encode({ operation: 0x25 });
const INQUIRY_USAGE = INQUIRY.encode({ operation: 0x12, flags: EVPD, page: U8, allocation: U16 });
const REQUEST_SENSE_USAGE = REQUEST_SENSE.encode({ operation: 0x03, flags: DESC, allocation: U8 });
const REPORT_LUNS_USAGE = REPORT_LUNS.encode({ operation: 0xa0, select: U8, allocation: U32 });
const UNMAP_USAGE = UNMAP.encode({ operation: 0x42, length: U16 });
const READ_CAPACITY_16_USAGE = READ_CAPACITY_16.encode({ operation: 0x9e, action: 0x10, allocation: U32 });
const REPORT_OPERATIONS_USAGE = REPORT_OPERATIONS.encode({
  operation: 0xa3,
  action: 0x0c,
  options: RCTD | OPTIONS,
  requested_operation: U8,
  requested_action: U16,
  allocation: U32,
});
const MODE_SENSE_6_USAGE = MODE_SENSE_6.encode({
  operation: 0x1a,
  flags: DBD,
  page: U8,
  subpage: U8,
  allocation: U8,
});
const MODE_SENSE_10_USAGE = MODE_SENSE_10.encode({
  operation: 0x5a,
  flags: DBD | LLBAA,
  page: U8,
  subpage: U8,
  allocation: U16,
});

/** Every command of a logical unit. */
export const COMMANDS = new CommandTable<Unit>(
  [
    row('TEST UNIT READY', CDB_6.encode({ operation: 0x00 }), testUnitReady),
    row('REQUEST SENSE', REQUEST_SENSE_USAGE, requestSense, PASSES),
    row('READ(6)', blocks6(0x08), read6, READS),
    row('WRITE(6)', blocks6(0x0a), write6, WRITES),
    row('INQUIRY', INQUIRY_USAGE, inquiry, PASSES),
    row('MODE SENSE(6)', MODE_SENSE_6_USAGE, modeSense6, READS),
    row('READ CAPACITY(10)', READ_CAPACITY_10_USAGE, readCapacity10),
    row('READ(10)', blocks10(0x28), read10, READS),
    row('WRITE(10)', blocks10(0x2a), write10, WRITES),
    row('SYNCHRONIZE CACHE(10)', blocks10(0x35, IMMED), synchronizeCache10, WRITES),
    row('UNMAP', UNMAP_USAGE, unmap, WRITES),
    row('MODE SENSE(10)', MODE_SENSE_10_USAGE, modeSense10, READS),
    row('READ(16)', blocks16(0x88), read16, READS),
    row('WRITE(16)', blocks16(0x8a), write16, WRITES),
    row('SYNCHRONIZE CACHE(16)', blocks16(0x91, IMMED), synchronizeCache16, WRITES),
    row('READ CAPACITY(16)', READ_CAPACITY_16_USAGE, readCapacity16, { action: 0x10 }),
    row('REPORT LUNS', REPORT_LUNS_USAGE, (command, unit) => reportLuns(command, unit.inventory), PASSES),
    row('REPORT SUPPORTED OPERATION CODES', REPORT_OPERATIONS_USAGE, reportOperations, { action: 0x0c }),
    row('READ(12)', blocks12(0xa8), read12, READS),
    row('WRITE(12)', blocks12(0xaa), write12, WRITES),
  ],
  SENSE.INVALID_OPCODE,
);

/** What a target answers for a LUN that it does not have. */
export const ABSENT_COMMANDS = new CommandTable<Inventory>(
  [
    row('REQUEST SENSE', REQUEST_SENSE_USAGE, (command) => answerSense(command, SENSE.LUN_NOT_SUPPORTED)),
    row('INQUIRY', INQUIRY_USAGE, inquiryOfAbsent),
    row('REPORT LUNS', REPORT_LUNS_USAGE, reportLuns),
  ],
  SENSE.LUN_NOT_SUPPORTED,
);

/** Commands of a well-known unit that is there to tell what others there are (SPC-4, REPORT LUNS well-known logical unit). */
export const WELL_KNOWN_COMMANDS = new CommandTable<WellKnownUnit>(
  [
    row('TEST UNIT READY', CDB_6.encode({ operation: 0x00 }), testUnitReady),
    row('REQUEST SENSE', REQUEST_SENSE_USAGE, (command) => answerSense(command, SENSE.NO_SENSE)),
    row('INQUIRY', INQUIRY_USAGE, inquiry),
    row('REPORT LUNS', REPORT_LUNS_USAGE, (command, unit) => reportLuns(command, unit.inventory)),
  ],
  SENSE.INVALID_OPCODE,
);

export function row<U>(
  name: string,
  usage: Uint8Array,
  run: (command: Command, unit: U) => void,
  more: { action?: number; passesAttention?: boolean; touches?: Touch } = {},
): Operation<U> {
  const { action = null, passesAttention = false, touches = 'nothing' } = more;
  return { name, usage, action, passesAttention, touches, run };
}

function blocks6(operation: number): Uint8Array {
  return BLOCKS_6.encode({ operation, lba_high: 0x1f, lba_low: U16, blocks: U8 });
}

function blocks10(operation: number, flags = 0): Uint8Array {
  return BLOCKS_10.encode({ operation, flags, lba: U32, blocks: U16 });
}

function blocks12(operation: number): Uint8Array {
  return BLOCKS_12.encode({ operation, lba: U32, blocks: U32 });
}

function blocks16(operation: number, flags = 0): Uint8Array {
  return BLOCKS_16.encode({ operation, flags, lba: U64, blocks: U32 });
}
