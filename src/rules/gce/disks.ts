import { bytesText } from '../../core/bits.ts';
import type { Rules } from '../../core/rule.ts';
import { dataOf, type InitiatorKnows, type InitiatorMoment, unitText } from '../scsi/knows.ts';

/** Rules on mistakes that only disks of Compute Engine punish. */
export const GCE_DISKS = {
  'gce/BLOCK-LENGTH': {
    strength: 'MUST',
    where:
      'Compute Engine: PersistentDisk has logical blocks of 512 bytes and physical ones of 4096; SBC-3, 4.5 and 5.16',
    text: 'Blocks are counted as long as READ CAPACITY has them, and not as the physical ones',
    advice:
      'Divide by the LOGICAL BLOCK LENGTH: the exponent of READ CAPACITY(16) tells how best to align, and no more.',
    on: 'several blocks',
    kept: (k) => !isPhysical(k),
    said: (k) =>
      `${unitText(k)} was sent ${k.cdb.name} of ${k.blocks} blocks with ${bytesText(dataOf(k))}: blocks of ${dataOf(k) / k.blocks} bytes are its physical ones`,
  },
  'gce/FIRST-TARGET': {
    strength: 'MUST',
    where: 'Compute Engine: the first disk is target 1, further ones are the targets behind it',
    text: 'Disks are looked for at every target that the adapter may have, and not at target 0 alone',
    advice: 'Send INQUIRY or REPORT LUNS to each target up to max_target: nothing answers at target 0.',
    on: 'target 0 absent',
    kept: (k) => k.wentOn,
    said: () => 'nothing is at target 0, and no other was asked',
  },
} as const satisfies Rules<InitiatorKnows, InitiatorMoment>;

/** Its data has as many bytes as its blocks would have, were they physical ones. */
export function isPhysical(k: InitiatorKnows): boolean {
  const { expected } = k.request.command;
  return expected > 0 && k.blocks > 1 && dataOf(k) === expected * k.limits.physical;
}
