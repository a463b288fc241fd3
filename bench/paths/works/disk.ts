import { mkdirSync, writeFileSync } from 'node:fs';
import { virtioScsi } from '../../../src/guest/index.ts';
import { gceN1, type Machine, type MachineOptions } from '../../../src/index.ts';
import { bdfOf, HandRing, type Part, type Work } from './ring.ts';

const OUT = '.cache/bench/paths';
const FILE = `${OUT}/disk.img`;
const POLLED = { interrupts: 'polled' } as const;
const REQUEST_QUEUE = 2;
const BLOCK = 512;
/** Size of a file's data; the same amount is used in memory. */
const SMALL = 1 << 20;
const PAGE = 4096;
const DISK = 16 << 20;
/** RAM that no allocation reaches. */
const REQUESTS = 0x380_0000;
const DATA = 0x400_0000;
/** Request, then response, of a chain. */
const SLOT = 512;
const RESPONSE_AT = 128;
const [CDB_AT, LBA_AT, BLOCKS_AT] = [19, 21, 26];
const REQUEST_BYTES = CDB_AT + 32;
const RESPONSE_BYTES = 108;
const STATUS_AT = 10;
const READ_10 = 0x28;
const WRITE_10 = 0x2a;

interface Job {
  readonly write: boolean;
  /** Parameters of each request, and requests per kick; consecutive in the first `region` bytes of the disk. */
  readonly bytes: number;
  readonly batch: number;
  readonly region: number;
  /** In pages that lie apart, as Linux has most data. */
  readonly isInPages?: boolean;
}

/** A disk in memory or in a file, fully written. */
function machineWith(file: boolean): Machine {
  const bytes = new Uint8Array(file ? SMALL : DISK).map((_, i) => i * 7);
  if (file) {
    mkdirSync(OUT, { recursive: true });
    writeFileSync(FILE, bytes);
  }
  const options: MachineOptions = {
    judge: false,
    patience: false,
    disks: [file ? { file: FILE } : { bytes: DISK }],
  };
  const machine = gceN1(options);
  if (!machine.disks[0]!.medium.write(0, bytes, 0, bytes.length)) throw new Error('the disk takes nothing');
  return machine;
}

function chainsOf({ write, bytes, batch, isInPages }: Job): readonly Part[][] {
  return Array.from({ length: batch }, (_, i) => {
    const request = { at: REQUESTS + i * SLOT, bytes: REQUEST_BYTES, writable: false };
    const response = { at: request.at + RESPONSE_AT, bytes: RESPONSE_BYTES, writable: true };
    // Every second page, so that no two touch.
    const pages = Array.from({ length: isInPages ? bytes / PAGE : 0 }, (_, page) => ({
      at: DATA + i * 2 * bytes + page * 2 * PAGE,
      bytes: PAGE,
      writable: !write,
    }));
    const data = isInPages ? pages : [{ at: DATA + i * bytes, bytes, writable: !write }];
    return write ? [request, ...data, response] : [request, response, ...data];
  });
}

/** Each kick requests the next part of the disk. */
function asks(machine: Machine, job: Job): Work {
  const bdf = bdfOf(machine, 'scsi');
  // Unit attentions are received first.
  virtioScsi(POLLED).attach(machine.port, bdf).read(1, 0, 1);
  const ring = new HandRing(machine, bdf, REQUEST_QUEUE);
  ring.fill(chainsOf(job));
  const { bytes: ram, view } = machine.chassis.board.memory.ranges[0]!;
  const blocks = job.bytes / BLOCK;
  for (let i = 0; i < job.batch; i++) {
    const at = REQUESTS + i * SLOT;
    ram.set([1, 1, 0x40, 0, 0, 0, 0, 0, i + 1], at);
    ram[at + CDB_AT] = job.write ? WRITE_10 : READ_10;
    view.setUint16(at + BLOCKS_AT, blocks);
  }
  let lba = 0;
  let made = 0;
  const kick = () => {
    const before = ring.usedIndex;
    for (let i = 0; i < job.batch; i++) {
      view.setUint32(REQUESTS + i * SLOT + LBA_AT, lba);
      lba = (lba + blocks) % (job.region / BLOCK);
    }
    ring.offer(job.batch);
    ring.kick();
    made += (ring.usedIndex - before) & 0xffff;
  };
  const work = (times: number) => {
    const before = made;
    const kicks = Math.ceil(times / job.batch);
    for (let i = 0; i < kicks; i++) kick();
    if (made - before !== kicks * job.batch) throw new Error('a request was not answered at its kick');
    if (view.getUint16(REQUESTS + RESPONSE_AT + STATUS_AT) !== 0) throw new Error('a request failed');
  };
  return { work, made: () => made };
}

export function request4K(write: boolean, file: boolean): Work {
  return asks(machineWith(file), { write, bytes: 4096, batch: 32, region: SMALL });
}

/** Of 1 MiB each: the disk's maximum, four times. */
export function sequential(): Work {
  const { work, made } = asks(machineWith(false), { write: false, bytes: 1 << 18, batch: 4, region: DISK });
  return { work: (times) => work(times * 4), made };
}

/** 256 KiB in 64 pages, from or to a file. */
export function inPages(write: boolean): Work {
  return asks(machineWith(true), { write, bytes: 1 << 18, batch: 4, region: SMALL, isInPages: true });
}

export function driverReads(): Work {
  const machine = machineWith(false);
  const host = virtioScsi(POLLED).attach(machine.port, bdfOf(machine, 'scsi'));
  let made = 0;
  const work = (times: number) => {
    for (let i = 0; i < times; i++) made += host.read(1, 0, 512).length;
  };
  return { work, made: () => made };
}
