import type { GuestMemory } from '../core/memory.ts';
import { FlowHash } from '../net/frame/flow-hash.ts';
import { NET_HASH_TYPE } from '../net/frame/hash-registers.ts';
import type { Arrival } from './card.ts';
import {
  COMMAND_STATUS,
  configure_rss,
  memory_area,
  query_rss_reply,
  RSS_TOEPLITZ,
  RSS_TYPE,
} from './registers/admin.ts';

const { PASSED, INVALID_ARGUMENT } = COMMAND_STATUS;
const WORD = 4;
const KEY_MOST = 256;
const TABLE_MOST = 2048;
const NOTHING = new Uint8Array(0);

/** What each bit of hash_types is to a hash. */
const TYPES: readonly (readonly [bit: number, type: number])[] = [
  [RSS_TYPE.IPv4, NET_HASH_TYPE.IPv4],
  [RSS_TYPE.TCPv4, NET_HASH_TYPE.TCPv4],
  [RSS_TYPE.UDPv4, NET_HASH_TYPE.UDPv4],
  [RSS_TYPE.IPv6, NET_HASH_TYPE.IPv6],
  [RSS_TYPE.TCPv6, NET_HASH_TYPE.TCPv6],
  [RSS_TYPE.UDPv6, NET_HASH_TYPE.UDPv6],
  [RSS_TYPE.IPv6_EX, NET_HASH_TYPE.IP_EX],
  [RSS_TYPE.TCPv6_EX, NET_HASH_TYPE.TCP_EX],
  [RSS_TYPE.UDPv6_EX, NET_HASH_TYPE.UDP_EX],
];
/** Before a driver says otherwise: flows of TCP and UDP, by the key of the hash's published test vectors. */
const USUAL_TYPES = RSS_TYPE.TCPv4 | RSS_TYPE.TCPv6 | RSS_TYPE.UDPv4 | RSS_TYPE.UDPv6;
const USUAL_KEY = Uint8Array.of(
  ...[0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0],
  ...[0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c],
  ...[0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa],
);

/** Chooses the receive queue of each packet, by a Toeplitz hash and a table. */
export class Steering {
  types: number = USUAL_TYPES;
  key: Uint8Array = USUAL_KEY;
  /** Null until the driver gives one: all queues in turn. */
  private table: Uint32Array | null = null;
  private hash = new FlowHash(hashTypes(USUAL_TYPES), USUAL_KEY);
  private readonly memory: GuestMemory;

  constructor(memory: GuestMemory) {
    this.memory = memory;
  }

  /** Hashes a packet, and says which queue it is for. @param count how many of `queues` there are. */
  queueOf(packet: Arrival, queues: readonly unknown[], count: number): number {
    const { hash, table } = this;
    hash.take(packet.frame, packet.at);
    packet.hash = hash.value;
    if (table !== null) return table[hash.value % table.length]!;
    let nth = hash.value % count;
    for (let id = 0; id < queues.length; id++) if (queues[id] != null && nth-- === 0) return id;
    return -1;
  }

  /** Fields that are 0 stay as they are. */
  configure(payload: Uint8Array): number {
    const command = configure_rss.decode(payload);
    const { hash_types, hash_alg, hash_key_size: keySize, hash_lut_size: entries } = command;
    if (hash_alg > RSS_TOEPLITZ || keySize > KEY_MOST || entries > TABLE_MOST) return INVALID_ARGUMENT;
    const key = this.bytes(command.hash_key_addr, keySize);
    const table = this.bytes(command.hash_lut_addr, entries * WORD);
    if (key === null || table === null) return INVALID_ARGUMENT;
    this.set(hash_types, key.slice(), wordsOf(table));
    return PASSED;
  }

  /** What is 0, or empty, stays as it is. */
  set(types: number, key: Uint8Array, table: Uint32Array): void {
    if (types !== 0) this.types = types;
    if (key.length > 0) this.key = key;
    if (table.length > 0) this.table = table;
    this.hash = new FlowHash(hashTypes(this.types), this.key);
  }

  /** @param entries of the table, while the driver has given none. */
  tableOf(entries: number, queues: number): Uint32Array {
    return this.table ?? Uint32Array.from({ length: entries }, (_, i) => i % Math.max(1, queues));
  }

  /** As `tableOf`, with all else. */
  query(payload: Uint8Array, entries: number, queues: number): number {
    const { length: available, addr } = memory_area.decode(payload);
    const table = this.tableOf(entries, queues);
    const { key } = this;
    const total = query_rss_reply.size + key.length + WORD * table.length;
    if (available < total) return INVALID_ARGUMENT;
    const reply = query_rss_reply.encode(
      { total_length: total, hash_types: this.types, hash_alg: RSS_TOEPLITZ },
      new Uint8Array(total),
    );
    reply.set(key, query_rss_reply.size);
    const words = new DataView(reply.buffer, query_rss_reply.size + key.length);
    for (const [i, queue] of table.entries()) words.setUint32(i * WORD, queue, false);
    return this.memory.write(Number(addr), reply) ? PASSED : INVALID_ARGUMENT;
  }

  /** The address of nothing may be anything. */
  private bytes(address: bigint, length: number): Uint8Array | null {
    return length === 0 ? NOTHING : this.memory.slice(Number(address), length);
  }

  reset(): void {
    this.types = USUAL_TYPES;
    this.key = USUAL_KEY;
    this.table = null;
    this.hash = new FlowHash(hashTypes(USUAL_TYPES), USUAL_KEY);
  }
}

function hashTypes(bits: number): number {
  return TYPES.reduce((types, [bit, type]) => ((bits & bit) !== 0 ? types | type : types), 0);
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Uint32Array.from({ length: bytes.length / WORD }, (_, i) => view.getUint32(i * WORD, false));
}
