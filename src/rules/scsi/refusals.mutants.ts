import { changeWrites } from '../../conformance/broken/behind-scsi.ts';
import { type BrokenDriver, breaking } from '../../conformance/broken/broken-driver.ts';
import { modeSelect, reserveOut, writeSame } from '../../conformance/reference/disk-lists.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { virtioScsi } from '../../guest/drivers/virtio-scsi.ts';
import { inquiry, modeSense6, read, type ScsiCommand, unmap } from '../../guest/scsi/commands.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { UNMAP_LIST } from '../../scsi/commands/registers.ts';
import { CDB_SIZE_DEFAULT, virtio_scsi_req_cmd } from '../../virtio/scsi/registers.ts';

const HEAD = virtio_scsi_req_cmd.size + CDB_SIZE_DEFAULT;
const LUN_AT = virtio_scsi_req_cmd.offset.lun + 2;
const BLOCK = 512;
const MIB = 1 << 20;
const CACHING = 0x08;
const RESERVE = 1;
const KEY = 7n;
const NO_TARGET = 9;
const OFTEN = 300;

const scsi = virtioScsi({ interrupts: 'polled' });
const obliging = () => gceN1({ disks: [{ bytes: MIB, commands: 'all', multiWriter: true }] });
const using = (
  use: Parameters<typeof breaking<ReturnType<typeof scsi.attach>>>[1],
  machine = () => gceN1(),
) => breaking(scsi, use, machine);
const asItIs = (port: GuestPort) => port;

/** Bytes 2 and 3 of each LUN field. */
function turned(port: GuestPort): GuestPort {
  return changeWrites(port, HEAD, (head) => head.subarray(LUN_AT, LUN_AT + 2).reverse());
}

/** Its header counts no descriptor. */
function uncounted({ dataOut, ...more }: ScsiCommand): ScsiCommand {
  return { ...more, dataOut: Uint8Array.from(UNMAP_LIST.encode({ descriptors: 0 }, dataOut!.slice())) };
}

/** Good drivers with one command that a unit refuses, or that is for none. */
export const MUTANTS: readonly BrokenDriver[] = [
  using((host) => {
    const list = modeSelect(host.execute(1, 0, modeSense6(CACHING, 0xff)).data);
    list.dataOut![0] = list.dataOut!.length - 1;
    host.execute(1, 0, list);
  }, obliging)('sends the length of its modes back', 'scsi/PARAMETER-LIST', asItIs),
  using((host) => host.execute(1, 0, writeSame(new Uint8Array(8 * BLOCK))), obliging)(
    'sends data for each of eight blocks that are to be the same',
    'scsi/CDB-VALUE',
    asItIs,
  ),
  using((host) => host.execute(1, 0, reserveOut(RESERVE, KEY, 0n, 3)), obliging)(
    'reserves without a registration',
    'scsi/RESERVATION-KEY',
    asItIs,
  ),
  using((host) => {
    host.execute(NO_TARGET, 0, inquiry(36));
    host.execute(NO_TARGET, 0, read(0, 1, BLOCK));
  })('reads from a target that is not there', 'scsi/ABSENT-UNIT', asItIs),
  using((host) => void host.execute(1, 0, inquiry(36)))(
    'writes the bytes of a LUN in the other order',
    'scsi/LUN-SWAPPED',
    turned,
  ),
  using((host) => host.execute(1, 0, uncounted(unmap([{ lba: 8, blocks: 8 }]))))(
    'counts no descriptor of an UNMAP',
    'scsi/UNMAP-LIMITS',
    asItIs,
  ),
  {
    ...using((host) => {
      while (host.execute(1, 0, read(0, 1, BLOCK)).status !== 0);
    })('asks for a bad block until it is good', 'scsi/BUSY-RETRY', asItIs),
    act: (machine, use) => {
      machine.refuseCommands(machine.disks[0]!, 'medium error', OFTEN);
      use();
    },
  },
];
