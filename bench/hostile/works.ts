import { closeSync, fsyncSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Driver, virtioBalloon, virtioNet, virtioRng, virtioScsi } from '../../src/guest/index.ts';
import { gceN1, type Machine, type MachineOptions } from '../../src/index.ts';
import type { VirtioDevice } from '../../src/virtio/device.ts';
import type { VirtioNet } from '../../src/virtio/net/device.ts';
import { VirtioFunction } from '../../src/virtio/transport/function.ts';
import { HostileRing, type Part } from './ring.ts';

const POLLED = { interrupts: 'polled' } as const;
const MIB = 0x10_0000;
/** Where rings, tables and buffers lie: RAM that no allocation reaches. */
const RING = 64 * MIB;
const OTHER_RING = 68 * MIB;
const TABLES = 72 * MIB;
const BUFFERS = 96 * MIB;
/** Where many tables lie, in RAM of 512 MiB. */
const APART = 112 * MIB;
const MUCH = { memory: { below4G: 512 * MIB } };
const HEADER_BYTES = 51;
const RESPONSE_BYTES = 108;
const REQUEST = 2;
const CONTROL = 0;
/** Longer than any run. */
const LATE = 10_000_000_000;

/** What a guest does, and the machine on which it does it. */
export interface Deed {
  readonly machine: Machine;
  /** The access itself. */
  act(): void;
  /** Nothing is left to do. */
  done(): boolean;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** So many parts of so many bytes, no two side by side. */
function pieces(count: number, bytes: number, writable: boolean, from = BUFFERS + 4096): Part[] {
  return numbers(count).map((i) => ({ at: from + i * (bytes + 8), bytes, writable }));
}

/** The device of the one function that `driver` can attach to, attached. */
function attach(machine: Machine, name: string, driver: Driver<unknown>): VirtioDevice {
  machine.attach(driver);
  for (const fn of machine.functions)
    if (fn instanceof VirtioFunction && fn.device.name === name) return fn.device;
  throw new Error(`there is no ${name}`);
}

/** A deed that is one kick of a ring. */
function kick(machine: Machine, device: VirtioDevice, queue: number, ring: HostileRing): Deed {
  return { machine, act: () => device.notify(queue), done: () => ring.drained };
}

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

/** Puts a request's header to `at`: its unit, id and CDB. */
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

/** Requests with one CDB, each with an id of its own, and thus with a table of its own. */
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

/** Requests that are all the same table of `parts`. */
function tables({ machine, device, ring }: Adapter, parts: readonly Part[], count = ring.size): Deed {
  for (let slot = 0; slot < count; slot++) ring.table(slot, TABLES, parts);
  ring.offer(numbers(count));
  return kick(machine, device, REQUEST, ring);
}

function scsiTables(options?: MachineOptions): Deed {
  const one = adapter(options);
  const head = header(one.ring, BUFFERS, [0]);
  return tables(one, [head, RESPONSE, ...pieces(one.ring.size - 2, 8, true)]);
}

function scsiOneHead(): Deed {
  const { machine, device, ring } = adapter();
  ring.chain(0, [header(ring, BUFFERS, [0]), RESPONSE, ...pieces(ring.size - 2, 8, true)]);
  ring.offer(new Array<number>(ring.size).fill(0));
  return kick(machine, device, REQUEST, ring);
}

/** A file of so many MiB with one page in each of `written` of its pages of 64 KiB, for as long as the process lives. */
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

function scsiPieces(): Deed {
  const one = adapter({ ...MUCH, disks: [{ file: file(1, 1) }] });
  return distinct(one, READ_256K, [RESPONSE, ...pieces(4096, 64, true)], 4096);
}

function scsiFlushes(): Deed {
  const one = adapter({ ...MUCH, disks: [{ file: file(16, 1) }] });
  return distinct(one, FLUSH, [RESPONSE], 8192);
}

function scsiUnmap(): Deed {
  const one = adapter({ ...MUCH, disks: [{ file: file(512, 16) }] });
  const { bytes } = one.ring;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const list = BUFFERS + 4096;
  view.setUint16(list, 22);
  view.setUint16(list + 2, 16);
  view.setUint32(list + 16, MIB);
  return distinct(one, UNMAP, [{ at: list, bytes: 24 }, RESPONSE], 2729);
}

/** 8192 requests in flight, and as many functions of task management about them: of the youngest, or of each. */
function taskManagement(subtype: number, each: boolean): Deed {
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

function scsiTags(): Deed {
  const { machine, device, ring } = adapter({ scsi: { latency: 1_000_000_000, ringSize: 16_384 } });
  for (const slot of numbers(ring.size)) {
    const at = BUFFERS + 4096 + slot * 64;
    ring.table(slot, TABLES + slot * 64, [header(ring, at, [0], 7, 2, slot & 0x3fff), RESPONSE]);
  }
  ring.offer(numbers(ring.size));
  return kick(machine, device, REQUEST, ring);
}

interface Card {
  readonly machine: Machine;
  readonly device: VirtioDevice;
  ring(queue: number): HostileRing;
}

function card(options: MachineOptions = {}): Card {
  const machine = gceN1(options);
  const device = attach(machine, 'net0', virtioNet(POLLED));
  return { machine, device, ring: (queue) => new HostileRing(machine, device, queue, RING) };
}

/** An Ethernet header, one of IPv4 and one of TCP. */
const TCP = Buffer.from(
  '42010a80000142010a800002080045000000ffff4000400600000a8000020a800001c0000050000000000000000050100000000000000',
  'hex',
);

function netSegments(): Deed {
  const { machine, device, ring: make } = card();
  const ring = make(1);
  ring.bytes.set([1, 1, 54, 0, 1, 0, 34, 0, 16, 0], BUFFERS);
  ring.bytes.set(TCP, BUFFERS + 10);
  const heads = numbers(ring.size).map((slot) => ring.chain(slot, [{ at: BUFFERS, bytes: 65_000 }]));
  ring.offer(heads);
  return kick(machine, device, 1, ring);
}

function netPieces(queue: number, bytes: number): Deed {
  const { machine, device, ring: make } = card();
  const ring = make(queue);
  ring.bytes.fill(0, BUFFERS, BUFFERS + MIB);
  for (const slot of numbers(ring.size)) ring.table(slot, TABLES, pieces(ring.size, bytes, false));
  ring.offer(numbers(ring.size));
  return kick(machine, device, queue, ring);
}

function netReceives(): Deed {
  const { machine, device, ring: make } = card({ nics: [{ mergeable: true }] });
  const ring = make(0);
  const parts = [...pieces(ring.size - 1, 8, false), { at: BUFFERS, bytes: 1, writable: true }];
  for (const slot of numbers(ring.size)) ring.table(slot, TABLES, parts);
  ring.offer(numbers(ring.size));
  device.notify(0);
  const frame = new Uint8Array(5000);
  const nic = device as VirtioNet;
  return { machine, act: () => machine.nics[0]!.receive(frame), done: () => nic.dropped > 0 };
}

function bigEndian(): Deed {
  const { machine, device, ring } = adapter({ guestEndian: 'big' });
  ring.table(0, TABLES, [header(ring, BUFFERS, [0]), RESPONSE], 0);
  ring.chain(1, [header(ring, BUFFERS, [0]), RESPONSE]);
  const whole = ring.bytes.length - TABLES;
  for (const slot of numbers(ring.size))
    ring.table(slot, TABLES, [header(ring, BUFFERS, [0]), RESPONSE], whole);
  ring.offer(numbers(ring.size));
  return kick(machine, device, REQUEST, ring);
}

function spoil(): Deed {
  const one = adapter({ completion: { spoil: true } });
  const half = one.ring.size / 2;
  const head = header(one.ring, BUFFERS, [0]);
  const read = pieces(half - 1, 8, false);
  const written = pieces(half - 1, 8, true, BUFFERS + MIB);
  return tables(one, [head, ...read, RESPONSE, ...written]);
}

const IN_ORDER: MachineOptions = { virtio: 'modern', ringFeatures: ['IN_ORDER', 'INDIRECT_DESC'] };

function inOrderLate(): Deed {
  const completion = { latency: 1000, batch: { chains: 32_768, within: 1_000_000 } };
  const one = adapter({ ...IN_ORDER, completion });
  return tables(one, [header(one.ring, BUFFERS, [0]), RESPONSE]);
}

function balloonOf(mib: number, requests: number): Deed {
  const machine = gceN1({ balloon: true, memory: { below4G: mib * MIB } });
  const device = attach(machine, 'balloon0', virtioBalloon(POLLED));
  const ring = new HostileRing(machine, device, 0, RING);
  const pages = (mib * MIB) / 4096;
  const view = new DataView(ring.bytes.buffer, ring.bytes.byteOffset);
  // What it needs itself comes last.
  const kept = TABLES / 4096 + 1024;
  for (const i of numbers(pages)) view.setUint32(TABLES + i * 4, pages - 1 - i, true);
  const parts = [{ at: TABLES, bytes: (pages - kept) * 4 }];
  ring.offer(numbers(requests).map((slot) => ring.chain(slot, parts)));
  return kick(machine, device, 0, ring);
}

function rngOf(ringSize: number | null, bytes: number): Deed {
  const machine = gceN1({ rng: true });
  const device = attach(machine, 'rng0', virtioRng(POLLED));
  const ring = new HostileRing(machine, device, 0, RING);
  const heads = numbers(ring.size).map((slot) => ring.chain(slot, [{ at: BUFFERS, bytes, writable: true }]));
  ring.offer(ringSize === null ? heads : heads.slice(0, ringSize));
  return kick(machine, device, 0, ring);
}

const DEEDS: Readonly<Record<string, () => Deed>> = {
  'scsi tables': () => scsiTables(),
  'scsi one head': scsiOneHead,
  'scsi pieces': scsiPieces,
  'scsi flushes': scsiFlushes,
  'scsi unmap': scsiUnmap,
  'scsi queries': () => taskManagement(6, false),
  'scsi aborts': () => taskManagement(0, true),
  'scsi tags': scsiTags,
  'net segments': netSegments,
  'net pieces': () => netPieces(1, 8),
  'net receives': netReceives,
  'net control': () => netPieces(2, 8),
  'big-endian': bigEndian,
  spoil,
  'in order': () => scsiTables(IN_ORDER),
  'in order late': inOrderLate,
  balloon: () => balloonOf(3072, 1),
  'balloon again': () => balloonOf(256, 256),
  rng: () => rngOf(null, 64),
  'rng pages': () => rngOf(null, 4096),
};

export function deedOf(name: string): Deed {
  return DEEDS[name]!();
}
