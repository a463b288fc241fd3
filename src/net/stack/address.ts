import { get16 } from '../../core/big-endian.ts';
import { MisuseError } from '../../core/misuse.ts';
import { struct } from '../../core/struct.ts';
import { ETHERTYPE, ethernet } from '../frame/headers.ts';

/** An IPv4 address; its first byte is in the highest bits. */
export type Ipv4 = number;
/** An IPv6 address, as 16 bytes. */
export type Ipv6 = Uint8Array;
export type Address = Ipv4 | Ipv6;

const BYTES = 4;

/** Parses `10.128.0.2`. @throws MisuseError for an invalid address. */
export function ipv4Of(path: string, text: string): Ipv4 {
  const parts = typeof text === 'string' ? text.split('.') : [];
  const isByte = (part: string) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 0x100;
  if (parts.length !== BYTES || !parts.every(isByte))
    throw new MisuseError(path, text, 'an IPv4 address (example 10.128.0.2)');
  return parts.reduce((address, part) => address * 0x100 + Number(part), 0);
}

export function ipv4Text(address: Ipv4): string {
  return bytesOf(address).join('.');
}

export function bytesOf(address: Ipv4): Uint8Array {
  return Uint8Array.of(address >>> 24, address >>> 16, address >>> 8, address);
}

/** The MAC address that Compute Engine gives an interface: 42:01 and its IPv4 address. */
export function macOf(address: Ipv4): Uint8Array {
  return Uint8Array.of(0x42, 0x01, ...bytesOf(address));
}

/** RFC 826, for IPv4 over Ethernet. */
const arp = struct('arp', 'be', {
  hardware: 'u16',
  protocol: 'u16',
  hardware_length: 'u8',
  protocol_length: 'u8',
  operation: 'u16',
  sender_mac: { bytes: 6 },
  sender_ip: 'u32',
  target_mac: { bytes: 6 },
  target_ip: 'u32',
});
const [REQUEST, REPLY] = [1, 2];
/** The fields before the addresses: Ethernet, IPv4, 6 and 4 bytes. */
const KIND = [0, 1, 8, 0, 6, 4];

/** Sender and target of a request; null for other frames. */
export function requestIn(
  frame: Uint8Array,
): { readonly from: Uint8Array; readonly of: Ipv4; readonly by: Ipv4 } | null {
  if (frame.length < ethernet.size + arp.size || get16(frame, ethernet.offset.ethertype) !== ETHERTYPE.ARP)
    return null;
  if (KIND.some((byte, i) => frame[ethernet.size + i] !== byte)) return null;
  const { operation, sender_mac, sender_ip, target_ip } = arp.decode(frame, ethernet.size);
  return operation === REQUEST ? { from: sender_mac.slice(), of: target_ip, by: sender_ip } : null;
}

/** The reply to `to`, at `at`: `of` is at `mac`. */
export function replyTo(to: Uint8Array, at: Ipv4, mac: Uint8Array, of: Ipv4): Uint8Array {
  const frame = new Uint8Array(ethernet.size + arp.size);
  ethernet.encode({ destination: to, source: mac, ethertype: ETHERTYPE.ARP }, frame);
  frame.set(KIND, ethernet.size);
  arp.encode(
    { operation: REPLY, sender_mac: mac, sender_ip: of, target_mac: to, target_ip: at },
    frame,
    ethernet.size,
  );
  return frame;
}
