import { bytesText } from '../../core/bits.ts';
import { RESERVE_CDB } from '../../scsi/cdb/registers.ts';
import { MODE_HEADER_6, MODE_HEADER_10 } from '../../scsi/commands/registers.ts';
import { MODE_SELECT_FLAGS, OPTIONAL_CDB } from '../../scsi/optional/registers.ts';
import { RESERVE_LIST } from '../../scsi/reservations/registers.ts';
import { ASC, fieldIn, type InitiatorKnows, refusedWith } from './knows.ts';

const { PF } = MODE_SELECT_FLAGS.mask;
const { LIST_LENGTH, INVALID_IN_CDB, INVALID_IN_LIST } = ASC;
const PS = 0x80;
/** Longer than what is looked at of any list. */
const list = new Uint8Array(256);

/** What is wrong in the list that the command sent, as text, as far as a unit tells; null for nothing. */
export function wrongInParameters(k: InitiatorKnows): string | null {
  if (refusedWith(k, LIST_LENGTH)) return `with a list of ${bytesText(read(k))}, which is not whole`;
  if (isModeSelect(k)) return wrongInPages(k);
  if (!refusedWith(k, INVALID_IN_LIST)) return null;
  return `with a list of which byte ${fieldIn(k, 'list')} is what the unit does not take`;
}

/** RESERVATION KEY, and what is to become of it. */
export function keyIn(k: InitiatorKnows): bigint {
  read(k);
  return RESERVE_LIST.decode(list).key;
}

export function newKeyIn(k: InitiatorKnows): bigint {
  read(k);
  return RESERVE_LIST.decode(list).action_key;
}

export function isModeSelect({ cdb }: InitiatorKnows): boolean {
  return cdb === OPTIONAL_CDB.MODE_SELECT_6 || cdb === OPTIONAL_CDB.MODE_SELECT_10;
}

export function isReserveOut({ cdb }: InitiatorKnows): boolean {
  return cdb.usage[0] === RESERVE_CDB.RESERVE.usage[0];
}

/** A driver may try a value that cannot be changed, a page or a block length that there is not: it is refused, and no more. */
function wrongInPages(k: InitiatorKnows): string | null {
  const { cdb } = k.request.command;
  if (refusedWith(k, INVALID_IN_CDB) && (cdb[MODE_SELECT_FLAGS.offset]! & PF) === 0)
    return 'without PF, which says that its pages are those of the standard';
  const at = refusedWith(k, INVALID_IN_LIST) ? fieldIn(k, 'list') : -1;
  if (at < 0) return null;
  read(k);
  const header = k.cdb === OPTIONAL_CDB.MODE_SELECT_6 ? MODE_HEADER_6 : MODE_HEADER_10;
  const { length, descriptors } = header.decode(list);
  if (at === 0) return `with MODE DATA LENGTH of ${length}, which is reserved there`;
  if (at === header.offset.descriptors) return `with block descriptors of ${bytesText(descriptors)}`;
  for (let page = header.size + descriptors; page <= at; page += 2 + list[page + 1]!) {
    if (page === at && (list[at]! & PS) !== 0)
      return `with bit 7 of the page in byte ${at}, which is reserved there`;
    if (page + 1 === at)
      return `with a page of ${bytesText(list[at]!)} behind its head, which is not its length`;
  }
  return null;
}

/** Reads what was sent into `list`. @returns its length. */
function read({ request: { command } }: InitiatorKnows): number {
  list.fill(0);
  command.dataOut.gather(list, 0, Math.min(list.length, command.expected));
  return command.expected;
}
