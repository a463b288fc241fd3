import { get32 } from '../../core/big-endian.ts';
import type { Command } from '../command.ts';
import { REPORT_LUNS } from '../registers.ts';
import type { Inventory } from '../unit.ts';
import { LUN_LIST } from './registers.ts';

const { select: SELECT_AT, allocation: ALLOCATION_AT } = REPORT_LUNS.offset;
const LUN_SIZE = 8;

// SELECT REPORT, SPC-4 6.33.
const ADDRESSABLE = 0x00;
const WELL_KNOWN = 0x01;
const ALL = 0x02;

export function reportLuns(command: Command, inventory: Inventory): void {
  const select = command.cdb[SELECT_AT]!;
  if (select !== ADDRESSABLE && select !== WELL_KNOWN && select !== ALL) {
    command.invalidField(SELECT_AT, 7);
    return;
  }
  const luns = [
    ...(select === ADDRESSABLE ? [] : inventory.wellKnown),
    ...(select === WELL_KNOWN ? [] : inventory.luns),
  ];
  const data = new Uint8Array(LUN_LIST.size + luns.length * LUN_SIZE);
  LUN_LIST.encode({ length: luns.length * LUN_SIZE }, data);
  for (const [i, lun] of luns.entries()) data.set(lun, LUN_LIST.size + i * LUN_SIZE);
  command.answer(data, get32(command.cdb, ALLOCATION_AT));
  inventory.reported();
}
