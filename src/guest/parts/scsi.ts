import { sha256 } from '../../core/sha256.ts';
import { ScsiHost } from '../drivers/scsi/host.ts';
import { virtioScsi } from '../drivers/virtio-scsi.ts';
import { inquiry as inquiryCommand } from '../scsi/commands.ts';
import { pciPart } from './part.ts';

const DIRECT_ACCESS = 0;
const MODE_HEADER = 4;
/** Standard INQUIRY data with its version descriptors. */
const INQUIRY_FULL = 96;

/** Facts about a disk, from its identification and from reading all of it. */
export interface DiskFacts {
  readonly target: number;
  readonly lun: number;
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  /** ANSI version: 6 is SPC-4. */
  readonly version: number;
  /** Nonzero version descriptors of INQUIRY: 04c0 is SBC-3. */
  readonly standards: readonly number[];
  readonly blocks: number;
  /** Bytes. */
  readonly logicalBlock: number;
  readonly physicalBlock: number;
  /** The four bytes before the mode pages. */
  readonly modeHeader: readonly number[];
  /** SHA-256 of all blocks, in hexadecimal; null if it was not read completely. */
  readonly sha256: string | null;
}

/** A host adapter and its units. */
export interface AdapterFacts {
  readonly features: readonly string[];
  readonly disks: readonly DiskFacts[];
  /** Logical units that are not direct-access block devices. */
  readonly otherUnits: number;
}

export const adaptersPart = pciPart<ScsiHost, AdapterFacts>({
  driver: virtioScsi,
  handle: ScsiHost,
  use: (host) => {
    host.events();
    for (const { target, lun } of host.scan()) host.read(target, 0, 1, lun);
  },
  probe: (host, { wholeDisks = true }) => ({
    features: host.features,
    disks: probeDisks(host, wholeDisks),
    // A new scan: units may have come and gone while the disks were read.
    otherUnits: host.scan().filter(({ inquiry }) => inquiry.type !== DIRECT_ACCESS).length,
  }),
});

/** Identifies every disk behind `host`, and reads all of it or, if not `whole`, its last block. */
export function probeDisks(host: ScsiHost, whole = true): DiskFacts[] {
  return host
    .scan()
    .filter(({ inquiry }) => inquiry.type === DIRECT_ACCESS)
    .map(({ target, lun, inquiry }) => {
      host.testUnitReady(target, lun);
      const { blocks, blockLength, physicalBlockLength } = host.readCapacity(target, lun);
      const hash = sha256();
      const first = whole ? 0 : blocks - 1;
      host.readEach(target, first, blocks - first, (bytes) => hash.update(bytes), lun);
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
        sha256: whole ? hash.digest('hex') : null,
      };
    });
}

/** Eight version descriptors from byte 58 on (SPC-4, standard INQUIRY data). */
function standardsOf(inquiry: Uint8Array): number[] {
  const view = new DataView(inquiry.buffer, inquiry.byteOffset, inquiry.length);
  const places = Array.from({ length: 8 }, (_, i) => 58 + 2 * i).filter((at) => at + 2 <= inquiry.length);
  return places.map((at) => view.getUint16(at)).filter((standard) => standard !== 0);
}
