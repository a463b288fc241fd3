import { RESERVE_CDB } from '../cdb/registers.ts';
import type { Command } from '../command.ts';
import { CommandTable } from '../commands/operation.ts';
import { COMMANDS, row } from '../commands/table.ts';
import { SENSE } from '../sense.ts';
import type { Unit } from '../unit.ts';
import type { Membership } from './reservations.ts';
import { readFullStatus, readKeys, readReservation, reportCapabilities } from './reserve-in.ts';
import { clear, preempt, register, registerAndIgnore, release, reserve } from './reserve-out.ts';

type Action = (command: Command, member: Membership) => void;
const { READ_KEYS, READ_RESERVATION, REPORT_CAPABILITIES, READ_FULL_STATUS } = RESERVE_CDB;
const { REGISTER, RESERVE, RELEASE, CLEAR, PREEMPT, REGISTER_AND_IGNORE } = RESERVE_CDB;

/** Every command of a disk that several machines write to: the service actions in Google's documentation. */
export const SHARED_COMMANDS = new CommandTable<Unit>(
  [
    ...COMMANDS.operations,
    row(READ_KEYS, ofMember(readKeys)),
    row(READ_RESERVATION, ofMember(readReservation)),
    row(REPORT_CAPABILITIES, ofMember(reportCapabilities)),
    row(READ_FULL_STATUS, ofMember(readFullStatus)),
    row(REGISTER, ofMember(register)),
    row(RESERVE, ofMember(reserve)),
    row(RELEASE, ofMember(release)),
    row(CLEAR, ofMember(clear)),
    row(PREEMPT, ofMember(preempt)),
    row(REGISTER_AND_IGNORE, ofMember(registerAndIgnore)),
  ],
  SENSE.INVALID_OPCODE,
);

/** A unit with these commands has a member. */
function ofMember(run: Action): (command: Command, unit: Unit) => void {
  return (command, unit) => run(command, unit.membership!);
}
