import type { Gpa } from '../../../src/core/bits.ts';
import { FEATURE, VIRTQ_DESC_F } from '../../../src/virtio/registers.ts';
import {
  CDB_SIZE_DEFAULT,
  SCSI_CONTROL,
  SCSI_QUEUE,
  SCSI_TMF,
  SENSE_SIZE_DEFAULT,
  virtio_scsi_ctrl_an_req,
  virtio_scsi_req_cmd,
  virtio_scsi_resp_cmd,
} from '../../../src/virtio/scsi/registers.ts';
import type { BareDevice } from './bare-device.ts';
import { onDevice, type Play, RAM } from './play.ts';
import type { Buffer, SplitRing } from './split-ring.ts';

const { control, event, request } = SCSI_QUEUE;
const { NEXT, INDIRECT } = VIRTQ_DESC_F;
const HEAD = virtio_scsi_req_cmd.size + CDB_SIZE_DEFAULT;
const ANSWER = virtio_scsi_resp_cmd.size + SENSE_SIZE_DEFAULT;
const BLOCK = 512;
const MMIO = 0xfebf_0000;
const LAST = RAM - 32;
/** Target 1, LUN 0. */
const UNIT = [1, 1, 0x40, 0, 0, 0, 0, 0];
/** Of the disk that there is by default. */
const BLOCKS = (64 << 20) / BLOCK;

const READ_10 = (lba: number, blocks = 1, flags = 0) => [0x28, flags, ...be32(lba), 0, 0, blocks, 0];
const WRITE_10 = (lba: number, flags = 0) => [0x2a, flags, ...be32(lba), 0, 0, 1, 0];
const READ_12 = (lba: number) => [0xa8, 0, ...be32(lba), ...be32(1), 0, 0];
const WRITE_12 = (lba: number) => [0xaa, 0, ...be32(lba), ...be32(1), 0, 0];
const READ_16 = (high: number, lba: number) => [0x88, 0, ...be32(high), ...be32(lba), ...be32(1), 0, 0];
const WRITE_16 = (high: number, lba: number, flags = 0) => [
  0x8a,
  flags,
  ...be32(high),
  ...be32(lba),
  ...be32(1),
  0,
  0,
];
const READ_CAPACITY = [0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0];
export const TEST_UNIT_READY = [0, 0, 0, 0, 0, 0];
const DPO = 0x10;
const FUA = 0x08;

function be32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

function le32(...values: readonly number[]): number[] {
  return values.flatMap((value) => be32(value).reverse());
}

interface Head {
  readonly lun?: readonly number[];
  readonly task_attr?: number;
  readonly prio?: number;
}

type Act = (rings: readonly SplitRing[], device: BareDevice) => void;
const scsi = (act: Act, ...features: readonly number[]): Play =>
  onDevice(
    'scsi',
    (device) => act(device.live([control, event, request], ...features), device),
    features.length > 0 ? { ringFeatures: ['INDIRECT_DESC'] } : {},
  );

export function head(
  device: BareDevice,
  cdb: readonly number[],
  { lun = UNIT, task_attr = 0, prio = 0 }: Head = {},
): Buffer {
  const bytes = new Array<number>(HEAD).fill(0);
  bytes.splice(0, lun.length, ...lun);
  bytes[virtio_scsi_req_cmd.offset.task_attr] = task_attr;
  bytes[virtio_scsi_req_cmd.offset.prio] = prio;
  bytes.splice(virtio_scsi_req_cmd.size, cdb.length, ...cdb);
  return { address: device.bytes(...bytes), length: HEAD };
}

export const answer = (device: BareDevice): Buffer => room(device, ANSWER);
function room(device: BareDevice, length: number, address: Gpa = device.room(Math.max(length, 1))): Buffer {
  return { address, length, write: true };
}

/** A unit tells first that power came on, and how many blocks it has when it is asked. */
function wake(ring: SplitRing, device: BareDevice): void {
  ring.send(head(device, TEST_UNIT_READY), answer(device));
  ring.send(head(device, READ_CAPACITY), answer(device), room(device, 8));
}

/** A command whose data come, if any do. */
const reads = (cdb: readonly number[], bytes: number, how: Head = {}): Play =>
  scsi((rings, device) => {
    wake(rings[request]!, device);
    const data = bytes === 0 ? [] : [room(device, bytes)];
    rings[request]!.send(head(device, cdb, how), answer(device), ...data);
  });
/** One whose data go. */
const writes = (cdb: readonly number[], bytes = BLOCK): Play =>
  scsi((rings, device) => {
    wake(rings[request]!, device);
    rings[request]!.send(head(device, cdb), { address: device.room(bytes), length: bytes }, answer(device));
  });
/** What is wrong with the chain. */
export const chained = (chain: (device: BareDevice) => readonly Buffer[]): Play =>
  scsi((rings, device) => {
    wake(rings[request]!, device);
    rings[request]!.send(...chain(device));
  });
const controls = (bytes: readonly number[], answered: number): Play =>
  scsi((rings, device) =>
    rings[control]!.send(
      { address: device.bytes(...bytes), length: bytes.length },
      ...(answered === 0 ? [] : [room(device, answered)]),
    ),
  );
const tmf = (type: number, subtype: number) => [
  ...le32(type, subtype),
  ...UNIT,
  ...new Array<number>(8).fill(0),
];
const RESET = tmf(SCSI_CONTROL.TMF, SCSI_TMF.LOGICAL_UNIT_RESET);
const QUERY = [...le32(SCSI_CONTROL.AN_QUERY), ...UNIT, ...le32(1)];

/** How tests of the SCSI adapter are played, by their numbers. */
export const SCSI_PLAYS: Readonly<Record<string, Play>> = {
  SCSI0001: chained((device) => [head(device, READ_10(0)), answer(device), room(device, BLOCK, MMIO)]),
  SCSI0006: controls(tmf(SCSI_CONTROL.TMF, 0xff), 1),
  SCSI0007: chained((device) => [{ ...head(device, TEST_UNIT_READY), length: 8 }, answer(device)]),
  SCSI0008: chained((device) => [
    head(device, READ_10(0)),
    { address: device.room(BLOCK), length: BLOCK },
    answer(device),
  ]),
  SCSI0009: chained((device) => [head(device, TEST_UNIT_READY)]),
  SCSI0010: scsi((rings, device) => {
    const ring = rings[request]!;
    ring.put(0, head(device, TEST_UNIT_READY), NEXT, 1);
    ring.put(1, head(device, TEST_UNIT_READY), NEXT, 0);
    ring.offer(0);
    ring.kick();
  }),
  SCSI0036: reads(READ_10(BLOCKS + 100), BLOCK),
  SCSI0037: reads([0x12, 0, 1, 0, 36, 0], 36),
  SCSI0039: writes(WRITE_10(BLOCKS + 100)),
  SCSI0041: reads(READ_10(0), BLOCK, { task_attr: 1 }),
  SCSI0042: reads(READ_10(0), BLOCK, { task_attr: 2 }),
  SCSI0067: reads(READ_10(0, 1, FUA), BLOCK),
  SCSI0068: reads(READ_10(0, 1, DPO), BLOCK),
  SCSI0069: writes(WRITE_10(0, FUA)),
  SCSI0071: reads([0x12, 0, 0, 0, 0, 0], 0),
  SCSI0075: writes(WRITE_16(0, 0, FUA)),
  SCSI0076: reads(READ_12(BLOCKS + 100), BLOCK),
  SCSI0077: writes([0x2e, 0, ...be32(BLOCKS + 100), 0, 0, 1, 0]),
  SCSI0078: writes([0x93, 0, ...be32(0), ...be32(BLOCKS + 100), ...be32(1), 0, 0]),
  SCSI0081: reads(READ_16(0, BLOCKS + 100), BLOCK),
  SCSI0082: writes(WRITE_12(BLOCKS + 100)),
  SCSI0083: reads(READ_10(BLOCKS), BLOCK),
  SCSI0086: reads(READ_10(0), 4 * BLOCK),
  SCSI0088: chained((device) => [
    head(device, READ_10(0)),
    answer(device),
    room(device, BLOCK),
    room(device, 0),
  ]),
  SCSI0091: reads(READ_10(0, 8), BLOCK),
  SCSI0093: reads(READ_10(0), BLOCK / 2),
  SCSI0094: chained((device) => [{ ...head(device, TEST_UNIT_READY), write: true }, answer(device)]),
  SCSI0096: controls(RESET.slice(0, 8), 1),
  SCSI0097: controls(RESET, 0),
  SCSI0098: controls(tmf(0xff, 0), 1),
  SCSI0121: reads(READ_10(0), BLOCK, { prio: 3 }),
  SCSI0126: reads([0x25, 0, 0, 0, 0, 0, 0, 0, 1, 0], 8),
  SCSI0127: reads(TEST_UNIT_READY, 0, { lun: [2, 1, 0x40, 0] }),
  SCSI0138: writes(WRITE_16(0, 0, FUA | DPO)),
  SCSI0173: scsi((rings, device) => {
    const ring = rings[request]!;
    const table = device.room(32);
    ring.put(0, head(device, TEST_UNIT_READY), NEXT, 1, table);
    ring.put(1, answer(device), VIRTQ_DESC_F.WRITE, 0, table);
    ring.put(0, { address: table, length: 32 }, INDIRECT | NEXT, 1);
    ring.put(1, answer(device), VIRTQ_DESC_F.WRITE);
    ring.offer(0);
    ring.kick();
  }, FEATURE.INDIRECT_DESC),
  SCSI0175: chained((device) => [head(device, TEST_UNIT_READY)]),
  SCSI0180: chained((device) => [
    { address: device.bytes(...UNIT, ...new Array<number>(200).fill(0)), length: 200 },
    answer(device),
  ]),
  SCSI0184: reads(READ_10(0, 1, 0x20), BLOCK),
  SCSI0200: controls(QUERY.slice(0, virtio_scsi_ctrl_an_req.size / 2), 5),
  SCSI0214: reads([0x28, 0, ...be32(0), 1, 0, 1, 0], BLOCK),
  SCSI0215: writes([0x2a, 0, ...be32(0), 1, 0, 1, 0]),
  SCSI0217: writes(WRITE_16(1, 0)),
  SCSI0221: reads(TEST_UNIT_READY, BLOCK),
  SCSI0239: chained((device) => [
    head(device, READ_10(0)),
    { address: device.room(BLOCK), length: BLOCK },
    answer(device),
    room(device, BLOCK),
  ]),
  SCSI0257: chained((device) => [head(device, READ_10(0)), answer(device), room(device, 4096, LAST)]),
};
