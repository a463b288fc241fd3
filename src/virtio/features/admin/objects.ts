import { ByteReader } from '../../../core/byte-reader.ts';
import { type Answer, done, refused } from './answer.ts';
import type { AdminModel, ObjectKind } from './model.ts';
import { virtio_admin_cmd_resource_obj_create_data as create } from './registers.ts';
import type { AdminState } from './state.ts';

/** The object that a command names, and what follows its head. */
interface Named {
  readonly kind: ObjectKind;
  readonly id: number;
  readonly body: ByteReader;
}

export function createObject(state: AdminState, model: AdminModel, data: ByteReader): Answer {
  return ofObject(state, model, data, ({ kind, id, body }) => {
    if (state.of(kind.type).has(id)) return refused('EEXIST', 'INVALID_FIELD');
    if (id >= kind.limit(state)) return kind.beyond;
    return keep(state, { kind, id, body });
  });
}

export function modifyObject(state: AdminState, model: AdminModel, data: ByteReader): Answer {
  return ofObject(state, model, data, ({ kind, id, body }) => {
    if (!state.of(kind.type).has(id)) return refused('ENXIO', 'INVALID_FIELD');
    if (kind.carries(id, state)) return refused('EBUSY', 'INVALID_COMMAND');
    return keep(state, { kind, id, body });
  });
}

export function queryObject(state: AdminState, model: AdminModel, data: ByteReader): Answer {
  return ofObject(state, model, data, ({ kind, id }) => {
    const kept = state.of(kind.type).get(id);
    return kept === undefined ? refused('ENXIO', 'INVALID_FIELD') : done(kept.bytes(0, kept.length));
  });
}

export function destroyObject(state: AdminState, model: AdminModel, data: ByteReader): Answer {
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
