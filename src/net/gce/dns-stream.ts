import { get16, put16 } from '../frame/big-endian.ts';
import type { TcpSocket } from '../stack/tcp/socket.ts';
import { dnsAnswer, type Names, type Names6 } from './dns.ts';

const LENGTH = 2;

/**
 * Answers queries over TCP, each behind two bytes that say how long it is (RFC 1035, 4.2.2), in order, for as long as the guest
 * asks (RFC 7766). What is no query ends the connection.
 */
export function serveDns(socket: TcpSocket, names: Names, names6: Names6): void {
  let waiting: Uint8Array = new Uint8Array(0);
  socket.onData = (bytes) => {
    waiting = Uint8Array.from(Buffer.concat([waiting, bytes]));
    for (let query = queryIn(waiting); query !== null; query = queryIn(waiting)) {
      const answer = dnsAnswer(query, names, names6);
      if (answer === null) {
        socket.abort();
        return;
      }
      waiting = waiting.subarray(LENGTH + query.length);
      socket.write(framed(answer));
    }
  };
  socket.onEnd = () => socket.end();
}

/** The first query, if all of it has come. */
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
