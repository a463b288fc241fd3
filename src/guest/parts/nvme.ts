import { sha256 } from '../../core/sha256.ts';
import { NvmeDriver, nvme } from '../drivers/nvme/driver.ts';
import type { NvmeNamespaceFacts } from '../drivers/nvme/identify.ts';
import { pciPart } from './part.ts';

/** Blocks read at a time. */
const PIECE = 256;

/** Facts about an NVMe controller, from its identification and from reading its namespaces. */
export interface NvmeFacts {
  readonly model: string;
  readonly serial: string;
  readonly firmware: string;
  /** Pairs of I/O queues in use. */
  readonly queues: number;
  readonly namespaces: readonly (NvmeNamespaceFacts & {
    /** SHA-256 of all blocks, in hexadecimal; null if not all were read. */
    readonly sha256: string | null;
  })[];
}

export const controllersPart = pciPart<NvmeDriver, NvmeFacts>({
  driver: ({ interrupts } = {}) => nvme(interrupts === undefined ? {} : { interrupts }),
  handle: NvmeDriver,
  use: (disk) => {
    disk.follow();
    for (const { nsid } of disk.namespaces) disk.read(nsid, 0, 1);
  },
  probe: (disk, { wholeDisks = true }) => {
    const { model, serial, firmware, queues } = disk;
    const namespaces = disk.namespaces.map((one) => ({ ...one, sha256: hashOf(disk, one, wholeDisks) }));
    return { model, serial, firmware, queues, namespaces };
  },
});

/** Of all blocks; or, if not `whole`, null, and the last block is read. */
function hashOf(disk: NvmeDriver, { nsid, blocks }: NvmeNamespaceFacts, whole: boolean): string | null {
  const hash = sha256();
  for (let lba = whole ? 0 : blocks - 1; lba < blocks; lba += PIECE)
    hash.update(disk.read(nsid, lba, Math.min(PIECE, blocks - lba)));
  return whole ? hash.digest('hex') : null;
}
