import { PMCNTRL } from '../../chipset/registers/pm-io.ts';
import { type NvmeDriver, type NvmeUse, nvme } from '../../guest/index.ts';
import { GCE_N1 } from '../../machine/gce-n1.ts';
import type { DriverModel } from '../model/model.ts';
import type { DriverUses } from '../model/uses.ts';
import { referenceUses, useDevices } from '../reference.ts';

/** More pages than the two that a command names itself. */
const BLOCKS = 64;

const { pmba: PM } = GCE_N1.firmware.pc!;
const { read, write, flush, stop, suspend, resume } = referenceUses as Required<DriverUses>;

/** The reference driver of NVMe controllers, for scenarios. */
export function referenceNvme(use: NvmeUse): DriverModel {
  const uses = { read, write, flush, stop, suspend, resume };
  return { name: 'reference NVMe', drivers: [nvme(use)], run: useDevices, use: uses };
}

/** The reference driver of NVMe controllers: every command that it has, a start after a shutdown, and the end: the machine is turned off. */
export function thoroughNvme(interrupts: NonNullable<NvmeUse['interrupts']>): DriverModel {
  return {
    name: `reference NVMe, ${interrupts}`,
    drivers: [nvme({ interrupts })],
    run: (port, handles) => {
      for (const disk of handles as readonly NvmeDriver[]) {
        for (const { nsid, blockSize } of disk.namespaces) useNamespace(disk, nsid, blockSize);
        disk.temperature();
        disk.follow();
        disk.suspend();
        disk.resume();
        disk.close();
      }
      port.out(PM + PMCNTRL.offset, PMCNTRL.encode({ SUS_EN: 1, SCI_EN: 1 }), 2);
    },
  };
}

function useNamespace(disk: NvmeDriver, nsid: number, blockSize: number): void {
  const bytes = Uint8Array.from({ length: BLOCKS * blockSize }, (_, i) => i * 3 + (i >> 9));
  disk.write(nsid, 1, bytes);
  disk.flush(nsid);
  if (Buffer.compare(disk.read(nsid, 1, BLOCKS), bytes) !== 0)
    throw new Error(`namespace ${nsid} reads other bytes than were written`);
  disk.compare(nsid, 1, bytes.subarray(0, blockSize));
  disk.writeZeroes(nsid, 2, 1);
  disk.verify(nsid, 0, BLOCKS);
  disk.deallocate(nsid, [{ lba: 4, count: 1 }]);
  disk.write(nsid, 0, bytes.subarray(0, blockSize), { durable: true });
}
