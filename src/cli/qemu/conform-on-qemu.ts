import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Conformance, ConformOptions, DriverModel } from '../../conformance/index.ts';
import { conformElsewhere, type ElsewhereOptions } from '../../conformance/suite/elsewhere.ts';
import { MisuseError } from '../../core/misuse.ts';
import { findQemu, HAS_PIIX4 } from '../../hosts/qemu/find-qemu.ts';
import { JudgedQemu } from '../../hosts/qemu/judged/judged-qemu.ts';
import { binaryOf } from './on-qemu.ts';

const DISK = 1 << 20;

/** The limits of the report. */
export const REGISTERS_ALONE =
  'guestrig: on QEMU the contents of RAM are not seen: a driver is judged by what it does to registers\n';

/** Runs a driver in the part of the suite that is possible on QEMU's machine that is nearest to Compute Engine's. */
export function conformOnQemu(
  on: string,
  model: DriverModel,
  { machine: { virtio, ...rest } = {}, ...options }: ElsewhereOptions & Pick<ConformOptions, 'machine'>,
): Conformance {
  const [other] = Object.keys(rest);
  if (other !== undefined)
    throw new MisuseError(`options.${other}`, '', '', 'on QEMU there is none but virtio');
  const qemu = findQemu(binaryOf(on), HAS_PIIX4);
  const folder = mkdtempSync(join(tmpdir(), 'guestrig-'));
  const disk = join(folder, 'disk.img');
  try {
    return conformElsewhere(model, options, {
      name: `QEMU ${qemu.version}`,
      machine: (seed) => {
        writeFileSync(disk, '');
        truncateSync(disk, DISK);
        return new JudgedQemu(qemu, [disk], { seed, ...(virtio !== undefined && { virtio }) });
      },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
