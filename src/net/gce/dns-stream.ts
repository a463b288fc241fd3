import { get16, put16 } from '../frame/big-endian.ts';
import type { ServerSocket } from '../stack/tcp/socket.ts';
import { dnsAnswer, type Names, type Names6 } from './dns.ts';

const LENGTH = 2;

/**
 * Answers DNS queries over TCP, each after its length in two bytes (RFC 1035, 4.2.2), in order, for as long as the guest
 * sends them (RFC 7766). An invalid query ends the connection.
 */
export function serveDns(socket: ServerSocket, names: Names, names6: Names6): void {
  let waiting: Uint8Array = new Uint8Array(0);
  socket.onData = (bytes) => {
    waiting = Buffer.concat([waiting, bytes]);
    const query = queryIn(waiting);
    if (query === null) {
      socket.keeps(waiting.length);
      return;
    }
    const answer = dnsAnswer(query, names, names6);
    if (answer === null) {
      socket.abort();
      return;
    }
    // Each is answered once the one before it may be.
    socket.putBack(waiting.subarray(LENGTH + query.length));
    waiting = new Uint8Array(0);
    socket.keeps(0);
    socket.send(framed(answer), waiting);
  };
  socket.onEnd = () => socket.end();
}

/** The first query, if it is complete. */
function queryIn(bytes: Uint8Array): Uint8Array | null {
  if (bytes.length < LENGTH) return null;
  const end = LENGTH + get16(bytes, 0);
  return bytes.length < end ? null : bytes.subarray(LENGTH, end);
}

function framed(answer: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(LENGTH + answer.length);
  put16(bytes, 0, answer.length);
  bytes.set(answer, LENGTH);
  return bytes;
}
