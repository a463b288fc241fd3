import type { Budget } from '../../../core/budget.ts';
import { ByteReader } from '../../../core/byte-reader.ts';
import { Segments } from '../../../core/segments.ts';
import type { Chain, Virtqueue } from '../../queue/virtqueue.ts';
import type { AdminEvents } from './events.ts';
import {
  type AdminModel,
  AdminState,
  type Answer,
  type Capability,
  done,
  type ObjectKind,
  refused,
} from './model.ts';
import {
  ADMIN_CMD,
  ADMIN_GROUP,
  ADMIN_WORD,
  virtio_admin_cmd_cap_get_data as cap,
  virtio_admin_cmd_resource_obj_create_data as create,
  virtio_admin_cmd,
  virtio_admin_cmd_answer,
} from './registers.ts';

const BITS = 8 * ADMIN_WORD;

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
function command(
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

/** Numbers as bits in words of eight bytes, as many as the largest needs. */
function listOf(numbers: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((Math.max(...numbers) + 1) / BITS) * ADMIN_WORD);
  for (const number of numbers) bytes[number >> 3]! |= 1 << (number & 7);
  return bytes;
}

/** The numbers below `end` whose bits are set; further bits are ignored. */
function numbersIn(list: ByteReader, end: number): number[] {
  return Array.from({ length: end }, (_, number) => number).filter(
    (number) => (list.u8(number >> 3) & (1 << (number & 7))) !== 0,
  );
}

function listCapabilities({ capabilities }: AdminModel): Answer {
  return done(listOf(capabilities.map(({ id }) => id)));
}

function getCapability(model: AdminModel, data: ByteReader): Answer {
  const capability = named(model, data);
  return capability === undefined ? refused('ENXIO', 'INVALID_FIELD') : done(capability.offered);
}

/** A capability that objects depend on must not change. */
function setCapability(state: AdminState, model: AdminModel, data: ByteReader): Answer {
  const capability = named(model, data);
  if (capability === undefined) return refused('ENXIO', 'INVALID_FIELD');
  const { id } = capability;
  const rest = new ByteReader('le', data.bytes(cap.size, Math.max(0, data.length - cap.size)));
  if (model.kinds.some(({ type, needs }) => needs.includes(id) && state.of(type).size > 0))
    return refused('EBUSY', 'INVALID_COMMAND');
  if (!capability.allows(rest)) return refused('EINVAL', 'INVALID_FIELD');
  state.set(id, rest.bytes(0, capability.bytesOf(rest)));
  return done();
}

function named({ capabilities }: AdminModel, data: ByteReader): Capability | undefined {
  return capabilities.find(({ id }) => id === data.u16(cap.offset.id));
}

/** The object that a command names, and what follows its head. */
interface Named {
  readonly kind: ObjectKind;
  readonly id: number;
  readonly body: ByteReader;
}

function createObject(state: AdminState, model: AdminModel, data: ByteReader): Answer {
  return ofObject(state, model, data, ({ kind, id, body }) => {
    if (state.of(kind.type).has(id)) return refused('EEXIST', 'INVALID_FIELD');
    if (id >= kind.limit(state)) return kind.beyond;
    return keep(state, { kind, id, body });
  });
}

function modifyObject(state: AdminState, model: AdminModel, data: ByteReader): Answer {
  return ofObject(state, model, data, ({ kind, id, body }) => {
    if (!state.of(kind.type).has(id)) return refused('ENXIO', 'INVALID_FIELD');
    if (kind.carries(id, state)) return refused('EBUSY', 'INVALID_COMMAND');
    return keep(state, { kind, id, body });
  });
}

function queryObject(state: AdminState, model: AdminModel, data: ByteReader): Answer {
  return ofObject(state, model, data, ({ kind, id }) => {
    const kept = state.of(kind.type).get(id);
    return kept === undefined ? refused('ENXIO', 'INVALID_FIELD') : done(kept.bytes(0, kept.length));
  });
}

function destroyObject(state: AdminState, model: AdminModel, data: ByteReader): Answer {
  return ofObject(state, model, data, ({ kind, id }) => {
    if (!state.of(kind.type).has(id)) return refused('ENXIO', 'INVALID_FIELD');
    if (kind.carries(id, state)) return refused('EBUSY', 'INVALID_COMMAND');
    state.destroy(kind.type, id);
    return done();
  });
}

/** Without one of its capabilities, no command for objects of a type exists (virtio 1.4, Flow filter). */
function ofObject(
  state: AdminState,
  { kinds }: AdminModel,
  data: ByteReader,
  act: (named: Named) => Answer,
): Answer {
  const kind = kinds.find(({ type }) => type === data.u16(create.offset.type));
  if (kind === undefined) return refused('ENXIO', 'INVALID_FIELD');
  if (!kind.needs.every((id) => state.capabilities.has(id))) return refused('EINVAL', 'INVALID_OPCODE');
  const body = data.bytes(create.size, Math.max(0, data.length - create.size));
  return act({ kind, id: data.u32(create.offset.id), body: new ByteReader('le', body) });
}

function keep(state: AdminState, { kind, id, body }: Named): Answer {
  if (!kind.allows(body, id, state)) return refused('EINVAL', 'INVALID_FIELD');
  state.put(kind.type, id, body.bytes(0, kind.bytesOf(body)));
  return done();
}

const { size: HEAD, offset: at } = virtio_admin_cmd;
const { size: ANSWER } = virtio_admin_cmd_answer;
/** Maximum bytes read of a command, including its head: the longest command fits. */
const COMMAND_MOST = 4096;

/** The device that has the queue. */
interface AdministeredDevice {
  readonly budget: Budget;
  readonly events: AdminEvents | null;
}

/**
 * An administration virtqueue (virtio 1.4, Administration Virtqueues), for commands to the device itself: a part that is
 * too short is padded with zeros, or cut; the excess of one that is too long is ignored.
 *
 * @example
 * const admin = new AdminQueue(device, model);
 * admin.serve(queue);       // takes, executes and answers all waiting commands
 * admin.state.reset();
 */
export class AdminQueue {
  readonly state = new AdminState();
  private readonly device: AdministeredDevice;
  private readonly model: AdminModel;
  private readonly readable = new Segments();
  private readonly writable = new Segments();
  private readonly bytes = new Uint8Array(COMMAND_MOST);

  /** @param model the objects and capabilities available. */
  constructor(device: AdministeredDevice, model: AdminModel) {
    this.device = device;
    this.model = model;
  }

  serve(queue: Virtqueue): void {
    const { budget } = this.device;
    while (budget.left > 0 && queue.pop()) {
      budget.spendOn(queue.chain.count, COMMAND_MOST);
      queue.chain.resolve(this.readable, this.writable);
      const answer = this.answerTo(queue.index, queue.chain);
      queue.push(queue.chain.id, this.writable.scatter(encode(answer)));
    }
    queue.flush();
  }

  private answerTo(queue: number, chain: Chain): Answer {
    const { bytes } = this;
    const { events } = this.device;
    bytes.fill(0, 0, HEAD);
    const length = this.readable.gather(bytes, 0, Math.min(COMMAND_MOST, this.readable.total));
    const head = new ByteReader('le', bytes, 0, length);
    const [opcode, group] = [head.u16(at.opcode), head.u16(at.group_type)];
    const data = new ByteReader('le', bytes.subarray(0, Math.max(HEAD, length)), HEAD);
    events?.commanded(queue, chain, opcode, group, data);
    const member = (BigInt(head.high(at.group_member_id)) << 32n) | BigInt(head.low(at.group_member_id));
    const answer =
      group === ADMIN_GROUP.SELF
        ? command(this.state, this.model, { opcode, member, data })
        : refused('EINVAL', 'INVALID_GROUP');
    events?.statusGiven(answer.status, answer.result);
    return answer;
  }
}

/** Rounds up to whole words. */
function encode({ result, ...status }: Answer): Uint8Array {
  const bytes = new Uint8Array(ANSWER + Math.ceil(result.length / ADMIN_WORD) * ADMIN_WORD);
  virtio_admin_cmd_answer.encode(status, bytes);
  bytes.set(result, ANSWER);
  return bytes;
}
