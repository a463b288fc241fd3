import { bdfText } from '../../core/bits.ts';
import type { ProbeReport } from '../probe.ts';

/** The report for machines. `schema` grows when a field changes its meaning. */
export function reportJson({ machine, seen, requirements, verdicts }: ProbeReport) {
  return {
    schema: 1,
    profile: machine.profile.name,
    functions: seen.functions.map(({ bdf, id, bars, msixVectors, pin }) => ({
      address: bdfText(bdf),
      vendor: id.vendor,
      device: id.device,
      class: id.class,
      revision: id.revision,
      subsystem: { vendor: id.subsystemVendor, device: id.subsystem },
      bars: bars.map(({ index, kind, size }) => ({ index, kind, size })),
      msixVectors,
      pin,
    })),
    serial: seen.serial.map(({ port, irq, type }, i) => ({ name: `ttyS${i}`, port, irq, type })),
    disks: seen.disks.map(({ target, lun, vendor, product, logicalBlock, physicalBlock, blocks }) => ({
      target,
      lun,
      vendor,
      product,
      logicalBlock,
      physicalBlock,
      blocks,
    })),
    nics: seen.nics.map(({ facts: { mac, features } }) => ({ mac, features })),
    verdicts: [
      ...requirements.map(({ clause, outcome, said }) => ({ clause, outcome, said, findings: [] })),
      ...verdicts.map(({ clause, outcome, findings }) => ({ clause, outcome, findings })),
    ],
  };
}
