import { ByteReader } from '../../../core/byte-reader.ts';
import { type Answer, done, refused } from './answer.ts';
import { listOf } from './lists.ts';
import type { AdminModel, Capability } from './model.ts';
import { virtio_admin_cmd_cap_get_data as cap } from './registers.ts';
import type { AdminState } from './state.ts';

export function listCapabilities({ capabilities }: AdminModel): Answer {
  return done(listOf(capabilities.map(({ id }) => id)));
}

export function getCapability(model: AdminModel, data: ByteReader): Answer {
  const capability = named(model, data);
  return capability === undefined ? refused('ENXIO', 'INVALID_FIELD') : done(capability.offered);
}

/** A capability that objects depend on must not change. */
export function setCapability(state: AdminState, model: AdminModel, data: ByteReader): Answer {
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
