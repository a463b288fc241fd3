import { bytesText } from '../../core/bits.ts';
import type { Rules } from '../../core/rule.ts';
import { dataOf, type InitiatorKnows, type InitiatorMoment, unitText } from '../scsi/knows.ts';

/** Rules on mistakes that only disks of Compute Engine punish. */
export const GCE_DISKS = {
  'gce/BLOCK-LENGTH': {
    where:
      'Compute Engine: PersistentDisk has logical blocks of 512 bytes and physical ones of 4096; SBC-3, 4.5 and 5.16',
    text: 'A driver MUST count blocks of the logical length that READ CAPACITY returns, not of the physical length.',
    advice: 'Divide by LOGICAL BLOCK LENGTH: the exponent in READ CAPACITY(16) only tells how best to align.',
    on: 'several blocks',
    kept: (k) => !isPhysical(k),
    said: (k) =>
      `${unitText(k)} was sent ${k.cdb.name} of ${k.blocks} blocks with ${bytesText(dataOf(k))}: blocks of ${dataOf(k) / k.blocks} bytes are its physical ones`,
  },
  'gce/FIRST-TARGET': {
    where: 'Compute Engine: the first disk is target 1, further ones are the targets behind it',
    text: 'A driver MUST look for disks at every target that the adapter may have, not at target 0 only.',
    advice: 'Send INQUIRY or REPORT LUNS to each target up to max_target: nothing answers at target 0.',
    on: 'target 0 absent',
    when: (k) => !isSwapped(k),
    kept: (k) => k.wentOn,
    said: () => 'nothing is at target 0, but no other target was asked',
  },
  'scsi/LUN-SWAPPED': {
    where: 'virtio 1.4, Device Operation: Request Queues',
    text: 'A driver MUST write the target to byte 1 of the LUN field, and the logical unit to bytes 2 and 3.',
    advice: 'Write 01, the target, 40h and 00: LUN 0 of target 3 is 01 03 40 00, and not 01 00 40 03.',
    on: ['target 0 absent', 'addressed'],
    kept: (k) => !isSwapped(k) && !k.isTurned,
    said: (k) =>
      k.isTurned
        ? 'bytes 2 and 3 were 00 and 40, which is LUN 64, and no other unit was asked'
        : `nothing is at target 0, and LUNs up to ${k.highestAtZero} of it were asked, but no other target`,
  },
} as const satisfies Rules<InitiatorKnows, InitiatorMoment>;

/** A driver that knows its targets asks an absent one for LUN 0, and at most for the next. */
function isSwapped({ wentOn, highestAtZero }: InitiatorKnows): boolean {
  return !wentOn && highestAtZero > 1;
}

/** Its data has as many bytes as its blocks would have, were they physical ones. */
export function isPhysical(k: InitiatorKnows): boolean {
  const { expected } = k.request.command;
  return expected > 0 && k.blocks > 1 && dataOf(k) === expected * k.limits.physical;
}
