import { changeWrites } from '../../conformance/broken/behind-scsi.ts';
import { type BrokenDriver, breaking } from '../../conformance/broken/broken-driver.ts';
import { misreadMemory } from '../../conformance/broken/misreads.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { virtioScsi } from '../../guest/drivers/virtio-scsi.ts';
import { read, readCapacity10, testUnitReady, unmap } from '../../guest/scsi/commands.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { CDB, type Cdb } from '../../scsi/cdb/registers.ts';
import {
  BLOCKS_10,
  CONTROL,
  FIXED_SENSE,
  INQUIRY,
  INQUIRY_FLAGS,
  TRANSFER_FLAGS,
} from '../../scsi/registers.ts';
import {
  CDB_SIZE_DEFAULT,
  SENSE_SIZE_DEFAULT,
  virtio_scsi_req_cmd,
  virtio_scsi_resp_cmd,
} from '../../virtio/scsi/registers.ts';

const { FUA } = TRANSFER_FLAGS.mask;
const { NACA } = CONTROL.mask;
const { EVPD } = INQUIRY_FLAGS.mask;
const CDB_AT = virtio_scsi_req_cmd.size;
const HEAD = CDB_AT + CDB_SIZE_DEFAULT;
const RESPONSE = virtio_scsi_resp_cmd.size + SENSE_SIZE_DEFAULT;
const { status: STATUS_AT, residual: RESIDUAL_AT } = virtio_scsi_resp_cmd.offset;
const KEY_AT = virtio_scsi_resp_cmd.size + FIXED_SENSE.offset.key;
const UNIT_ATTENTION = 6;
const BLOCK = 512;
const PAGE = 4096;
const MIB = 1 << 20;
/** Above what READ CAPACITY(10) can say. */
const LARGE = 3 * 2 ** 40;
/** A block more than VPD B0 allows, and a descriptor more. */
const [TOO_LONG, TOO_MANY] = [513, 256];
/** How often a disk says that it is busy. */
const OFTEN = 300;
const FAR = 0xffff_fff0;
const READ_12 = Uint8Array.of(0xa8, 0, 0xff, 0xff, 0xff, 0xf0, 0, 0, 0, 1, 0, 0);

const scsi = virtioScsi({ interrupts: 'polled' });
const brokenReader = breaking(scsi, (host) => host.read(1, 0, 1));
const brokenScanner = breaking(scsi, (host) => host.inquiry(1));
const using = (
  use: Parameters<typeof breaking<ReturnType<typeof scsi.attach>>>[1],
  machine = () => gceN1(),
) => breaking(scsi, use, machine);

/** The CDBs of one command go through `change`. */
function changing(port: GuestPort, { usage }: Cdb, change: (cdb: Uint8Array) => void): GuestPort {
  return changeWrites(port, HEAD, (head) => {
    if (head[CDB_AT] === usage[0]) change(head.subarray(CDB_AT, CDB_AT + usage.length));
  });
}

const asItIs = (port: GuestPort) => port;
const twoUnits = () => gceN1({ disks: [{ bytes: MIB }, { bytes: MIB, target: 1, lun: 1 }] });
const large = () => gceN1({ disks: [{ bytes: LARGE }] });

/** Good drivers with one invalid request to a disk. */
export const MUTANTS: readonly BrokenDriver[] = [
  brokenReader('leaves bits behind the group number', 'scsi/CDB-RESERVED', (port) =>
    changing(port, CDB.READ_10, (cdb) => {
      cdb[BLOCKS_10.offset.group] = 0x80;
    }),
  ),
  brokenReader('asks for protection information', 'scsi/CDB-DENIED', (port) =>
    changing(port, CDB.READ_10, (cdb) => raise(cdb, TRANSFER_FLAGS.encode({ PROTECT: 1 }))),
  ),
  brokenReader('sets NACA', 'scsi/CDB-CONTROL', (port) =>
    changing(port, CDB.READ_10, (cdb) => {
      cdb[BLOCKS_10.offset.control] = NACA;
    }),
  ),
  brokenReader('sets FUA without a look at DPOFUA', 'scsi/DPOFUA', (port) =>
    changing(port, CDB.READ_10, (cdb) => raise(cdb, FUA)),
  ),
  brokenReader('reads more at a time than a disk allows', 'scsi/TRANSFER-LENGTH', (port) =>
    changing(port, CDB.READ_10, (cdb) => void BLOCKS_10.encode({ blocks: TOO_LONG }, cdb)),
  ),
  using((host) => {
    host.read(1, 0, 1);
    host.resetUnit(1);
    host.read(1, 0, 1);
    host.testUnitReady(1);
  })('takes a unit attention for what it read', 'scsi/UNIT-ATTENTION', (port) =>
    misreadMemory(port, (bytes) => {
      if (bytes.length !== RESPONSE || bytes[KEY_AT] !== UNIT_ATTENTION) return;
      bytes[STATUS_AT] = 0;
      bytes.fill(0, RESIDUAL_AT, RESIDUAL_AT + 4);
    }),
  ),
  using((host) => {
    host.read(1, 0, 1);
    host.execute(1, 0, { name: 'READ(12)', cdb: READ_12, dataIn: BLOCK });
  })('reads past the end, by twelve bytes', 'scsi/LBA-RANGE', asItIs),
  using((host) => {
    host.read(1, 0, 1);
    host.execute(1, 0, read(2 ** 33, 1, BLOCK));
  })('reads past the end, by sixteen bytes', 'scsi/LBA-RANGE', asItIs),
  brokenReader('reads past the end', 'scsi/LBA-RANGE', (port) =>
    changing(port, CDB.READ_10, (cdb) => void BLOCKS_10.encode({ lba: FAR }, cdb)),
  ),
  using((host) => {
    host.execute(1, 0, readCapacity10());
    host.execute(1, 0, read(0, 1, BLOCK));
  }, large)('takes FFFFFFFFh for a capacity', 'scsi/CAPACITY-16', asItIs),
  using((host) => {
    const extents = Array.from({ length: TOO_MANY }, (_, lba) => ({ lba, blocks: 1 }));
    host.execute(1, 0, unmap(extents));
  })('unmaps in one go what takes several', 'scsi/UNMAP-LIMITS', asItIs),
  using((host) => {
    host.execute(1, 0, readCapacity10());
    host.execute(1, 0, unmap([{ lba: FAR, blocks: 1 }]));
  })('unmaps past the end', 'scsi/UNMAP-LIMITS', asItIs),
  brokenReader('forgets EVPD', 'scsi/INQUIRY-PAGE', (port) =>
    changing(port, CDB.INQUIRY, (cdb) => {
      if (cdb[INQUIRY.offset.page] !== 0) cdb[INQUIRY.offset.flags]! &= ~EVPD;
    }),
  ),
  {
    ...using((host) => {
      while (host.execute(1, 0, read(0, 1, BLOCK)).status !== 0);
    })('asks a busy disk until it is not', 'scsi/BUSY-RETRY', asItIs),
    act: (machine, use) => {
      machine.refuseCommands(machine.disks[0]!, 'busy', OFTEN);
      use();
    },
  },
  using((host) => host.read(1, 0, 1, 1), twoUnits)(
    'guesses that there is a LUN 1',
    'scsi/REPORT-LUNS-FIRST',
    asItIs,
  ),
  using((host) =>
    host.execute(1, 0, { name: 'READ(10)', cdb: read(0, 1, BLOCK).cdb, dataOut: new Uint8Array(BLOCK) }),
  )('gives a read what it should send', 'scsi/DATA-DIRECTION', asItIs),
  using((host) => host.execute(1, 0, { ...testUnitReady(), dataOut: new Uint8Array(BLOCK) }))(
    'sends data with a command that has none',
    'scsi/DATA-EXCESS',
    asItIs,
  ),
  using((host) => host.execute(1, 0, read(0, 2, BLOCK)))(
    'reads two blocks into the room of one',
    'scsi/DATA-ROOM',
    asItIs,
  ),
  using((host) => host.execute(1, 0, read(0, 1, PAGE)))(
    'takes a block for a page',
    'scsi/DATA-EXCESS',
    asItIs,
  ),
  brokenReader('leaves the transfer length 0', 'scsi/LENGTH-ZERO', (port) =>
    changing(port, CDB.READ_10, (cdb) => void BLOCKS_10.encode({ blocks: 0 }, cdb)),
  ),
  using((host) => host.execute(1, 0, read(0, 2, 2 * PAGE)))(
    'counts in physical blocks',
    'gce/BLOCK-LENGTH',
    asItIs,
  ),
  using((host) => [0, 1].forEach((lun) => void host.inquiry(0, lun)))(
    'looks for disks at target 0',
    'gce/FIRST-TARGET',
    asItIs,
  ),
  using((host) => [0, 1, 2, 3].forEach((target) => void host.inquiry(0, target)))(
    'writes the target where the LUN stands',
    'scsi/LUN-SWAPPED',
    asItIs,
  ),
  brokenScanner('asks for four bytes of its identity', 'scsi/ALLOCATION-LENGTH', (port) =>
    changing(port, CDB.INQUIRY, (cdb) => void INQUIRY.encode({ allocation: 4 }, cdb)),
  ),
];

function raise(cdb: Uint8Array, flags: number): void {
  cdb[TRANSFER_FLAGS.offset]! |= flags;
}
