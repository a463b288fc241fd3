import { bytesText } from '../../core/bits.ts';
import { UNMAP_DESCRIPTOR, UNMAP_LIST } from '../../scsi/commands/registers.ts';
import { MAX_UNMAP_DESCRIPTORS, UNMAP } from '../../scsi/registers.ts';
import { ASC, type InitiatorKnows, refusedWith } from './knows.ts';

const { OUT_OF_RANGE, INVALID_IN_LIST, LIST_LENGTH } = ASC;
const [HEAD, EACH] = [UNMAP_LIST.size, UNMAP_DESCRIPTOR.size];
/** As much of a list as a unit takes. */
const list = new Uint8Array(HEAD + MAX_UNMAP_DESCRIPTORS * EACH);

/** What is wrong in the list of an UNMAP, as text; null for nothing. */
export function wrongInUnmap(k: InitiatorKnows): string | null {
  const length = lengthOf(k);
  if (refusedWith(k, LIST_LENGTH)) return 'a list shorter than its header';
  if (length > 0 && (length < HEAD || (length - HEAD) % EACH !== 0))
    return `a list of ${bytesText(length)}, whose last descriptor is incomplete`;
  if (refusedWith(k, OUT_OF_RANGE)) return k.capacity === k.capacityTold ? 'blocks past its last one' : null;
  if (refusedWith(k, INVALID_IN_LIST))
    return `more than ${k.limits.unmapDescriptors} descriptors or ${k.limits.unmapBlocks} blocks`;
  const left = leftOut(k, length);
  return left === 0 ? null : `${left} more than its header counts, which are not unmapped`;
}

/** Descriptors that name blocks, behind those that the header counts. */
function leftOut({ request: { command } }: InitiatorKnows, length: number): number {
  const end = command.dataOut.gather(list, 0, Math.min(length, list.length));
  if (end < HEAD) return 0;
  const from = HEAD + Math.floor(UNMAP_LIST.decode(list).descriptors / EACH) * EACH;
  let left = 0;
  for (let at = from; at + EACH <= end; at += EACH) if (UNMAP_DESCRIPTOR.decode(list, at).blocks > 0) left++;
  return left;
}

function lengthOf({ request: { command } }: InitiatorKnows): number {
  return UNMAP.decode(command.cdb).length;
}
