import { CDB, type Cdb } from '../cdb/registers.ts';
import type { Command } from '../command.ts';
import { SENSE } from '../sense.ts';
import type { Inventory, Unit, WellKnownUnit } from '../unit.ts';
import { readCapacity10, readCapacity16 } from './capacity.ts';
import { inquiry, inquiryOfAbsent } from './inquiry.ts';
import { modeSense6, modeSense10 } from './mode-sense.ts';
import { CommandTable, type Operation } from './operation.ts';
import { read, write } from './read-write.ts';
import { answerSense, requestSense, testUnitReady } from './ready.ts';
import { reportLuns } from './report-luns.ts';
import { reportOperations } from './report-operations.ts';
import { synchronizeCache } from './synchronize-cache.ts';
import { unmap } from './unmap.ts';

const PASSES = { passesAttention: true };
const READS = { touches: 'reads' } as const;
const WRITES = { touches: 'writes' } as const;
/** Reading what is not on the medium. */
const ASKS = { ...READS, needsStart: false } as const;

/** Every command of a logical unit. */
export const COMMANDS = new CommandTable<Unit>(
  [
    row(CDB.TEST_UNIT_READY, testUnitReady, { needsStart: true }),
    row(CDB.REQUEST_SENSE, requestSense, PASSES),
    row(CDB.READ_6, read, READS),
    row(CDB.WRITE_6, write, WRITES),
    row(CDB.INQUIRY, inquiry, PASSES),
    row(CDB.MODE_SENSE_6, modeSense6, ASKS),
    row(CDB.READ_CAPACITY_10, readCapacity10),
    row(CDB.READ_10, read, READS),
    row(CDB.WRITE_10, write, WRITES),
    row(CDB.SYNCHRONIZE_CACHE_10, synchronizeCache, WRITES),
    row(CDB.UNMAP, unmap, WRITES),
    row(CDB.MODE_SENSE_10, modeSense10, ASKS),
    row(CDB.READ_16, read, READS),
    row(CDB.WRITE_16, write, WRITES),
    row(CDB.SYNCHRONIZE_CACHE_16, synchronizeCache, WRITES),
    row(CDB.READ_CAPACITY_16, readCapacity16),
    row(CDB.REPORT_LUNS, (command, unit) => reportLuns(command, unit.inventory), PASSES),
    row(CDB.REPORT_OPERATIONS, reportOperations, ASKS),
    row(CDB.READ_12, read, READS),
    row(CDB.WRITE_12, write, WRITES),
  ],
  SENSE.INVALID_OPCODE,
);

/** The answers of a target for a LUN that it does not have. */
export const ABSENT_COMMANDS = new CommandTable<Inventory>(
  [
    row(CDB.REQUEST_SENSE, (command) => answerSense(command, SENSE.LUN_NOT_SUPPORTED)),
    row(CDB.INQUIRY, inquiryOfAbsent),
    row(CDB.REPORT_LUNS, reportLuns),
  ],
  SENSE.LUN_NOT_SUPPORTED,
);

/** Commands of a well-known unit that reports the other units (SPC-4, REPORT LUNS well-known logical unit). */
export const WELL_KNOWN_COMMANDS = new CommandTable<WellKnownUnit>(
  [
    row(CDB.TEST_UNIT_READY, testUnitReady),
    row(CDB.REQUEST_SENSE, (command) => answerSense(command, SENSE.NO_SENSE)),
    row(CDB.INQUIRY, inquiry),
    row(CDB.REPORT_LUNS, (command, unit) => reportLuns(command, unit.inventory)),
  ],
  SENSE.INVALID_OPCODE,
);

export function row<U>(
  { name, usage, action }: Cdb,
  run: (command: Command, unit: U) => void,
  more: Partial<Pick<Operation<U>, 'passesAttention' | 'touches' | 'needsStart'>> = {},
): Operation<U> {
  const { passesAttention = false, touches = 'nothing', needsStart = touches !== 'nothing' } = more;
  return { name, usage, action, passesAttention, touches, needsStart, run };
}
