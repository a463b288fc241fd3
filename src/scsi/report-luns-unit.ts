import type { Command } from './command.ts';
import { VPD_HEADER } from './commands/registers.ts';
import { WELL_KNOWN_COMMANDS } from './commands/table.ts';
import { standardInquiry } from './identity.ts';
import type { Inventory, WellKnownUnit } from './unit.ts';

/** Device type 1Eh: a well-known logical unit (SPC-4, 6.6.2). */
const WELL_KNOWN_UNIT = 0x1e;
const NO_MORE_PAGES = Uint8Array.of(0x00);

/**
 * The REPORT LUNS well-known logical unit (SPC-4): it lists the other units.
 *
 * @example
 * const unit = new ReportLunsUnit(inventory);
 * unit.execute(command);            // REPORT LUNS, INQUIRY, TEST UNIT READY, REQUEST SENSE; others are 5/20/00
 */
export class ReportLunsUnit implements WellKnownUnit {
  readonly inquiry = standardInquiry({});
  readonly pages: ReadonlyMap<number, Uint8Array>;
  readonly inventory: Inventory;

  constructor(inventory: Inventory) {
    this.inventory = inventory;
    this.inquiry[0] = WELL_KNOWN_UNIT;
    const list = new Uint8Array(VPD_HEADER.size + NO_MORE_PAGES.length);
    VPD_HEADER.encode({ peripheral: WELL_KNOWN_UNIT, page: 0, length: NO_MORE_PAGES.length }, list);
    this.pages = new Map([[0, list]]);
  }

  execute(command: Command): void {
    command.begin();
    WELL_KNOWN_COMMANDS.run(command, this);
  }
}
