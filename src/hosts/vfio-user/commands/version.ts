import { MAPS_MOST } from './dma-regions.ts';
import { Refusal } from './errno.ts';
import { type Exchange, TRANSFER_MAX } from './exchange.ts';
import { header, version } from './registers.ts';

/** Files that one message may bring. */
export const FDS_MAX = 8;
const MAJOR = 0;
const MINOR = 1;

/** The capabilities of this end. There is no twin socket: commands from here use the only one. */
const CAPABILITIES = {
  max_msg_fds: FDS_MAX,
  max_data_xfer_size: TRANSFER_MAX,
  max_dma_maps: MAPS_MOST,
  write_multiple: true,
} as const;

/** What both ends agreed on. */
interface Agreement {
  /** Bytes of the answer. */
  readonly length: number;
  /** The most bytes that one message to the client may write. */
  readonly transferMax: number;
}

/** If a client says nothing. */
const TRANSFER_DEFAULT = 0x10_0000;

/** VERSION. */
export function negotiate(exchange: Exchange): Agreement {
  exchange.needs(version.size);
  const { major, minor } = version.decode(exchange.bytes(0, version.size));
  if (major !== MAJOR) throw new Refusal('ENOTSUP');
  const proposed = capabilitiesOf(exchange.bytes(version.size, exchange.length - version.size));
  const { max_data_xfer_size: most } = proposed;
  const taken = Object.entries(CAPABILITIES).filter(([name]) => name in proposed);
  const json = new TextEncoder().encode(`${JSON.stringify({ capabilities: Object.fromEntries(taken) })}\0`);
  version.encode({ major, minor: Math.min(minor, MINOR) }, exchange.reply, header.size);
  exchange.reply.set(json, header.size + version.size);
  return {
    length: version.size + json.length,
    transferMax: Math.min(TRANSFER_MAX, typeof most === 'number' ? most : TRANSFER_DEFAULT),
  };
}

/** Empty, if the client has none. */
function capabilitiesOf(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const end = bytes.indexOf(0);
  const text = new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  if (text === '') return {};
  try {
    const { capabilities = {} } = JSON.parse(text);
    if (typeof capabilities === 'object' && capabilities !== null) return capabilities;
  } catch {
    // Refused below.
  }
  throw new Refusal('EINVAL');
}
