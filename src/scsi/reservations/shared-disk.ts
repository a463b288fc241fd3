import { type Cdb, RESERVE_CDB } from '../cdb/registers.ts';
import type { Command } from '../command.ts';
import { CommandTable } from '../commands/operation.ts';
import { row } from '../commands/table.ts';
import { OPTIONAL_CDB } from '../optional/registers.ts';
import { SENSE } from '../sense.ts';
import type { PartOfUnit, Unit } from '../unit.ts';
import type { Membership, Reservations } from './reservations.ts';
import { readFullStatus, readKeys, readReservation, reportCapabilities } from './reserve-in.ts';
import {
  clear,
  preempt,
  preemptAndAbort,
  register,
  registerAndIgnore,
  registerAndMove,
  release,
  reserve,
} from './reserve-out.ts';

const { READ_KEYS, READ_RESERVATION, REPORT_CAPABILITIES, READ_FULL_STATUS } = RESERVE_CDB;
const { REGISTER, RESERVE, RELEASE, CLEAR, PREEMPT, PREEMPT_AND_ABORT } = RESERVE_CDB;
const { REGISTER_AND_IGNORE, REGISTER_AND_MOVE } = RESERVE_CDB;

const OWNS = opcodesOf(OPTIONAL_CDB.RESERVE_6, OPTIONAL_CDB.RESERVE_10);
const RELEASES = opcodesOf(OPTIONAL_CDB.RELEASE_6, OPTIONAL_CDB.RELEASE_10);

/** The part of a disk that several machines write to, each by a path of its own. */
export function reservedBy(reservations: Reservations): PartOfUnit {
  return (nexus, usual, modes) => {
    const member: Membership = {
      reservations,
      hasAll: modes.hasAll,
      initiator: reservations.members.length + 1,
      attention: (asc, ascq) => nexus.attention(asc, ascq),
      endTasks: (isReset) => nexus.endTasks(isReset),
    };
    reservations.members.push(member);
    const commands = commandsOf(member, usual);
    return {
      commands,
      bars(command) {
        const { cdb } = command;
        const isOwned = reservations.isOwnedByOther(member) && !passesOwner(cdb, commands);
        const barred = isOwned || reservations.bars(member, commands.touches(cdb));
        if (barred) command.conflict();
        return barred;
      },
      modes: modes.hasAll ? (reservations.modes ??= modes) : modes,
      tellOthers: (why) => reservations.tellOthers(member, why),
      reset: () => reservations.reset(member),
      tasksCleared: () => reservations.clearTasks(member),
      // A reservation of SPC-2 ends with the nexus, a persistent one stays.
      nexusLost: () => reservations.disown(member),
    };
  };
}

/** RELEASE, and what reports of the unit and its target, are not barred by RESERVE (SPC-2, 5.5.1). */
function passesOwner(cdb: Uint8Array, commands: CommandTable<Unit>): boolean {
  return RELEASES.has(cdb[0]!) || commands.passesAttention(cdb);
}

/** The usual commands, and the service actions in Google's documentation, or all. RESERVE and RELEASE are the member's, if there are any. */
function commandsOf(member: Membership, usual: CommandTable<Unit>): CommandTable<Unit> {
  const of = (run: (command: Command, member: Membership) => void) => (command: Command) =>
    run(command, member);
  const owns = of((command) => {
    if (!member.reservations.own(member)) command.conflict();
  });
  const disowns = of(() => member.reservations.disown(member));
  return new CommandTable<Unit>(
    [
      ...usual.operations.map((operation) => {
        const opcode = operation.usage[0]!;
        return {
          ...operation,
          run: OWNS.has(opcode) ? owns : RELEASES.has(opcode) ? disowns : operation.run,
        };
      }),
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
      ...(member.hasAll
        ? [row(PREEMPT_AND_ABORT, of(preemptAndAbort)), row(REGISTER_AND_MOVE, of(registerAndMove))]
        : []),
    ],
    SENSE.INVALID_OPCODE,
  );
}

function opcodesOf(...cdbs: readonly Cdb[]): ReadonlySet<number> {
  return new Set(cdbs.map(({ usage }) => usage[0]!));
}
