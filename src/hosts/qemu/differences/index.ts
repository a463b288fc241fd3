/** Why a line of the Compute Engine document does not hold on QEMU, though its guest is right; null where it is not known. */
export function differsFrom(requirement: string): string | null {
  return SHOWN.get(requirement) ?? null;
}
const SHOWN = new Map([
  ['gce/SCSI-SPC4', "QEMU's disks say SPC-3"],
  ['gce/SCSI-SBC3', "QEMU's disks name no standards"],
]);
