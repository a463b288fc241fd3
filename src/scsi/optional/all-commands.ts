import { CDB, type Cdb } from '../cdb/registers.ts';
import { CommandTable, type Operation } from '../commands/operation.ts';
import { COMMANDS, row } from '../commands/table.ts';
import { TRANSFER_FLAGS } from '../registers.ts';
import { SENSE } from '../sense.ts';
import type { Unit } from '../unit.ts';
import { erase, exitFailureMode, format, overwrite } from './erase.ts';
import { logSelect, logSense, sendDiagnostic } from './logs/log-pages.ts';
import { modeSelect6, modeSelect10 } from './mode-select.ts';
import { OPTIONAL_CDB } from './registers.ts';
import {
  getLbaStatus,
  preFetch,
  preventAllow,
  readDefects10,
  readDefects12,
  reportFunctions,
  startStop,
} from './service.ts';
import { compareAndWrite, verify, writeAndVerify } from './verify.ts';
import { orWrite, through, writeAtomic, writeSame } from './writes.ts';

const { DPO, FUA } = TRANSFER_FLAGS.mask;
const READS = { touches: 'reads' } as const;
const WRITES = { touches: 'writes' } as const;
/** Those that are not about what is on the medium. */
const ASKS = { ...READS, needsStart: false } as const;
const SETS = { ...WRITES, needsStart: false } as const;
/** Byte 4, bit 0 of both: a stop, and what prevents removal, is for the holder alone (SBC-3, reservations). */
const STOPS = {
  touches: ({ 4: how }: Uint8Array) => ((how! & 1) === 0 ? 'writes' : 'nothing'),
  needsStart: false,
} as const;
const PREVENTS = {
  touches: ({ 4: how }: Uint8Array) => ((how! & 1) === 0 ? 'nothing' : 'writes'),
  needsStart: false,
} as const;
/** READ and WRITE with a byte of flags, which then has DPO and FUA. */
const FLAGGED: readonly Cdb[] = [
  CDB.READ_10,
  CDB.READ_12,
  CDB.READ_16,
  CDB.WRITE_10,
  CDB.WRITE_12,
  CDB.WRITE_16,
];
const WRITING: readonly Cdb[] = [CDB.WRITE_6, CDB.WRITE_10, CDB.WRITE_12, CDB.WRITE_16];

/** Every command of a disk with `commands: 'all'`: those of a PersistentDisk, and those that it is not known to have. */
export const ALL_COMMANDS = new CommandTable<Unit>(
  [
    ...COMMANDS.operations.map(withFlags),
    row(OPTIONAL_CDB.FORMAT_UNIT, format, WRITES),
    row(OPTIONAL_CDB.MODE_SELECT_6, modeSelect6, SETS),
    row(OPTIONAL_CDB.RESERVE_6, isAlone),
    row(OPTIONAL_CDB.RELEASE_6, isAlone),
    row(OPTIONAL_CDB.START_STOP, startStop, STOPS),
    row(OPTIONAL_CDB.SEND_DIAGNOSTIC, sendDiagnostic, SETS),
    row(OPTIONAL_CDB.PREVENT_ALLOW, preventAllow, PREVENTS),
    row(OPTIONAL_CDB.WRITE_AND_VERIFY_10, writeAndVerify, WRITES),
    row(OPTIONAL_CDB.VERIFY_10, verify, READS),
    row(OPTIONAL_CDB.PRE_FETCH_10, preFetch, READS),
    row(OPTIONAL_CDB.READ_DEFECT_DATA_10, readDefects10, ASKS),
    flushing(OPTIONAL_CDB.WRITE_SAME_10, writeSame),
    row(OPTIONAL_CDB.SANITIZE_OVERWRITE, overwrite, WRITES),
    row(OPTIONAL_CDB.SANITIZE_BLOCK_ERASE, erase, WRITES),
    row(OPTIONAL_CDB.SANITIZE_CRYPTO_ERASE, erase, WRITES),
    row(OPTIONAL_CDB.SANITIZE_EXIT, exitFailureMode, SETS),
    row(OPTIONAL_CDB.LOG_SELECT, logSelect, SETS),
    row(OPTIONAL_CDB.LOG_SENSE, logSense),
    row(OPTIONAL_CDB.MODE_SELECT_10, modeSelect10, SETS),
    row(OPTIONAL_CDB.RESERVE_10, isAlone),
    row(OPTIONAL_CDB.RELEASE_10, isAlone),
    flushing(OPTIONAL_CDB.COMPARE_AND_WRITE, compareAndWrite),
    flushing(OPTIONAL_CDB.ORWRITE_16, orWrite),
    row(OPTIONAL_CDB.WRITE_AND_VERIFY_16, writeAndVerify, WRITES),
    row(OPTIONAL_CDB.VERIFY_16, verify, READS),
    row(OPTIONAL_CDB.PRE_FETCH_16, preFetch, READS),
    flushing(OPTIONAL_CDB.WRITE_SAME_16, writeSame),
    flushing(OPTIONAL_CDB.WRITE_ATOMIC_16, writeAtomic),
    row(OPTIONAL_CDB.GET_LBA_STATUS, getLbaStatus, READS),
    row(OPTIONAL_CDB.REPORT_FUNCTIONS, reportFunctions, ASKS),
    row(OPTIONAL_CDB.WRITE_AND_VERIFY_12, writeAndVerify, WRITES),
    row(OPTIONAL_CDB.VERIFY_12, verify, READS),
    row(OPTIONAL_CDB.READ_DEFECT_DATA_12, readDefects12, ASKS),
  ].sort((a, b) => a.usage[0]! - b.usage[0]!),
  SENSE.INVALID_OPCODE,
);

/** A write that flushes what it wrote, if FUA is set or the cache is off. */
function flushing(cdb: Cdb, run: Operation<Unit>['run']): Operation<Unit> {
  return row(cdb, through({ ...cdb, run }), WRITES);
}

/** RESERVE and RELEASE: no other initiator has this disk. */
function isAlone(): void {}

function withFlags(operation: Operation<Unit>): Operation<Unit> {
  const isOf = (cdbs: readonly Cdb[]) => cdbs.some(({ usage }) => usage === operation.usage);
  const usage = operation.usage.slice();
  if (isOf(FLAGGED)) usage[TRANSFER_FLAGS.offset]! |= DPO | FUA;
  return { ...operation, usage, run: isOf(WRITING) ? through(operation) : operation.run };
}
