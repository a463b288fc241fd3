import { get16, put16 } from '../../core/big-endian.ts';
import { struct } from '../../core/struct.ts';
import { bytesOf, type Ipv4, type Ipv6 } from '../stack/address.ts';
import type { ServerSocket } from '../stack/tcp/socket.ts';
import { nameBytes } from './name.ts';

/** RFC 1035, 4.1.1. */
const header = struct('dns', 'be', {
  id: 'u16',
  flags: 'u16',
  questions: 'u16',
  answers: 'u16',
  authorities: 'u16',
  additionals: 'u16',
});
const FLAG = { RESPONSE: 0x8000, OPCODE: 0x7800, RD: 0x0100, RA: 0x0080 } as const;
const RCODE = { OK: 0, FORMAT_ERROR: 1, NAME_ERROR: 3, NOT_IMPLEMENTED: 4 } as const;
const [A, PTR, AAAA, ANY, IN] = [1, 12, 28, 255, 1];
const [TTL, LABEL_MAX] = [3600, 63];
/** The name of the first question, by its offset in the message (RFC 1035, 4.1.4). */
const SAME_NAME = [0xc0, header.size];
export const DNS = 53;

/** Known addresses by names in lower case, without a final dot. */
export type Names = ReadonlyMap<string, Ipv4>;
/** The same for IPv6 (RFC 3596), for known names. */
export type Names6 = ReadonlyMap<string, Ipv6>;
const NONE: Names6 = new Map();

/** The answer to a query: the same question, byte for byte, followed by its records; null for an invalid query. */
export function dnsAnswer(query: Uint8Array, names: Names, names6 = NONE): Uint8Array | null {
  if (query.length < header.size) return null;
  const { id, flags, questions } = header.decode(query);
  if ((flags & FLAG.RESPONSE) !== 0) return null;
  const question = questions === 1 ? questionIn(query) : null;
  const isQuery = (flags & FLAG.OPCODE) === 0;
  const code = !isQuery ? RCODE.NOT_IMPLEMENTED : question === null ? RCODE.FORMAT_ERROR : RCODE.OK;
  const records = code === RCODE.OK ? recordsFor(question!, names, names6) : [];
  const result = code === RCODE.OK && records === null ? RCODE.NAME_ERROR : code;
  const asked = question === null ? new Uint8Array(0) : query.subarray(header.size, question.end);
  const head = header.encode({
    id,
    flags: FLAG.RESPONSE | FLAG.RA | (flags & FLAG.RD) | result,
    questions: question === null ? 0 : 1,
    answers: records?.length ?? 0,
    authorities: 0,
    additionals: 0,
  });
  return Uint8Array.from(Buffer.concat([head, asked, ...(records ?? [])]));
}

interface Question {
  readonly name: string;
  readonly type: number;
  /** End of the question. */
  readonly end: number;
}

function questionIn(query: Uint8Array): Question | null {
  const labels: string[] = [];
  let at = header.size;
  for (let length = query[at] ?? 0; length !== 0; length = query[at] ?? 0) {
    // Longer labels, and pointers, are invalid in a question.
    if (length > LABEL_MAX || at + 1 + length > query.length) return null;
    labels.push(Buffer.from(query.subarray(at + 1, at + 1 + length)).toString('latin1'));
    at += 1 + length;
  }
  const end = at + 5;
  if (end > query.length) return null;
  const type = (query[at + 1]! << 8) | query[at + 2]!;
  return { name: labels.join('.').toLowerCase(), type, end };
}

/** Null if the name is unknown; empty if the name has no such record. */
function recordsFor({ name, type }: Question, names: Names, names6: Names6): Uint8Array[] | null {
  const [address, six] = [names.get(name), names6.get(name)];
  const records = six !== undefined && (type === AAAA || type === ANY) ? [record(AAAA, six)] : [];
  if (address !== undefined)
    return type === A || type === ANY ? [record(A, bytesOf(address)), ...records] : records;
  for (const [known, its] of names)
    if (name === reverseOf(its)) return type === PTR || type === ANY ? [record(PTR, nameBytes(known))] : [];
  return null;
}

function reverseOf(address: Ipv4): string {
  return `${[...bytesOf(address)].reverse().join('.')}.in-addr.arpa`;
}

/** RFC 1035, 4.1.3. */
function record(type: number, data: Uint8Array): Uint8Array {
  const fixed = Uint8Array.of(...SAME_NAME, 0, type, 0, IN, 0, 0, 0, 0, 0, data.length);
  put16(fixed, 8, TTL);
  return Uint8Array.of(...fixed, ...data);
}

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
