import type { Command } from '../command.ts';
import { CommandTable, type Operation } from '../commands/operation.ts';
import { COMMANDS, row } from '../commands/table.ts';
import { RESERVE_IN, RESERVE_OUT } from '../registers.ts';
import { SENSE } from '../sense.ts';
import type { Unit } from '../unit.ts';
import type { Membership } from './reservations.ts';
import { readFullStatus, readKeys, readReservation, reportCapabilities } from './reserve-in.ts';
import { clear, preempt, register, registerAndIgnore, release, reserve } from './reserve-out.ts';

type Action = (command: Command, member: Membership) => void;
const U8 = 0xff;
const U16 = 0xffff;
const U32 = 0xffff_ffff;

/** Every command of a disk that several machines write to: those service actions that Google's document lists. */
export const SHARED_COMMANDS = new CommandTable<Unit>(
  [
    ...COMMANDS.operations,
    reserveIn('READ KEYS', 0x00, readKeys),
    reserveIn('READ RESERVATION', 0x01, readReservation),
    reserveIn('REPORT CAPABILITIES', 0x02, reportCapabilities),
    reserveIn('READ FULL STATUS', 0x03, readFullStatus),
    reserveOut('REGISTER', 0x00, register),
    reserveOut('RESERVE', 0x01, reserve),
    reserveOut('RELEASE', 0x02, release),
    reserveOut('CLEAR', 0x03, clear),
    reserveOut('PREEMPT', 0x04, preempt),
    reserveOut('REGISTER AND IGNORE EXISTING KEY', 0x06, registerAndIgnore),
  ],
  SENSE.INVALID_OPCODE,
);

function reserveIn(name: string, action: number, run: Action): Operation<Unit> {
  const usage = RESERVE_IN.encode({ operation: 0x5e, action, allocation: U16 });
  return row(`PERSISTENT RESERVE IN, ${name}`, usage, ofMember(run), { action });
}

function reserveOut(name: string, action: number, run: Action): Operation<Unit> {
  const usage = RESERVE_OUT.encode({ operation: 0x5f, action, scope_type: U8, length: U32 });
  return row(`PERSISTENT RESERVE OUT, ${name}`, usage, ofMember(run), { action });
}

/** A unit that has these commands is a member. */
function ofMember(run: Action): (command: Command, unit: Unit) => void {
  return (command, unit) => run(command, unit.membership!);
}
