import { CDB, type Cdb } from '../cdb/registers.ts';
import type { Command } from '../command.ts';
import { SENSE } from '../sense.ts';
import type { Inventory, Unit, WellKnownUnit } from '../unit.ts';
import { readCapacity10, readCapacity16 } from './capacity.ts';
import { inquiry, inquiryOfAbsent } from './inquiry.ts';
import { modeSense6, modeSense10 } from './mode-sense.ts';
import { CommandTable, type Operation } from './operation.ts';
import { read6, read10, read12, read16, write6, write10, write12, write16 } from './read-write.ts';
import { answerSense, requestSense, testUnitReady } from './ready.ts';
import { reportLuns } from './report-luns.ts';
import { reportOperations } from './report-operations.ts';
import { synchronizeCache10, synchronizeCache16 } from './synchronize-cache.ts';
import { unmap } from './unmap.ts';

const PASSES = true;

/** Every command of a logical unit. */
export const COMMANDS = new CommandTable<Unit>(
  [
    row(CDB.TEST_UNIT_READY, testUnitReady),
    row(CDB.REQUEST_SENSE, requestSense, PASSES),
    row(CDB.READ_6, read6),
    row(CDB.WRITE_6, write6),
    row(CDB.INQUIRY, inquiry, PASSES),
    row(CDB.MODE_SENSE_6, modeSense6),
    row(CDB.READ_CAPACITY_10, readCapacity10),
    row(CDB.READ_10, read10),
    row(CDB.WRITE_10, write10),
    row(CDB.SYNCHRONIZE_CACHE_10, synchronizeCache10),
    row(CDB.UNMAP, unmap),
    row(CDB.MODE_SENSE_10, modeSense10),
    row(CDB.READ_16, read16),
    row(CDB.WRITE_16, write16),
    row(CDB.SYNCHRONIZE_CACHE_16, synchronizeCache16),
    row(CDB.READ_CAPACITY_16, readCapacity16),
    row(CDB.REPORT_LUNS, (command, unit) => reportLuns(command, unit.inventory), PASSES),
    row(CDB.REPORT_OPERATIONS, reportOperations),
    row(CDB.READ_12, read12),
    row(CDB.WRITE_12, write12),
  ],
  SENSE.INVALID_OPCODE,
);

/** What a target answers for a LUN that it does not have. */
export const ABSENT_COMMANDS = new CommandTable<Inventory>(
  [
    row(CDB.REQUEST_SENSE, (command) => answerSense(command, SENSE.LUN_NOT_SUPPORTED)),
    row(CDB.INQUIRY, inquiryOfAbsent),
    row(CDB.REPORT_LUNS, reportLuns),
  ],
  SENSE.LUN_NOT_SUPPORTED,
);

/** Commands of a well-known unit that is there to tell what others there are (SPC-4, REPORT LUNS well-known logical unit). */
export const WELL_KNOWN_COMMANDS = new CommandTable<WellKnownUnit>(
  [
    row(CDB.TEST_UNIT_READY, testUnitReady),
    row(CDB.REQUEST_SENSE, (command) => answerSense(command, SENSE.NO_SENSE)),
    row(CDB.INQUIRY, inquiry),
    row(CDB.REPORT_LUNS, (command, unit) => reportLuns(command, unit.inventory)),
  ],
  SENSE.INVALID_OPCODE,
);

function row<U>(
  { name, usage, action }: Cdb,
  run: (command: Command, unit: U) => void,
  passesAttention = false,
): Operation<U> {
  return { name, usage, action, passesAttention, run };
}
