import type { Socket } from 'node:net';

/** Bytes of the basic header segment (RFC 7143, 11.2.1). */
const HEADER = 48;
const ALIGN = 4;
const NO_TASK = 0xffff_ffff;

/** Operation codes (RFC 7143, 11.2.1.2). */
export const FROM_INITIATOR = {
  NOP_OUT: 0x00,
  COMMAND: 0x01,
  TASK: 0x02,
  LOGIN: 0x03,
  TEXT: 0x04,
  DATA_OUT: 0x05,
  LOGOUT: 0x06,
} as const;

export const FROM_TARGET = {
  NOP_IN: 0x20,
  RESPONSE: 0x21,
  TASK_RESPONSE: 0x22,
  LOGIN_RESPONSE: 0x23,
  TEXT_RESPONSE: 0x24,
  DATA_IN: 0x25,
  LOGOUT_RESPONSE: 0x26,
  R2T: 0x31,
  REJECT: 0x3f,
} as const;

/** A protocol data unit: its basic header, and its data without padding. */
export class Pdu {
  readonly header: Buffer;
  readonly data: Buffer;

  constructor(header: Buffer, data: Buffer) {
    this.header = header;
    this.data = data;
  }

  get opcode(): number {
    return this.header[0]! & 0x3f;
  }

  /** For immediate delivery: it takes no number. */
  get isImmediate(): boolean {
    return (this.header[0]! & 0x40) !== 0;
  }

  get flags(): number {
    return this.header[1]!;
  }

  get isFinal(): boolean {
    return (this.flags & 0x80) !== 0;
  }

  /** A single-level LUN, in peripheral or flat form. */
  get lun(): number {
    return this.header.readUInt16BE(8) & 0x3fff;
  }

  get task(): number {
    return this.word(16);
  }

  get hasTask(): boolean {
    return this.task !== NO_TASK;
  }

  word(at: number): number {
    return this.header.readUInt32BE(at);
  }
}

/** Fields of an answer: the second byte, and others by their place in the header. */
interface Fields {
  readonly flags?: number;
  readonly bytes?: Readonly<Record<number, number>>;
  readonly words?: Readonly<Record<number, number>>;
  readonly data?: Uint8Array;
}

/** An answer as it is sent. */
export function encodePdu(opcode: number, { flags = 0x80, bytes = {}, words = {}, data }: Fields): Buffer {
  const length = data?.length ?? 0;
  const pdu = Buffer.alloc(HEADER + padded(length));
  pdu[0] = opcode;
  pdu[1] = flags;
  pdu.writeUIntBE(length, 5, 3);
  for (const [at, value] of Object.entries(bytes)) pdu[Number(at)] = value;
  for (const [at, value] of Object.entries(words)) pdu.writeUInt32BE(value, Number(at));
  if (data !== undefined) pdu.set(data, HEADER);
  return pdu;
}

/** What comes over a connection, until either end closes it. Additional headers are skipped. */
export async function* pdusOf(socket: Socket): AsyncGenerator<Pdu> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of socket) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    for (let size = sizeOf(rest); size > 0 && rest.length >= size; size = sizeOf(rest)) {
      const at = HEADER + rest[4]! * ALIGN;
      yield new Pdu(rest.subarray(0, HEADER), rest.subarray(at, at + rest.readUIntBE(5, 3)));
      rest = rest.subarray(size);
    }
  }
}

/** Of the first unit in `bytes`; 0 if its header is not there yet. */
function sizeOf(bytes: Buffer): number {
  return bytes.length < HEADER ? 0 : HEADER + bytes[4]! * ALIGN + padded(bytes.readUIntBE(5, 3));
}

function padded(length: number): number {
  return Math.ceil(length / ALIGN) * ALIGN;
}

/** `key=value`, each ended by a zero (RFC 7143, 6.1). */
export function decodeText(data: Buffer): Map<string, string> {
  const pairs = data.toString('utf8').split('\0').filter(Boolean);
  return new Map(pairs.map((pair) => pair.split(/=(.*)/s, 2) as [string, string]));
}

export function encodeText(pairs: Iterable<readonly [key: string, value: string]>): Buffer {
  return Buffer.from(Array.from(pairs, ([key, value]) => `${key}=${value}\0`).join(''));
}
