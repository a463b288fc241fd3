import { createHash } from 'node:crypto';
import type { ScsiHost } from '../drivers/scsi/host.ts';
import type { DiskFacts } from './facts.ts';

const DIRECT_ACCESS = 0;
const MODE_HEADER = 4;

/** Asks every disk behind `host` who it is, and reads all of it. */
export function probeDisks(host: ScsiHost): DiskFacts[] {
  return host
    .scan()
    .filter(({ inquiry }) => inquiry.type === DIRECT_ACCESS)
    .map(({ target, lun, inquiry }) => {
      host.testUnitReady(target, lun);
      const { blocks, blockLength, physicalBlockLength } = host.readCapacity(target, lun);
      const hash = createHash('sha256');
      host.readEach(target, 0, blocks, (bytes) => hash.update(bytes), lun);
      const { vendor, product, revision, version } = inquiry;
      return {
        target,
        lun,
        vendor,
        product,
        revision,
        version,
        blocks,
        logicalBlock: blockLength,
        physicalBlock: physicalBlockLength,
        modeHeader: [...host.modeSense(target, undefined, lun).subarray(0, MODE_HEADER)],
        sha256: hash.digest('hex'),
      };
    });
}
