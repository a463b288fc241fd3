import { BitSet } from '../../../core/bit-set.ts';
import type { Chain } from '../../../virtio/queue/events.ts';
import { FEATURE, VIRTIO_ID } from '../../../virtio/registers.ts';
import type { Pieces, RequestFault, ScsiEvents, SeenRequest } from '../../../virtio/scsi/events.ts';
import { scripts } from '../../script.proof.ts';
import { factsOfNobody } from '../facts.proof.ts';
import type { SCSI_LISTS } from './lists.ts';
import type { SCSI_REQUESTS } from './requests.ts';
import { judgeScsi, type SCSI } from './scsi.ts';

/** The standard's defaults for sizes that the driver did not write: cdb_size 32, sense_size 96. */
const SIZES = { goesBothWays: false, head_size: 19, cdb_size: 32, sense_size: 96 };
const ROOM = [108];
const HEADER = [51];
/** The request queue has fewer entries than cmd_per_lun. */
const LIMITS = { seg_max: 4, cmd_per_lun: 20, event_info_size: 24, endian: 'le' } as const;
const [FULL_UNIT, FULL_QUEUE] = [20, 16];

const NO_UNITS = {
  limits: { transfer: 0, unmapBlocks: 0, unmapDescriptors: 0, physical: 1 },
  takesFua: () => false,
  blocksOf: () => -1,
};

const DISK = Uint8Array.of(1, 1, 0x40, 0, 0, 0, 0, 0);

const pieces = (...length: readonly number[]): Pieces => ({
  count: length.length,
  total: length.reduce((sum, one) => sum + one, 0),
  length,
});

/** Changes to a request that is right: to target 1, LUN 0, without data. */
interface Asked {
  readonly id?: number;
  readonly head?: Uint8Array;
  readonly opcode?: number;
  readonly fault?: RequestFault;
  readonly readable?: readonly number[];
  readonly writable?: readonly number[];
  readonly dataIn?: readonly number[];
  readonly dataOut?: readonly number[];
  readonly outstanding?: readonly SeenRequest[];
}

const asked = ({
  id = 1,
  opcode = 0,
  readable = HEADER,
  writable = ROOM,
  dataIn = [],
  dataOut = [],
}: Asked = {}) => ({
  target: 1,
  lun: 0,
  tagLow: id,
  tagHigh: 0,
  readable: pieces(...readable),
  writable: pieces(...writable),
  command: {
    cdb: Uint8Array.of(opcode, ...new Uint8Array(31)),
    dataIn: pieces(...dataIn),
    dataOut: pieces(...dataOut),
  },
});

const ask = (
  watch: ScsiEvents,
  { fault, head = new Uint8Array(19), outstanding = [], ...rest }: Asked = {},
) => watch.requested(asked(rest), fault ?? null, head, SIZES, outstanding);

/** The last byte of each of task_attr, prio and crn is at 16, 17 and 18. */
const tagged = Uint8Array.from({ length: 19 }, (_, i) => (i === 16 ? 1 : 0));

/** The LUN field is the first eight bytes. */
const secondLevel = Uint8Array.from({ length: 19 }, (_, i) => (i === 5 ? 1 : 0));

/** A stand-in: no rule here looks at the chain itself. */
const NO_CHAIN = { count: 3, writableBytes: 1 } as Chain;

/** Sends a request in a packed ring; with `indirect`, in a table. */
const askPacked = (scsi: ScsiEvents, indirect: boolean, dataIn: readonly number[]) => {
  scsi.negotiated(BitSet.of([FEATURE.VERSION_1, FEATURE.RING_PACKED]), false);
  scsi.rings[2]!.taken(2, NO_CHAIN, indirect);
  ask(scsi, { dataIn });
};

const others = (count: number) => Array.from({ length: count }, (_, i) => asked({ id: 100 + i }));

function writeConfig(watch: ScsiEvents, at: number, ...bytes: readonly number[]): void {
  bytes.forEach((byte, i) => {
    watch.configWritten(at + i, byte);
  });
}

export const SCSI_PROOFS = scripts<
  ScsiEvents,
  keyof typeof SCSI | keyof typeof SCSI_REQUESTS | keyof typeof SCSI_LISTS
>((journal) => judgeScsi(factsOfNobody('scsi0', VIRTIO_ID.scsi, [16, 16, 16]), LIMITS, NO_UNITS, journal), {
  'virtio/SCSI-CFG-D1': {
    // seg_max is at 4; sense_size at 20.
    breaks: (scsi) => scsi.configWritten(4, 64),
    keeps: (scsi) => scsi.configWritten(20, 96),
  },
  'virtio/SCSI-CFG-D2': {
    breaks: (scsi) => ask(scsi, { outstanding: others(FULL_UNIT) }),
    keeps: (scsi) => ask(scsi, { outstanding: others(FULL_QUEUE - 1) }),
  },
  'virtio/SCSI-CFG-D3': {
    breaks: (scsi) => ask(scsi, { outstanding: others(FULL_QUEUE) }),
    keeps: (scsi) => ask(scsi, { outstanding: others(FULL_QUEUE - 1) }),
  },
  'virtio/SCSI-CFG-LEG-D1': {
    // sense_size 96, most significant byte first.
    breaks: (scsi) => writeConfig(scsi, 20, 0, 0, 0, 96),
    keeps: (scsi) => writeConfig(scsi, 20, 96, 0, 0, 0),
  },
  'virtio/SCSI-REQ-D1': {
    breaks: (scsi) => ask(scsi, { opcode: 0x12, head: tagged }),
    keeps: (scsi) => ask(scsi, { opcode: 0xa0 }),
  },
  'virtio/SCSI-REQ-D2': {
    breaks: (scsi) => ask(scsi, { head: tagged }),
    keeps: (scsi) => ask(scsi),
  },
  'virtio/SCSI-EVT-D2': {
    breaks: (scsi) => scsi.eventBuffer(1, 24),
    keeps: (scsi) => scsi.eventBuffer(0, 24),
  },
  'virtio/SCSI-EVT-D3': {
    breaks: (scsi) => scsi.eventBuffer(0, 23),
    keeps: (scsi) => scsi.eventBuffer(0, 24),
  },
  'virtio/SCSI-EVT-D4': {
    breaks: (scsi) => scsi.eventBuffer(0, 15),
    keeps: (scsi) => scsi.eventBuffer(0, 24),
  },
  'virtio/SCSI-FRAME-LEG-D1': {
    breaks: (scsi) => ask(scsi, { readable: [20, 31] }),
    keeps: (scsi) => ask(scsi),
  },
  'virtio/SCSI-FRAME-LEG-D2': {
    breaks: (scsi) => ask(scsi, { writable: [12, 96] }),
    keeps: (scsi) => ask(scsi),
  },
  'virtio/SCSI-IMP-1': {
    breaks: (scsi) => ask(scsi, { fault: 'lun' }),
    keeps: (scsi) => ask(scsi),
  },
  'virtio/SCSI-IMP-2': {
    breaks: (scsi) => ask(scsi, { fault: 'short', readable: [50] }),
    keeps: (scsi) => ask(scsi),
  },
  'virtio/SCSI-IMP-3': {
    breaks: (scsi) => ask(scsi, { fault: 'both ways', dataIn: [512], dataOut: [512] }),
    keeps: (scsi) => ask(scsi, { dataIn: [512] }),
  },
  'virtio/SCSI-IMP-4': {
    breaks: (scsi) => {
      scsi.negotiated(BitSet.of([FEATURE.ANY_LAYOUT]), true);
      ask(scsi, { dataIn: [1, 2, 3, 4, 5] });
    },
    keeps: (scsi) => ask(scsi, { dataOut: [1, 2, 3, 4] }),
  },
  'virtio/PACKED-SG-D1': {
    breaks: (scsi) => askPacked(scsi, false, [1, 2, 3, 4, 5]),
    keeps: (scsi) => askPacked(scsi, false, [1, 2, 3, 4]),
  },
  'virtio/PACKED-IND-D3': {
    breaks: (scsi) => askPacked(scsi, true, [1, 2, 3, 4, 5]),
    keeps: (scsi) => askPacked(scsi, true, [1, 2, 3, 4]),
  },
  'virtio/SCSI-IMP-5': {
    breaks: (scsi) => ask(scsi, { fault: 'overlapped', outstanding: [asked()] }),
    keeps: (scsi) => ask(scsi, { id: 2, outstanding: [asked()] }),
  },
  'scsi/LUN-TAIL': {
    breaks: (scsi) => ask(scsi, { head: secondLevel }),
    keeps: (scsi) => ask(scsi),
  },
  'virtio/SCSI-CTRL-LEG-D1': {
    breaks: (scsi) => scsi.controlled(0, 0x0500_0000, 24, 1, DISK, true),
    keeps: (scsi) => scsi.controlled(0, 5, 24, 1, DISK, true),
  },
  'virtio/SCSI-IMP-6': {
    breaks: (scsi) => scsi.controlled(0, 8, 24, 1, DISK, true),
    keeps: (scsi) => scsi.controlled(0, 5, 24, 1, DISK, true),
  },
});
