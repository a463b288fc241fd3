import type { ByteReader } from '../../../core/byte-reader.ts';
import { type Answer, done, refused } from './answer.ts';
import { getCapability, listCapabilities, setCapability } from './capabilities.ts';
import { listOf, numbersIn } from './lists.ts';
import type { AdminModel } from './model.ts';
import { createObject, destroyObject, modifyObject, queryObject } from './objects.ts';
import { ADMIN_CMD, ADMIN_WORD } from './registers.ts';
import type { AdminState } from './state.ts';

interface Served {
  /** Its group_member_id must be that of the one member. */
  readonly ofMember: boolean;
  carryOut(state: AdminState, model: AdminModel, data: ByteReader): Answer;
}

const COMMANDS: ReadonlyMap<number, Served> = new Map<number, Served>([
  [ADMIN_CMD.LIST_QUERY, { ofMember: false, carryOut: () => done(listOf(OPCODES)) }],
  [ADMIN_CMD.LIST_USE, { ofMember: false, carryOut: (state, _model, data) => use(state, data) }],
  [ADMIN_CMD.CAP_ID_LIST_QUERY, { ofMember: true, carryOut: (_state, model) => listCapabilities(model) }],
  [ADMIN_CMD.DEVICE_CAP_GET, { ofMember: true, carryOut: (_, model, data) => getCapability(model, data) }],
  [ADMIN_CMD.DRIVER_CAP_SET, { ofMember: true, carryOut: setCapability }],
  [ADMIN_CMD.RESOURCE_OBJ_CREATE, { ofMember: true, carryOut: createObject }],
  [ADMIN_CMD.RESOURCE_OBJ_MODIFY, { ofMember: true, carryOut: modifyObject }],
  [ADMIN_CMD.RESOURCE_OBJ_QUERY, { ofMember: true, carryOut: queryObject }],
  [ADMIN_CMD.RESOURCE_OBJ_DESTROY, { ofMember: true, carryOut: destroyObject }],
]);
const OPCODES: readonly number[] = [...COMMANDS.keys()];

/** A command to the group of the device itself, whose one member is 0. */
export function command(
  state: AdminState,
  model: AdminModel,
  { opcode, member, data }: { readonly opcode: number; readonly member: bigint; readonly data: ByteReader },
): Answer {
  const served = COMMANDS.get(opcode);
  if (served === undefined || !state.used.has(opcode)) return refused('EINVAL', 'INVALID_OPCODE');
  if (served.ofMember && member !== 0n) return refused('EINVAL', 'INVALID_MEMBER');
  return served.carryOut(state, model, data);
}

/** Bits after the word that has all of our commands are ignored. */
function use(state: AdminState, data: ByteReader): Answer {
  const used = numbersIn(data, 8 * ADMIN_WORD);
  if (!used.every((opcode) => COMMANDS.has(opcode))) return refused('EINVAL', 'INVALID_FIELD');
  state.used = new Set(used);
  return done();
}
