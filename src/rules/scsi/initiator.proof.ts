import type { AnsweredRequest, Pieces } from '../../virtio/scsi/events.ts';
import { SCSI_RESPONSE } from '../../virtio/scsi/registers.ts';
import type { GCE_DISKS } from '../gce/disks.ts';
import { scripts } from '../script.proof.ts';
import type { SCSI_COMMANDS } from './commands.ts';
import type { SCSI_DATA } from './data.ts';
import { InitiatorWatch } from './initiator-watch.ts';
import type { SCSI_REFUSALS } from './refusals.ts';

const BLOCK = 512;
const { OK, OVERRUN, BAD_TARGET } = SCSI_RESPONSE;
/** A disk at target 1, one that is too large for READ CAPACITY(10) at target 2; further units like the first. */
const [SMALL, LARGE] = [2048, 2 ** 33];
export const UNITS = {
  limits: { transfer: 512, unmapBlocks: 1000, unmapDescriptors: 2, physical: 8 },
  takesFua: () => false,
  blocksOf: (target: number) => (target === 3 ? -1 : target === 2 ? LARGE : SMALL),
};

/** The result of a command. By default it succeeds, and moves all its data. */
interface Came {
  readonly in?: number;
  readonly out?: number;
  /** Bytes that its CDB asks to move. */
  readonly asks?: number;
  readonly sense?: number;
  readonly key?: number;
  readonly pieces?: Pieces;
  readonly status?: number;
  readonly response?: number;
  readonly target?: number;
  readonly lun?: number;
  /** What was sent, as hexadecimal digits. */
  readonly list?: string;
  /** The byte that sense data point to, of the CDB if it is negative. */
  readonly at?: number;
  readonly qualifier?: number;
}

const CHECK_CONDITION = 2;
const pieces = (total: number): Pieces => ({ count: total > 0 ? 1 : 0, total, length: [total] });

function answered(
  cdb: string,
  { in: room = 0, sense, status = 0, response = OK, target = 1, lun = 0, key = 0, ...more }: Came,
): [AnsweredRequest, number] {
  const list = Buffer.from((more.list ?? '').replaceAll(' ', ''), 'hex');
  const { out = list.length } = more;
  const { asks = room + out } = more;
  const bytes = new Uint8Array(32);
  bytes.set(Buffer.from(cdb.replaceAll(' ', ''), 'hex'));
  const isDone = response === OK && sense === undefined && status === 0;
  const command = {
    cdb: bytes,
    dataIn: pieces(room),
    dataOut: {
      ...pieces(out),
      gather: (into: Uint8Array, skip = 0, count = into.length) => copied(list, into, skip, count),
    },
    status: sense === undefined ? status : CHECK_CONDITION,
    sense: senseOf({ ...more, key, sense: sense ?? 0 }),
    senseLength: sense === undefined ? 0 : 18,
    expected: asks,
    transferred: isDone ? Math.min(asks, room + out) : 0,
  };
  const whole = {
    readable: pieces(51 + out),
    writable: more.pieces ?? pieces(108 + room),
    tagLow: 1,
    tagHigh: 0,
  };
  return [{ target, lun, command, ...whole }, response];
}

function copied(from: Uint8Array, into: Uint8Array, skip: number, count: number): number {
  const part = from.subarray(skip, skip + count);
  into.set(part);
  return part.length;
}

/** In fixed format. */
function senseOf({ key = 0, sense = 0, qualifier = 0, at }: Came): Uint8Array {
  const bytes = new Uint8Array(18);
  bytes[2] = key;
  bytes[12] = sense;
  bytes[13] = qualifier;
  if (at === undefined) return bytes;
  bytes[15] = at < 0 ? 0xc0 : 0x80;
  bytes[17] = Math.abs(at);
  return bytes;
}

/** A command and its result. */
export type Sent = readonly [cdb: string, came?: Came];

export const played =
  (...commands: readonly Sent[]) =>
  (watch: InitiatorWatch) => {
    for (const [cdb, came = {}] of commands) watch.answered(...answered(cdb, came));
  };

const READ_ONE = ['28 00 00000000 00 0001 00', { in: BLOCK }] as const;
const CAPACITY_10 = ['25 00 00000000 0000 00 00', { in: 8, target: 2 }] as const;
const CAPACITY_16 = ['9e 10 0000000000000000 00000020 00 00', { in: 32, target: 2 }] as const;
const READ_LARGE = [READ_ONE[0], { in: BLOCK, target: 2 }] as const;
const READ_LUN_1 = [READ_ONE[0], { in: BLOCK, lun: 1 }] as const;
/** Power came on, or the unit was reset. */
const ATTENTION = [READ_ONE[0], { in: BLOCK, asks: 0, sense: 0x29, key: 6 }] as const;
const BUSY = [READ_ONE[0], { in: BLOCK, asks: 0, status: 0x08 }] as const;
export const NOBODY_AT_0 = ['12 00 00 0024 00', { in: 36, target: 0, response: BAD_TARGET }] as const;
const nobodyAt = (lun: number) => [NOBODY_AT_0[0], { ...NOBODY_AT_0[1], lun }] as const;
export const REPORT = ['a0 00 00 000000 00001000 00 00', { in: 4096 }] as const;
const UNMAP_ONE = ['42 00 00000000 00 0018 00', { out: 24 }] as const;

const MODE_SELECT = '15 10 0000 18 00';
/** The caching page behind a header and a block descriptor, of which the first byte is `00`, and is to be. */
const modes = (first: string) => `${first}000008 00000800 00000200 080a ${'00'.repeat(10)}`;
const RESERVE = '5f 01 05 0000 00000018 00';
const REGISTER = '5f 06 00 0000 00000018 00';
/** The key of the list, and the one that is to be registered. */
const keysOf = (key: number, other: number) =>
  `${[key, other].map((one) => one.toString(16).padStart(16, '0')).join('')}${'00'.repeat(8)}`;
const INQUIRY_OF_3 = ['12 00 00 0024 00', { in: 36, target: 3, response: BAD_TARGET }] as const;
const READ_OF_3 = [READ_ONE[0], { in: BLOCK, target: 3, response: BAD_TARGET }] as const;
const CONFLICT = 0x18;

/** Additional sense. */
const [INVALID_IN_CDB, OUT_OF_RANGE, INVALID_IN_LIST] = [0x24, 0x21, 0x26];
const refused = (cdb: string, room: number) => played([cdb, { in: room, asks: 0, sense: INVALID_IN_CDB }]);

type Rows = typeof SCSI_COMMANDS & typeof SCSI_DATA & typeof SCSI_REFUSALS & typeof GCE_DISKS;

export const INITIATOR_PROOFS = scripts<InitiatorWatch, keyof Rows>(
  (journal) => new InitiatorWatch(() => 'scsi0', UNITS, journal),
  {
    'scsi/CDB-RESERVED': {
      // LUN 1 as SCSI-2 had it.
      breaks: refused('12 20 00 0024 00', 36),
      keeps: played(['12 00 00 0024 00', { in: 36 }]),
    },
    'scsi/CDB-DENIED': {
      // RDPROTECT 1.
      breaks: refused('28 20 00000000 00 0001 00', BLOCK),
      keeps: played(READ_ONE),
    },
    'scsi/CDB-CONTROL': {
      // NACA.
      breaks: refused('28 00 00000000 00 0001 04', BLOCK),
      keeps: played(READ_ONE),
    },
    'scsi/DPOFUA': {
      breaks: refused('28 08 00000000 00 0001 00', BLOCK),
      keeps: played(READ_ONE),
    },
    'scsi/TRANSFER-LENGTH': {
      breaks: refused('28 00 00000000 00 0201 00', 513 * BLOCK),
      keeps: played(['28 00 00000000 00 0200 00', { in: 512 * BLOCK }]),
    },
    'scsi/LBA-RANGE': {
      breaks: played(['28 00 00000800 00 0001 00', { in: BLOCK, asks: 0, sense: OUT_OF_RANGE }]),
      keeps: played(['28 00 000007ff 00 0001 00', { in: BLOCK }]),
    },
    'scsi/CAPACITY-16': {
      breaks: played(CAPACITY_10, READ_LARGE),
      keeps: played(CAPACITY_10, CAPACITY_16, READ_LARGE),
    },
    'scsi/UNMAP-LIMITS': {
      breaks: played(['42 00 00000000 00 0038 00', { out: 56, sense: INVALID_IN_LIST }]),
      keeps: played(UNMAP_ONE),
    },
    'scsi/INQUIRY-PAGE': {
      breaks: refused('12 00 80 0024 00', 36),
      keeps: played(['12 01 80 0024 00', { in: 36 }]),
    },
    'scsi/BUSY-RETRY': {
      breaks: played(...Array.from({ length: 258 }, () => BUSY)),
      keeps: played(BUSY, BUSY, READ_ONE),
    },
    'scsi/UNIT-ATTENTION': {
      breaks: (watch) => {
        played(ATTENTION, REPORT)(watch);
        watch.ended();
      },
      keeps: (watch) => {
        played(ATTENTION, READ_ONE)(watch);
        watch.ended();
      },
    },
    'scsi/REPORT-LUNS-FIRST': {
      breaks: played(READ_LUN_1),
      keeps: played(REPORT, READ_LUN_1),
    },
    'scsi/DATA-DIRECTION': {
      breaks: played(['28 00 00000000 00 0001 00', { out: BLOCK, asks: BLOCK, response: OVERRUN }]),
      keeps: played(READ_ONE),
    },
    'scsi/DATA-ROOM': {
      breaks: played(['28 00 00000000 00 0002 00', { in: BLOCK, asks: 2 * BLOCK, response: OVERRUN }]),
      keeps: played(READ_ONE),
    },
    'scsi/DATA-EXCESS': {
      breaks: played(['28 00 00000000 00 0001 00', { in: 4096, asks: BLOCK }]),
      keeps: played(READ_ONE),
    },
    'scsi/LENGTH-ZERO': {
      breaks: played(['28 00 00000000 00 0000 00', { in: BLOCK, asks: 0 }]),
      keeps: played(['28 00 00000000 00 0000 00'], ATTENTION, READ_ONE),
    },
    'gce/BLOCK-LENGTH': {
      breaks: played(['28 00 00000000 00 0002 00', { in: 2 * 4096, asks: 2 * BLOCK }]),
      keeps: played(['28 00 00000000 00 0002 00', { in: 2 * BLOCK }]),
    },
    'gce/FIRST-TARGET': {
      breaks: (watch) => {
        played(NOBODY_AT_0, NOBODY_AT_0)(watch);
        watch.ended();
      },
      keeps: (watch) => {
        played(NOBODY_AT_0, REPORT)(watch);
        watch.ended();
      },
    },
    'scsi/LUN-SWAPPED': {
      breaks: (watch) => {
        played(...[0, 1, 2].map(nobodyAt))(watch);
        watch.ended();
      },
      keeps: (watch) => {
        played(...[0, 1, 2].map(nobodyAt), REPORT)(watch);
        watch.ended();
      },
    },
    'scsi/PARAMETER-LIST': {
      breaks: played([MODE_SELECT, { list: modes('17'), sense: INVALID_IN_LIST, key: 5, at: 0 }]),
      keeps: played([MODE_SELECT, { list: modes('00') }]),
    },
    'scsi/CDB-VALUE': {
      breaks: played([
        '93 00 0000000000000000 00000008 00 00',
        { out: 4096, asks: BLOCK, sense: INVALID_IN_CDB, key: 5, at: -10 },
      ]),
      keeps: played(['93 00 0000000000000000 00000008 00 00', { out: BLOCK }]),
    },
    'scsi/RESERVATION-KEY': {
      breaks: played([RESERVE, { list: keysOf(7, 0), status: CONFLICT }]),
      keeps: played([REGISTER, { list: keysOf(0, 7) }], [RESERVE, { list: keysOf(7, 0) }]),
    },
    'scsi/ABSENT-UNIT': {
      breaks: played(INQUIRY_OF_3, READ_OF_3),
      keeps: played(INQUIRY_OF_3, READ_ONE),
    },
    'scsi/ALLOCATION-LENGTH': {
      breaks: played(['12 00 00 0004 00', { in: 4 }]),
      keeps: played(['12 01 00 0004 00', { in: 4 }], REPORT),
    },
  },
);
