import { byOpcode, type Cdb } from '../cdb/cdb.ts';
import { SERVICE_ACTION } from '../cdb/registers.ts';
import type { Command } from '../command.ts';
import type { Sense } from '../sense.ts';

const { ACTION } = SERVICE_ACTION.mask;
const HIGHEST_ACTION_BIT = 4;

/** Access of a command to the medium, for reservations: defined in a table of SPC-4 (5.13), and one of SBC-3. */
export type Touch = 'nothing' | 'reads' | 'writes';

/** One row of the table of commands. `U` is the unit that executes it; a bit outside of `usage` is an invalid field. */
export interface Operation<U> extends Pick<Cdb, 'name' | 'usage' | 'action'> {
  /** Is executed although a unit attention is pending, and leaves it pending (SAM-5 5.14). */
  readonly passesAttention: boolean;
  readonly touches: Touch | ((cdb: Uint8Array) => Touch);
  /** A unit that was stopped is not ready for it. */
  readonly needsStart: boolean;
  readonly run: (command: Command, unit: U) => void;
}

/** Commands by opcode and service action, with the checks that all have in common. */
export class CommandTable<U> {
  readonly operations: readonly Operation<U>[];
  private readonly byOpcode: readonly (readonly Operation<U>[])[];
  private readonly otherwise: Sense;

  /** @param otherwise the answer to an opcode without a row. */
  constructor(operations: readonly Operation<U>[], otherwise: Sense) {
    this.operations = operations;
    this.byOpcode = byOpcode(operations);
    this.otherwise = otherwise;
  }

  /** Whether this CDB names a command that is executed despite a pending unit attention. */
  passesAttention(cdb: Uint8Array): boolean {
    return this.find(cdb)?.passesAttention ?? false;
  }

  /** The access of this CDB to the medium; an unknown command has none. */
  touches(cdb: Uint8Array): Touch {
    const touches = this.find(cdb)?.touches ?? 'nothing';
    return typeof touches === 'string' ? touches : touches(cdb);
  }

  /** Whether a unit that was stopped refuses this CDB. */
  needsStart(cdb: Uint8Array): boolean {
    return this.find(cdb)?.needsStart ?? false;
  }

  run(command: Command, unit: U): void {
    const operation = this.find(command.cdb);
    if (operation !== undefined) {
      if (inUse(command, operation.usage)) operation.run(command, unit);
    } else if (this.byOpcode[command.cdb[0]!]!.length === 0) command.check(this.otherwise);
    else command.invalidField(SERVICE_ACTION.offset, HIGHEST_ACTION_BIT);
  }

  private find(cdb: Uint8Array): Operation<U> | undefined {
    const rows = this.byOpcode[cdb[0]!]!;
    const first = rows[0];
    if (first === undefined || first.action === null) return first;
    const action = cdb[1]! & ACTION;
    for (const row of rows) if (row.action === action) return row;
    return undefined;
  }
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
