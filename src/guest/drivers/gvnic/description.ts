import type { GuestPort } from '../../../core/guest-port.ts';
import type { Decoded, Struct } from '../../../core/struct.ts';
import { DESCRIPTOR_VERSION, describe_device, OPCODE } from '../../../gvnic/registers/admin.ts';
import {
  device_descriptor,
  device_option,
  FEATURE,
  OPTION,
  option_gqi,
  option_jumbo_frames,
  option_modify_ring,
  type QueueFormat,
} from '../../../gvnic/registers/descriptor.ts';
import type { AdminDriver } from './admin.ts';

const REPLY_BYTES = 4096;
/** No device has shorter rings. */
const ENTRIES_LEAST = 64;
/** The first that is offered is taken; the last works without an option. */
const PREFERRED: readonly QueueFormat[] = ['DQO_RDA', 'DQO_QPL', 'GQI_RDA'];

/** What a card says of itself. */
export interface Description {
  readonly fields: Decoded<typeof device_descriptor.members>;
  readonly formats: readonly QueueFormat[];
  /** The MTU with rings of a format: a feature is there if the word of the format says so, too. */
  mtuOf(format: QueueFormat): number;
  /** The sizes that its rings may have, if the driver may choose one. */
  readonly rings: { readonly most: number; readonly least: number } | null;
}

/** Asks the card. What it does not know, and what needs features that it does not know, it passes over. */
export function describe(port: GuestPort, admin: AdminDriver): Description {
  const reply = port.allocate(REPLY_BYTES, REPLY_BYTES);
  admin.must(OPCODE.DESCRIBE_DEVICE, describe_device, {
    descriptor_addr: BigInt(reply),
    version: DESCRIPTOR_VERSION,
    available_length: REPLY_BYTES,
  });
  const head = new Uint8Array(device_descriptor.size);
  port.memory.read(reply, head);
  const { total_length } = device_descriptor.decode(head);
  if (total_length < device_descriptor.size || total_length > REPLY_BYTES)
    admin.fail(`its descriptor has ${total_length} bytes`);
  const bytes = new Uint8Array(total_length);
  port.memory.read(reply, bytes);
  port.release(reply);
  const fields = device_descriptor.decode(bytes);
  checkSizes(fields, admin);
  const options = optionsIn(bytes, fields.num_device_options, admin);
  const formats = (['GQI_QPL', 'GQI_RDA', 'DQO_RDA', 'DQO_QPL'] as const).filter((format) =>
    isWhole(options.get(OPTION[format])),
  );
  const sizes = bodyOf(options.get(OPTION.MODIFY_RING), option_modify_ring);
  const rings = sizes && { most: sizes.max_rx_ring_size, least: sizes.min_rx_ring_size };
  const jumbo = bodyOf(options.get(OPTION.JUMBO_FRAMES), option_jumbo_frames);
  const mtuOf = (format: QueueFormat) => {
    const features = bodyOf(options.get(OPTION[format]), option_gqi)?.supported_features_mask ?? 0;
    return jumbo !== null && (features & FEATURE.JUMBO) !== 0 ? jumbo.max_mtu : fields.mtu;
  };
  return { fields, formats, rings, mtuOf };
}

/** The format to use: of those that are offered the first that this driver prefers. */
export function preferred({ formats }: Description): QueueFormat {
  return PREFERRED.find((format) => formats.includes(format)) ?? 'GQI_QPL';
}

/** Bodies of the options by their numbers. */
function optionsIn(bytes: Uint8Array, count: number, admin: AdminDriver): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  let at = device_descriptor.size;
  for (let i = 0; i < count; i++) {
    if (at + device_option.size > bytes.length) admin.fail('an option lies beyond its descriptor');
    const { option_id, option_length, required_features_mask } = device_option.decode(bytes, at);
    const body = at + device_option.size;
    at = body + option_length;
    if (at > bytes.length) admin.fail('an option lies beyond its descriptor');
    if (required_features_mask === 0) found.set(option_id, bytes.subarray(body, at));
  }
  return found;
}

/** Rings and lists are made by these. */
function checkSizes(
  { tx_queue_entries, rx_queue_entries, counters, tx_pages_per_qpl }: Description['fields'],
  admin: AdminDriver,
): void {
  for (const entries of [tx_queue_entries, rx_queue_entries])
    if (entries < ENTRIES_LEAST || (entries & (entries - 1)) !== 0)
      admin.fail(`its rings have ${entries} entries`);
  if (counters === 0 || tx_pages_per_qpl === 0) admin.fail('it has no counters, or no pages');
}

/** Each option of a format has a word of features; one that is shorter is none. */
function isWhole(body: Uint8Array | undefined): boolean {
  return body !== undefined && body.length >= option_gqi.size;
}

/** A body that is too short is none. */
function bodyOf<Body extends Struct>(
  bytes: Uint8Array | undefined,
  body: Body,
): ReturnType<Body['decode']> | null {
  return bytes === undefined || bytes.length < body.size
    ? null
    : (body.decode(bytes) as ReturnType<Body['decode']>);
}
