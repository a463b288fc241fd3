import { MisuseError } from '../../core/misuse.ts';

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
