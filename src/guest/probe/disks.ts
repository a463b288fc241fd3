import { createHash } from 'node:crypto';
import type { ScsiHost } from '../drivers/scsi/host.ts';
import { inquiry as inquiryCommand } from '../scsi/commands.ts';
import type { DiskFacts } from './facts.ts';

const DIRECT_ACCESS = 0;
const MODE_HEADER = 4;
/** Standard INQUIRY data with its version descriptors. */
const INQUIRY_FULL = 96;

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
        standards: standardsOf(host.execute(target, lun, inquiryCommand(INQUIRY_FULL)).data),
        blocks,
        logicalBlock: blockLength,
        physicalBlock: physicalBlockLength,
        modeHeader: [...host.modeSense(target, undefined, lun).subarray(0, MODE_HEADER)],
        sha256: hash.digest('hex'),
      };
    });
}

/** Eight version descriptors from byte 58 on (SPC-4, standard INQUIRY data). */
function standardsOf(inquiry: Uint8Array): number[] {
  const view = new DataView(inquiry.buffer, inquiry.byteOffset, inquiry.length);
  const places = Array.from({ length: 8 }, (_, i) => 58 + 2 * i).filter((at) => at + 2 <= inquiry.length);
  return places.map((at) => view.getUint16(at)).filter((standard) => standard !== 0);
}
