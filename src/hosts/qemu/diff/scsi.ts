import { hex } from '../../../core/bits.ts';
import type { Random } from '../../../core/random.ts';
import type { ScsiCommand, ScsiSense } from '../../../guest/index.ts';
import { type Answer, type Area, pick, type Question } from './question.ts';
import { TARGET } from './side.ts';

const BLOCK = 512;
/** Reads avoid the blocks that are written: a write that only one of the two accepts is a difference once. */
const READ_BLOCKS = 64;
const WRITTEN = 512;
const ZEROED = 1024;
const PAGES = [0x00, 0x80, 0x83, 0x86, 0xb0, 0xb1, 0xb2, 0x87, 0xff];
const MODE_PAGES = [0x01, 0x04, 0x08, 0x0a, 0x1c, 0x3f, 0x00, 0x3e];

type Make = (random: Random) => ScsiCommand;

function cdb(length: number, bytes: Readonly<Record<number, number>>): Uint8Array {
  const made = new Uint8Array(length);
  for (const [at, byte] of Object.entries(bytes)) made[Number(at)] = byte;
  return made;
}

const u16 = (at: number, value: number) => ({ [at]: value >> 8, [at + 1]: value & 0xff });
const u32 = (at: number, value: number) => ({ ...u16(at, value >>> 16), ...u16(at + 2, value & 0xffff) });
const length = (random: Random) => pick(random, [0, 4, 5, 8, 18, 36, 64, 96, 255]);
const blocks = (random: Random) => pick(random, [0, 1, 2, 8]);
const written = (random: Random) => pick(random, [WRITTEN + random.below(READ_BLOCKS), 0x7fff_ffff]);
const lba = (random: Random) =>
  pick(random, [random.below(READ_BLOCKS), random.below(READ_BLOCKS), 0x7fff_ffff]);

const COMMANDS: Readonly<Record<string, Make>> = {
  'TEST UNIT READY': () => ({ name: '', cdb: cdb(6, { 0: 0x00 }) }),
  'REQUEST SENSE': (r) => from(r, (n) => cdb(6, { 0: 0x03, 1: pick(r, [0, 1]), 4: n })),
  INQUIRY: (r) => from(r, (n) => cdb(6, { 0: 0x12, ...u16(3, n) })),
  'INQUIRY with EVPD': (r) => from(r, (n) => cdb(6, { 0: 0x12, 1: 1, 2: pick(r, PAGES), ...u16(3, n) })),
  'INQUIRY, a page without EVPD': (r) => from(r, (n) => cdb(6, { 0: 0x12, 2: 0x80, ...u16(3, n) })),
  'MODE SENSE(6)': (r) => from(r, (n) => cdb(6, { 0: 0x1a, 1: pick(r, [0, 8]), 2: modePage(r), 4: n })),
  'MODE SENSE(10)': (r) =>
    from(r, (n) => cdb(10, { 0: 0x5a, 1: pick(r, [0, 8, 0x10]), 2: modePage(r), ...u16(7, n) })),
  'READ CAPACITY(10)': () => ({ name: '', cdb: cdb(10, { 0: 0x25 }), dataIn: 8 }),
  'READ CAPACITY(16)': (r) => from(r, (n) => cdb(16, { 0: 0x9e, 1: 0x10, ...u32(10, n) })),
  'GET LBA STATUS': (r) => from(r, (n) => cdb(16, { 0: 0x9e, 1: 0x12, ...u32(10, n) })),
  'SERVICE ACTION IN(16)': (r) => from(r, (n) => cdb(16, { 0: 0x9e, 1: 0x1f, ...u32(10, n) })),
  'READ(6)': (r) => {
    const count = pick(r, [1, 2, 8]);
    return { name: '', cdb: cdb(6, { 0: 0x08, 3: r.below(READ_BLOCKS), 4: count }), dataIn: count * BLOCK };
  },
  'READ(10)': (r) => reading(r, (at, n) => cdb(10, { 0: 0x28, 1: flags(r), ...u32(2, at), ...u16(7, n) })),
  'READ(12)': (r) => reading(r, (at, n) => cdb(12, { 0: 0xa8, 1: flags(r), ...u32(2, at), ...u32(6, n) })),
  'READ(16)': (r) => reading(r, (at, n) => cdb(16, { 0: 0x88, 1: flags(r), ...u32(6, at), ...u32(10, n) })),
  'WRITE(10)': (r) => writing(r, (at, n) => cdb(10, { 0: 0x2a, 1: flags(r), ...u32(2, at), ...u16(7, n) })),
  'WRITE(16)': (r) => writing(r, (at, n) => cdb(16, { 0: 0x8a, 1: flags(r), ...u32(6, at), ...u32(10, n) })),
  'VERIFY(10)': (r) => ({ name: '', cdb: cdb(10, { 0: 0x2f, ...u32(2, lba(r)), ...u16(7, blocks(r)) }) }),
  'VERIFY(16)': (r) => ({ name: '', cdb: cdb(16, { 0: 0x8f, ...u32(6, lba(r)), ...u32(10, blocks(r)) }) }),
  'SYNCHRONIZE CACHE(10)': (r) => ({
    name: '',
    cdb: cdb(10, { 0: 0x35, ...u32(2, lba(r)), ...u16(7, blocks(r)) }),
  }),
  'SYNCHRONIZE CACHE(16)': () => ({ name: '', cdb: cdb(16, { 0: 0x91 }) }),
  'WRITE SAME(10)': (r) => ({
    name: '',
    cdb: cdb(10, { 0: 0x41, 1: pick(r, [0, 8]), ...u32(2, ZEROED), ...u16(7, pick(r, [1, 8])) }),
    dataOut: new Uint8Array(BLOCK),
  }),
  'WRITE SAME(16)': (r) => ({
    name: '',
    cdb: cdb(16, { 0: 0x93, 1: pick(r, [0, 8]), ...u32(6, ZEROED), ...u32(10, pick(r, [1, 8])) }),
    dataOut: new Uint8Array(BLOCK),
  }),
  UNMAP: (r) => unmapping(pick(r, [0, 8, 24]), pick(r, [1, 8, 0])),
  'REPORT LUNS': (r) => from(r, (n) => cdb(12, { 0: 0xa0, 2: pick(r, [0, 1, 2, 3]), ...u32(6, n) })),
  'REPORT SUPPORTED OPERATION CODES': (r) => from(r, (n) => cdb(12, { 0: 0xa3, 1: 0x0c, ...u32(6, n) })),
  'PERSISTENT RESERVE IN': (r) => from(r, (n) => cdb(10, { 0: 0x5e, 1: pick(r, [0, 1, 2]), ...u16(7, n) })),
  'LOG SENSE': (r) => from(r, (n) => cdb(10, { 0: 0x4d, 2: 0x40, ...u16(7, n) })),
  'START STOP UNIT': () => ({ name: '', cdb: cdb(6, { 0: 0x1b, 4: 1 }) }),
  'PREVENT ALLOW MEDIUM REMOVAL': () => ({ name: '', cdb: cdb(6, { 0: 0x1e }) }),
  'SEEK(10)': () => ({ name: '', cdb: cdb(10, { 0: 0x2b }) }),
  'PRE-FETCH(10)': () => ({ name: '', cdb: cdb(10, { 0: 0x34, 8: 1 }) }),
  'REZERO UNIT': () => ({ name: '', cdb: cdb(6, { 0: 0x01 }) }),
  'SEND DIAGNOSTIC': () => ({ name: '', cdb: cdb(6, { 0: 0x1d, 1: 4 }) }),
  'an operation that there is not': (r) => ({
    name: '',
    cdb: cdb(12, { 0: pick(r, [0x02, 0x1f, 0x6f, 0xc0, 0xe5, 0xff]) }),
  }),
};

const NAMES = Object.keys(COMMANDS);

/** A disk's answers to commands. */
export const scsi: Area = {
  name: 'scsi',
  modern: false,
  scripted: [],
  seeded: (random) => {
    const name = pick(random, NAMES);
    return question({ ...COMMANDS[name]!(random), name });
  },
};

function question(command: ScsiCommand): Question {
  return {
    about: `${command.name} ${Buffer.from(command.cdb).toString('hex')}`,
    ask: ({ adapter }) => {
      const { response, status, sense, residual, data } = adapter.runner.execute(
        { target: TARGET, lun: 0 },
        command,
      );
      const said = (what: string, text: string): Answer => ({
        place: `scsi ${command.name}: ${what}`,
        said: text,
      });
      return [
        said('response', `${response}`),
        said('status', sense === null ? hex(status, 2) : `${hex(status, 2)} ${codeOf(sense)}`),
        said('residual', `${residual}`),
        ...[...data].map((byte, i) => said(`byte ${i}`, hex(byte, 2))),
      ];
    },
  };
}

function from(random: Random, make: (length: number) => Uint8Array): ScsiCommand {
  const dataIn = length(random);
  return { name: '', cdb: make(dataIn), dataIn };
}

function reading(random: Random, make: (at: number, count: number) => Uint8Array): ScsiCommand {
  const count = blocks(random);
  return { name: '', cdb: make(lba(random), count), dataIn: count * BLOCK };
}

function writing(random: Random, make: (at: number, count: number) => Uint8Array): ScsiCommand {
  const count = blocks(random);
  const dataOut = new Uint8Array(count * BLOCK);
  random.fill(dataOut);
  return { name: '', cdb: make(written(random), count), dataOut };
}

function modePage(random: Random): number {
  return pick(random, [0, 0x40, 0x80, 0xc0]) | pick(random, MODE_PAGES);
}

/** FUA, DPO, or RDPROTECT, for which there is no protection information. */
function flags(random: Random): number {
  return pick(random, [0, 0, 8, 0x10, 0x20]);
}

/** A list with room for one extent, of which `bytes` are handed over. */
function unmapping(bytes: number, count: number): ScsiCommand {
  const list = cdb(24, { ...u16(0, 22), ...u16(2, 16), ...u32(12, ZEROED), ...u32(16, count) });
  return { name: '', cdb: cdb(10, { 0: 0x42, ...u16(7, bytes) }), dataOut: list.subarray(0, bytes) };
}

function codeOf({ key, asc, ascq }: ScsiSense): string {
  return `${hex(key, 1)}/${hex(asc, 2)}/${hex(ascq, 2)}`;
}
