import { CDB, type Cdb } from './registers.ts';

/** Where a service action stands, in its five low bits. */
const ACTION = 1;
const ACTION_MASK = 0x1f;

const BY_OPCODE = new Map<number, Cdb[]>();
for (const one of Object.values(CDB) as Cdb[]) {
  const opcode = one.usage[0]!;
  BY_OPCODE.set(opcode, [...(BY_OPCODE.get(opcode) ?? []), one]);
}

/** What the standards call it: `READ(10)`; of those that no unit here knows, `opcode a3`. */
export function commandName(cdb: Uint8Array): string {
  const action = cdb[ACTION]! & ACTION_MASK;
  const named = BY_OPCODE.get(cdb[0]!)?.find((one) => one.action === null || one.action === action);
  return named?.name ?? `opcode ${cdb[0]!.toString(16).padStart(2, '0')}`;
}
