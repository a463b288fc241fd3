import { get16, put16 } from '../../core/big-endian.ts';
import type { Random } from '../../core/random.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { internetChecksum, pseudoSum } from '../../net/frame/checksum.ts';
import { PROTOCOL, tcp, udp } from '../../net/frame/headers.ts';
import { FrameLayout, findHeaders } from '../../net/frame/layout.ts';
import { dhcp } from '../../net/gce/dhcp/message.ts';
import { gceNetwork } from '../../net/gce/index.ts';
import { netHeaderSize } from '../../virtio/net/registers.ts';
import type { Lie } from './lie.ts';
import { isReceiveQueue, type UsedEntry } from './used-ring.ts';

const [DHCP_CLIENT, HTTP] = [68, 80];
/** An option that the answer has no room for, and an address that no machine has. */
const [OPTION_LENGTH, NO_ADDRESS] = [0xff, 0xff];
const [ZERO, NINE] = [0x30, 0x39];
const LENGTH_LINE = /content-length: *(\d+)/i;
const decoder = new TextDecoder('latin1');

/** Compute Engine's network behind the first card. */
function onNetwork({ nics: [nic] = [], ...base }: MachineOptions): MachineOptions {
  return { ...base, nics: [{ ...nic, backend: gceNetwork() }] };
}

/** The received frame of an entry, and where its headers are. */
function packetOf({
  device,
  ring,
  writable,
}: UsedEntry): { frame: Uint8Array; at: FrameLayout; from: number } | null {
  if (!isReceiveQueue(device, ring.queue)) return null;
  const from = netHeaderSize(device.accepted);
  const frame = writable.bytes.subarray(from);
  const at = new FrameLayout();
  findHeaders(frame, at);
  return at.transport === 0 ? null : { frame, at, from };
}

/** Options that reach beyond the answer, or an address that cannot be one. */
function lieOfDhcp(entry: UsedEntry, random: Random): boolean {
  const packet = packetOf(entry);
  if (packet === null) return false;
  const { frame, at, from } = packet;
  if (
    at.protocol !== PROTOCOL.UDP ||
    get16(frame, at.transport + udp.offset.destination_port) !== DHCP_CLIENT
  )
    return false;
  const options = at.payload + dhcp.size;
  if (random.below(2) === 0) frame[options + 1] = OPTION_LENGTH;
  else frame.fill(NO_ADDRESS, at.payload + dhcp.offset.yiaddr, at.payload + dhcp.offset.siaddr);
  put16(frame, at.transport + udp.offset.checksum, 0);
  entry.writable.write(from, frame);
  return true;
}

/** The length that is said of a body is written anew, in as many digits. */
function lieOfHttp(entry: UsedEntry, digit: number): boolean {
  const packet = packetOf(entry);
  if (packet === null) return false;
  const { frame, at, from } = packet;
  if (at.protocol !== PROTOCOL.TCP || get16(frame, at.transport + tcp.offset.source_port) !== HTTP)
    return false;
  const found = LENGTH_LINE.exec(decoder.decode(frame.subarray(at.payload, at.end)));
  if (found === null) return false;
  const end = at.payload + found.index + found[0].length;
  frame.fill(digit, end - found[1]!.length, end);
  put16(frame, at.transport + tcp.offset.checksum, 0);
  const sum = internetChecksum(frame, at.transport, at.end, pseudoSum(frame, at, at.end - at.transport));
  put16(frame, at.transport + tcp.offset.checksum, sum);
  entry.writable.write(from, frame);
  return true;
}

/** Lies of what lies at the other end of a card. */
export const PEER_LIES: readonly Lie[] = [
  {
    clause: 'hard/DHCP',
    name: 'a DHCP answer whose options reach beyond it',
    options: onNetwork,
    used: lieOfDhcp,
  },
  {
    clause: 'hard/METADATA',
    name: 'an HTTP answer that is not as long as it says',
    options: onNetwork,
    used: (entry) => lieOfHttp(entry, NINE),
  },
  {
    clause: 'hard/METADATA',
    name: 'an HTTP answer that goes on beyond what it says',
    options: onNetwork,
    used: (entry) => lieOfHttp(entry, ZERO),
  },
];
