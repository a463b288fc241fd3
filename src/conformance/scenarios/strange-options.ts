import type { GvnicCore } from '../../gvnic/core.ts';
import { adminq_command, COMMAND_STATUS, describe_device, OPCODE } from '../../gvnic/registers/admin.ts';
import {
  device_descriptor,
  device_option,
  OPTION,
  type QueueFormat,
} from '../../gvnic/registers/descriptor.ts';
import type { Words } from '../broken/card-words.ts';

/** An option that no driver knows, and how much longer others become. */
const [UNKNOWN, MORE] = [0x63, 4];

/** Among the options are others: unknown ones, too short ones, such as need what no driver knows; and all are longer. */
export function addOptions(card: GvnicCore, { view, at }: Words, opcode: number): void {
  if (opcode !== OPCODE.DESCRIBE_DEVICE) return;
  const slot = bytesAt(view, at, adminq_command.size);
  const { descriptor_addr, available_length } = describe_device.decode(slot, adminq_command.offset.payload);
  const reply = card.memory.slice(Number(descriptor_addr), available_length);
  if (reply === null || view.getUint32(at + adminq_command.offset.status) !== COMMAND_STATUS.PASSED) return;
  const fields = device_descriptor.decode(reply);
  const lacking = (['GQI_RDA', 'DQO_QPL'] as const).filter((one) => !card.settings.formats.includes(one));
  const options = [
    option(UNKNOWN, 4),
    ...lacking.map((name: QueueFormat) => option(OPTION[name], 0)),
    ...lacking.map((name: QueueFormat) => option(OPTION[name], 8, 1)),
    ...longer(reply, fields.num_device_options),
  ];
  const bytes = options.flatMap((one) => [...one]);
  const total_length = device_descriptor.size + bytes.length;
  if (total_length > available_length) return;
  device_descriptor.encode({ ...fields, num_device_options: options.length, total_length }, reply);
  reply.set(bytes, device_descriptor.size);
}

function option(option_id: number, option_length: number, required_features_mask = 0): Uint8Array {
  const bytes = new Uint8Array(device_option.size + option_length);
  return device_option.encode({ option_id, option_length, required_features_mask }, bytes);
}

function longer(reply: Uint8Array, count: number): Uint8Array[] {
  let at = device_descriptor.size;
  return Array.from({ length: count }, () => {
    const { option_id, option_length } = device_option.decode(reply, at);
    const bytes = option(option_id, option_length + MORE);
    const body = at + device_option.size;
    bytes.set(reply.subarray(body, body + option_length), device_option.size);
    at = body + option_length;
    return bytes;
  });
}

export function bytesAt({ buffer, byteOffset }: DataView, at: number, length: number): Uint8Array {
  return new Uint8Array(buffer, byteOffset + at, length);
}
