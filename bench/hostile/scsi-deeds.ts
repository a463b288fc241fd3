import { closeSync, fsyncSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { virtioScsi } from '../../src/guest/index.ts';
import { gceN1, type Machine, type MachineOptions } from '../../src/index.ts';
import type { VirtioDevice } from '../../src/virtio/device.ts';
import {
  attach,
  BUFFERS,
  type Deed,
  kick,
  MIB,
  numbers,
  OTHER_RING,
  POLLED,
  pieces,
  RING,
  TABLES,
} from './deed.ts';
import { HostileRing, type Part } from './ring.ts';

/** Address of many tables, in RAM of 512 MiB. */
const APART = 112 * MIB;
const MUCH = { memory: { below4G: 512 * MIB } };
const HEADER_BYTES = 51;
const RESPONSE_BYTES = 108;
const REQUEST = 2;
const CONTROL = 0;
/** Longer than any run. */
const LATE = 10_000_000_000;

interface Adapter {
  readonly machine: Machine;
  readonly device: VirtioDevice;
  readonly ring: HostileRing;
}

function adapter(options: MachineOptions = {}): Adapter {
  const machine = gceN1(options);
  const device = attach(machine, 'scsi0', virtioScsi(POLLED));
  machine.disks[0]!.medium.unmap(0, 512);
  return { machine, device, ring: new HostileRing(machine, device, REQUEST, RING) };
}

/** Writes a request's header to `at`: its unit, ID and CDB. */
function header(ring: HostileRing, at: number, cdb: readonly number[], id = 0, target = 1, lun = 0): Part {
  ring.bytes.fill(0, at, at + HEADER_BYTES);
  ring.bytes.set([1, target, 0x40 | (lun >> 8), lun & 0xff], at);
  new DataView(ring.bytes.buffer, ring.bytes.byteOffset).setUint32(at + 8, id, true);
  ring.bytes.set(cdb, at + 19);
  return { at, bytes: HEADER_BYTES };
}

const RESPONSE: Part = { at: BUFFERS + 2048, bytes: RESPONSE_BYTES, writable: true };
const READ_256K = [0x28, 0, 0, 0, 0, 0, 0, 2, 0, 0];
const FLUSH = [0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const UNMAP = [0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0];

/** Requests with one CDB, each with its own ID, and so with its own table. */
function distinct(
  { machine, device, ring }: Adapter,
  cdb: readonly number[],
  parts: readonly Part[],
  count: number,
): Deed {
  const bytes = (parts.length + 1) * 16;
  const headers = APART - count * 64;
  for (const slot of numbers(count)) {
    const head = header(ring, headers + slot * 64, cdb, slot);
    ring.table(slot, APART + slot * bytes, [head, ...parts]);
  }
  ring.offer(numbers(count));
  return kick(machine, device, REQUEST, ring);
}

/** Requests that all use the same table of `parts`. */
function tables({ machine, device, ring }: Adapter, parts: readonly Part[], count = ring.size): Deed {
  for (let slot = 0; slot < count; slot++) ring.table(slot, TABLES, parts);
  ring.offer(numbers(count));
  return kick(machine, device, REQUEST, ring);
}

export function scsiTables(options?: MachineOptions): Deed {
  const one = adapter(options);
  const head = header(one.ring, BUFFERS, [0]);
  return tables(one, [head, RESPONSE, ...pieces(one.ring.size - 2, 8, true)]);
}

export function scsiOneHead(): Deed {
  const { machine, device, ring } = adapter();
  ring.chain(0, [header(ring, BUFFERS, [0]), RESPONSE, ...pieces(ring.size - 2, 8, true)]);
  ring.offer(new Array<number>(ring.size).fill(0));
  return kick(machine, device, REQUEST, ring);
}

/** A file of so many MiB in which one of `every` pages of 64 KiB is written; it is deleted at exit. */
function file(mib: number, every: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'guestrig-hostile-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  const path = join(folder, 'disk');
  const fd = openSync(path, 'w');
  ftruncateSync(fd, mib * MIB);
  const page = Buffer.alloc(65_536, 1);
  for (let at = 0; at < mib * MIB; at += page.length * every) writeSync(fd, page, 0, page.length, at);
  fsyncSync(fd);
  closeSync(fd);
  return path;
}

export function scsiPieces(): Deed {
  const one = adapter({ ...MUCH, disks: [{ file: file(1, 1) }] });
  return distinct(one, READ_256K, [RESPONSE, ...pieces(4096, 64, true)], 4096);
}

export function scsiFlushes(): Deed {
  const one = adapter({ ...MUCH, disks: [{ file: file(16, 1) }] });
  return distinct(one, FLUSH, [RESPONSE], 8192);
}

export function scsiUnmap(): Deed {
  const one = adapter({ ...MUCH, disks: [{ file: file(512, 16) }] });
  const { bytes } = one.ring;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const list = BUFFERS + 4096;
  view.setUint16(list, 22);
  view.setUint16(list + 2, 16);
  view.setUint32(list + 16, MIB);
  return distinct(one, UNMAP, [{ at: list, bytes: 24 }, RESPONSE], 2729);
}

/** 8192 requests in flight, and as many task management functions for them: for the newest, or for each. */
export function taskManagement(subtype: number, each: boolean): Deed {
  const { machine, device, ring } = adapter({ scsi: { latency: LATE } });
  for (const slot of numbers(ring.size)) {
    const at = BUFFERS + 4096 + slot * 64;
    ring.table(slot, TABLES + slot * 64, [header(ring, at, [0], slot), RESPONSE]);
  }
  ring.offer(numbers(ring.size));
  device.notify(REQUEST);
  for (let i = 0; i < 4000; i++) machine.port.wait(() => false, 1_000_000);
  const control = new HostileRing(machine, device, CONTROL, OTHER_RING);
  const view = new DataView(ring.bytes.buffer, ring.bytes.byteOffset);
  for (const slot of numbers(control.size)) {
    const at = 90 * MIB + slot * 32;
    ring.bytes.set([0, 0, 0, 0, subtype, 0, 0, 0, 1, 1, 0x40, 0], at);
    view.setUint32(at + 16, each ? slot : control.size - 1, true);
    control.table(slot, 92 * MIB + slot * 32, [
      { at, bytes: 24 },
      { ...RESPONSE, bytes: 1 },
    ]);
  }
  control.offer(numbers(control.size));
  return kick(machine, device, CONTROL, control);
}

export function scsiTags(): Deed {
  const { machine, device, ring } = adapter({ scsi: { latency: 1_000_000_000, ringSize: 16_384 } });
  for (const slot of numbers(ring.size)) {
    const at = BUFFERS + 4096 + slot * 64;
    ring.table(slot, TABLES + slot * 64, [header(ring, at, [0], 7, 2, slot & 0x3fff), RESPONSE]);
  }
  ring.offer(numbers(ring.size));
  return kick(machine, device, REQUEST, ring);
}

export function bigEndian(): Deed {
  const { machine, device, ring } = adapter({ guestEndian: 'big' });
  ring.table(0, TABLES, [header(ring, BUFFERS, [0]), RESPONSE], 0);
  ring.chain(1, [header(ring, BUFFERS, [0]), RESPONSE]);
  const whole = ring.bytes.length - TABLES;
  for (const slot of numbers(ring.size))
    ring.table(slot, TABLES, [header(ring, BUFFERS, [0]), RESPONSE], whole);
  ring.offer(numbers(ring.size));
  return kick(machine, device, REQUEST, ring);
}

export function spoil(): Deed {
  const one = adapter({ completion: { spoil: true } });
  const half = one.ring.size / 2;
  const head = header(one.ring, BUFFERS, [0]);
  const read = pieces(half - 1, 8, false);
  const written = pieces(half - 1, 8, true, BUFFERS + MIB);
  return tables(one, [head, ...read, RESPONSE, ...written]);
}

export const IN_ORDER: MachineOptions = { virtio: 'modern', ringFeatures: ['IN_ORDER', 'INDIRECT_DESC'] };

export function inOrderLate(): Deed {
  const completion = { latency: 1000, batch: { chains: 32_768, within: 1_000_000 } };
  const one = adapter({ ...IN_ORDER, completion });
  return tables(one, [header(one.ring, BUFFERS, [0]), RESPONSE]);
}
