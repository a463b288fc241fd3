import { byOpcode, type Cdb } from '../cdb/registers.ts';
import type { Command } from '../command.ts';
import { SERVICE_ACTION } from '../registers.ts';
import type { Sense } from '../sense.ts';

const { ACTION } = SERVICE_ACTION.mask;
const HIGHEST_ACTION_BIT = 4;

/** What a command does to the medium, as reservations see it: a table of SPC-4 (5.13), and one of SBC-3, say it of each. */
export type Touch = 'nothing' | 'reads' | 'writes';

/** One row of the table of commands. `U` is what carries it out; a bit outside of `usage` is an invalid field. */
export interface Operation<U> extends Pick<Cdb, 'name' | 'usage' | 'action'> {
  /** Is carried out although a unit attention is pending, and leaves it pending (SAM-5 5.14). */
  readonly passesAttention: boolean;
  readonly touches: Touch;
  readonly run: (command: Command, unit: U) => void;
}

/** Commands by opcode and service action, with the checks that all have in common. */
export class CommandTable<U> {
  readonly operations: readonly Operation<U>[];
  private readonly byOpcode: readonly (readonly Operation<U>[])[];
  private readonly otherwise: Sense;

  /** @param otherwise what an opcode gets that has no row. */
  constructor(operations: readonly Operation<U>[], otherwise: Sense) {
    this.operations = operations;
    this.byOpcode = byOpcode(operations);
    this.otherwise = otherwise;
  }

  /** Whether this CDB names a command that a pending unit attention lets pass. */
  passesAttention(cdb: Uint8Array): boolean {
    return this.byOpcode[cdb[0]!]![0]?.passesAttention ?? false;
  }

  /** What of the medium this CDB touches; a command that is not there touches nothing. */
  touches(cdb: Uint8Array): Touch {
    return this.byOpcode[cdb[0]!]![0]?.touches ?? 'nothing';
  }

  run(command: Command, unit: U): void {
    const rows = this.byOpcode[command.cdb[0]!]!;
    if (rows.length === 0) {
      command.check(this.otherwise);
      return;
    }
    const operation = rows[0]!.action === null ? rows[0]! : withAction(rows, command.cdb[1]! & ACTION);
    if (operation === undefined) command.invalidField(SERVICE_ACTION.offset, HIGHEST_ACTION_BIT);
    else if (inUse(command, operation.usage)) operation.run(command, unit);
  }
}

function withAction<U>(rows: readonly Operation<U>[], action: number): Operation<U> | undefined {
  for (const row of rows) if (row.action === action) return row;
  return undefined;
}

function inUse(command: Command, usage: Uint8Array): boolean {
  for (let i = 0; i < usage.length; i++) {
    const unused = command.cdb[i]! & ~usage[i]!;
    if (unused !== 0) {
      command.invalidField(i, 31 - Math.clz32(unused));
      return false;
    }
  }
  return true;
}
