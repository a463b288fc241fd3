import { RESERVE_CDB } from '../cdb/registers.ts';
import type { Command } from '../command.ts';
import { CommandTable } from '../commands/operation.ts';
import { COMMANDS, row } from '../commands/table.ts';
import { SENSE } from '../sense.ts';
import type { PartOfUnit, Unit } from '../unit.ts';
import type { Membership, Reservations } from './reservations.ts';
import { readFullStatus, readKeys, readReservation, reportCapabilities } from './reserve-in.ts';
import { clear, preempt, register, registerAndIgnore, release, reserve } from './reserve-out.ts';

const { READ_KEYS, READ_RESERVATION, REPORT_CAPABILITIES, READ_FULL_STATUS } = RESERVE_CDB;
const { REGISTER, RESERVE, RELEASE, CLEAR, PREEMPT, REGISTER_AND_IGNORE } = RESERVE_CDB;

/** The part of a disk that several machines write to, each by a path of its own. */
export function reservedBy(reservations: Reservations): PartOfUnit {
  return (attention) => {
    const member = { reservations, initiator: reservations.join(), attention };
    const commands = commandsOf(member);
    return {
      commands,
      bars(command) {
        const barred = reservations.bars(member, commands.touches(command.cdb));
        if (barred) command.conflict();
        return barred;
      },
    };
  };
}

/** The usual commands, and the service actions in Google's documentation. */
function commandsOf(member: Membership): CommandTable<Unit> {
  const of = (run: (command: Command, member: Membership) => void) => (command: Command) =>
    run(command, member);
  return new CommandTable<Unit>(
    [
      ...COMMANDS.operations,
      row(READ_KEYS, of(readKeys)),
      row(READ_RESERVATION, of(readReservation)),
      row(REPORT_CAPABILITIES, of(reportCapabilities)),
      row(READ_FULL_STATUS, of(readFullStatus)),
      row(REGISTER, of(register)),
      row(RESERVE, of(reserve)),
      row(RELEASE, of(release)),
      row(CLEAR, of(clear)),
      row(PREEMPT, of(preempt)),
      row(REGISTER_AND_IGNORE, of(registerAndIgnore)),
    ],
    SENSE.INVALID_OPCODE,
  );
}
