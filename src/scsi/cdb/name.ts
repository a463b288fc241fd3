import { CDB, type Cdb } from './registers.ts';

/** The service action, in the five low bits. */
const ACTION = 1;
const ACTION_MASK = 0x1f;

const BY_OPCODE = new Map<number, Cdb[]>();
for (const one of Object.values(CDB) as Cdb[]) {
  const opcode = one.usage[0]!;
  BY_OPCODE.set(opcode, [...(BY_OPCODE.get(opcode) ?? []), one]);
}

/** The name in the standards: `READ(10)`; for opcodes that no unit here supports, `opcode a3`. */
export function commandName(cdb: Uint8Array): string {
  const action = cdb[ACTION]! & ACTION_MASK;
  const named = BY_OPCODE.get(cdb[0]!)?.find((one) => one.action === null || one.action === action);
  return named?.name ?? `opcode ${cdb[0]!.toString(16).padStart(2, '0')}`;
}
