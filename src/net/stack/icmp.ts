import { put16 } from '../frame/big-endian.ts';
import { internetChecksum } from '../frame/checksum.ts';

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
