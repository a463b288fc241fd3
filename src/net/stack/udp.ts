import { put16 } from '../../core/big-endian.ts';
import { internetChecksum, internetSum } from '../frame/checksum.ts';
import { PROTOCOL, udp } from '../frame/headers.ts';
import { type Datagram, pseudoSum } from './datagram.ts';
import type { Endpoint } from './endpoint.ts';

/** A UDP message. */
export interface Message {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly bytes: Uint8Array;
}

/** The message in a datagram; null if it is cut or corrupted. A checksum of 0 means none (RFC 768). */
export function messageIn(datagram: Datagram): Message | null {
  const { source, destination, payload } = datagram;
  if (payload.length < udp.size) return null;
  const { source_port, destination_port, length, checksum } = udp.decode(payload);
  if (length < udp.size || length > payload.length) return null;
  const whole = { ...datagram, payload: payload.subarray(0, length) };
  if (checksum !== 0 && internetSum(whole.payload, 0, length, pseudoSum(whole)) !== 0xffff) return null;
  return {
    from: { address: source, port: source_port },
    to: { address: destination, port: destination_port },
    bytes: payload.subarray(udp.size, length),
  };
}

export function datagramOf({ from, to, bytes }: Message): Datagram {
  const payload = new Uint8Array(udp.size + bytes.length);
  udp.encode(
    { source_port: from.port, destination_port: to.port, length: payload.length, checksum: 0 },
    payload,
  );
  payload.set(bytes, udp.size);
  const datagram = { source: from.address, destination: to.address, protocol: PROTOCOL.UDP, payload };
  const checksum = internetChecksum(payload, 0, payload.length, pseudoSum(datagram));
  put16(payload, udp.offset.checksum, checksum === 0 ? 0xffff : checksum);
  return datagram;
}

/** RFC 792. */
const [ECHO_REPLY, ECHO] = [0, 8];
const HEADER = 8;
const CHECKSUM = 2;

/** The answer to an echo request; null for other or corrupted messages. */
export function echoReplyTo(message: Uint8Array): Uint8Array | null {
  if (message.length < HEADER || message[0] !== ECHO || message[1] !== 0) return null;
  if (internetChecksum(message, 0, message.length) !== 0) return null;
  const reply = message.slice();
  reply[0] = ECHO_REPLY;
  put16(reply, CHECKSUM, 0);
  put16(reply, CHECKSUM, internetChecksum(reply, 0, reply.length));
  return reply;
}
