import { closeSync, openSync, readSync } from 'node:fs';
import {
  PVIRTQ_DESC_F,
  PVIRTQ_EVENT,
  pvirtq_desc,
  pvirtq_event_suppress,
  VIRTQ_AVAIL_F_NO_INTERRUPT,
  VIRTQ_DESC_F,
  virtq_avail,
  virtq_desc,
} from '../../src/virtio/registers.ts';
import type { Cell } from './cells.ts';

const { NEXT, WRITE, INDIRECT } = VIRTQ_DESC_F;
const { AVAIL, USED } = PVIRTQ_DESC_F;

export const RAM_BYTES = 2 << 20;
/** The three areas of the ring, at the same addresses in either format. */
export const AREAS = { desc: 0x1_0000, driver: 0x2_0000, device: 0x2_4000 } as const;
/** A lap of a packed ring as written by its driver, by wrap counter. */
export const LAPS: readonly [wrap0: number, wrap1: number] = [0x6_0000, 0x8_0000];
const TABLES = 0x4_0000;
/** Buffers recur within 256 KiB, so that copies stay in the second-level cache, like a driver's recycled buffers. */
const BUFFERS = 0x10_0000;
const BUFFER_BYTES = 4096;
const BUFFER_COUNT = 64;

/** The largest batch; a batch never offers a descriptor twice. */
const CHAINS_MIN = 256;
const SLOTS_MIN = 1024;

/** The layout of a ring. Chain i begins in slot `i * stride`. */
export interface Shape {
  readonly size: number;
  readonly chains: number;
  readonly stride: number;
  /** Flags of a chain's first descriptor without AVAIL and USED. */
  readonly headFlags: number;
}

/** A split ring's size and stride are powers of two; a packed ring is filled to the last slot. */
export function shapeOf({ scenario, ring, indirect }: Cell): Shape {
  const lengths = [...scenario.out, ...scenario.in];
  const perChain = indirect ? 1 : lengths.length;
  const stride = ring === 'packed' ? perChain : 2 ** Math.ceil(Math.log2(perChain));
  const chains = Math.max(CHAINS_MIN, 2 ** Math.floor(Math.log2(SLOTS_MIN / stride)));
  const headFlags = indirect
    ? INDIRECT
    : (lengths.length > 1 ? NEXT : 0) | (scenario.out.length === 0 ? WRITE : 0);
  return { size: chains * stride, chains, stride, headFlags };
}

/**
 * Guest RAM with everything that the driver would write, written once.
 *
 * In a split ring only `avail.idx` moves then. In a packed ring the driver copies a lap over the used one, in which
 * the head of each batch is not available yet, and makes a batch available by the one word of its head.
 */
export function ramImage(cell: Cell): Uint8Array {
  const ram = new Uint8Array(RAM_BYTES);
  for (let i = AREAS.device + 0x1_0000; i < RAM_BYTES; i++) ram[i] = i & 0xff;
  const shape = shapeOf(cell);
  if (cell.ring === 'split') writeSplit(ram, cell, shape);
  else {
    for (const wrap of [0, 1] as const) writeLap(ram, cell, shape, wrap);
    ram.copyWithin(AREAS.desc, LAPS[1], LAPS[1] + shape.size * pvirtq_desc.size);
    const flags = cell.scenario.eventIdx ? PVIRTQ_EVENT.DESC : PVIRTQ_EVENT.DISABLE;
    ram.set(pvirtq_event_suppress.encode({ desc: 0, flags }), AREAS.driver);
  }
  return ram;
}

/** Puts an image into RAM without leaving garbage behind. */
export function loadImage(path: string, ram: Uint8Array): void {
  const file = openSync(path, 'r');
  const got = readSync(file, ram, 0, RAM_BYTES, 0);
  closeSync(file);
  if (got !== RAM_BYTES) throw new Error(`${path} has ${got} bytes`);
}

/** The driver suppresses interrupts, or by `used_event` all but one in 65536: only the queue is to be measured. */
function writeSplit(ram: Uint8Array, cell: Cell, { size, chains, stride }: Shape): void {
  const flags = cell.scenario.eventIdx ? 0 : VIRTQ_AVAIL_F_NO_INTERRUPT;
  ram.set(virtq_avail.encode({ flags, idx: 0 }), AREAS.driver);
  const ring = new Uint16Array(ram.buffer, AREAS.driver + virtq_avail.size, size);
  for (let slot = 0; slot < size; slot++) ring[slot] = (slot % chains) * stride;
  for (let chain = 0; chain < chains; chain++) {
    const first = chain * stride;
    const segments = segmentsOf(cell, chain);
    const inRing = cell.indirect ? [tableOf(chain, segments.length)] : segments;
    if (cell.indirect) writeChain(ram, TABLES + chain * 64, 0, segments);
    writeChain(ram, AREAS.desc + first * virtq_desc.size, first, inRing);
  }
}

function writeChain(ram: Uint8Array, at: number, first: number, segments: readonly Segment[]): void {
  for (const [i, { addr, len, flags }] of segments.entries()) {
    const more = i < segments.length - 1;
    const descriptor = virtq_desc.encode({
      addr: BigInt(addr),
      len,
      flags: flags | (more ? NEXT : 0),
      next: more ? first + i + 1 : 0,
    });
    ram.set(descriptor, at + i * virtq_desc.size);
  }
}

function writeLap(ram: Uint8Array, cell: Cell, { chains, stride }: Shape, wrap: 0 | 1): void {
  const available = wrap === 1 ? AVAIL : USED;
  const usedBefore = wrap === 1 ? 0 : AVAIL | USED;
  for (let chain = 0; chain < chains; chain++) {
    const segments = segmentsOf(cell, chain);
    const inRing = cell.indirect ? [tableOf(chain, segments.length)] : segments;
    for (const [i, { addr, len, flags }] of inRing.entries()) {
      const waits = i === 0 && chain % cell.batch === 0;
      const descriptor = pvirtq_desc.encode({
        addr: BigInt(addr),
        len,
        id: chain,
        flags: flags | (i < inRing.length - 1 ? NEXT : 0) | (waits ? usedBefore : available),
      });
      ram.set(descriptor, LAPS[wrap] + (chain * stride + i) * pvirtq_desc.size);
    }
    for (const [i, { addr, len, flags }] of (cell.indirect ? segments : []).entries())
      ram.set(pvirtq_desc.encode({ addr: BigInt(addr), len, id: 0, flags }), TABLES + chain * 64 + i * 16);
  }
}

interface Segment {
  readonly addr: number;
  readonly len: number;
  readonly flags: number;
}

function segmentsOf({ scenario }: Cell, chain: number): Segment[] {
  const lengths = [...scenario.out, ...scenario.in];
  return lengths.map((len, i) => ({
    addr: BUFFERS + ((chain * lengths.length + i) % BUFFER_COUNT) * BUFFER_BYTES,
    len,
    flags: i < scenario.out.length ? 0 : WRITE,
  }));
}

function tableOf(chain: number, count: number): Segment {
  return { addr: TABLES + chain * 64, len: count * virtq_desc.size, flags: INDIRECT };
}
