import type { Region } from '../../core/access.ts';
import {
  MESSAGE_ADDRESS,
  MESSAGE_DATA,
  MESSAGE_UPPER_ADDRESS,
  MSIX_ENTRY_SIZE,
  VECTOR_CONTROL,
} from '../../pci/registers.ts';
import type { Vectors } from './irq-files.ts';

/** Where messages go on a PC. */
const MESSAGES = 0xfee0_0000;

/**
 * The function's MSI-X table, as the client has it instead of the guest: the guest's entries and their masks the client
 * keeps for itself. An entry with an eventfd is open, and its message says its number.
 */
export class VectorTable implements Vectors {
  private readonly table: Region;

  constructor(table: Region) {
    this.table = table;
  }

  assigned(vector: number, isAssigned: boolean): void {
    const { table } = this;
    const at = vector * MSIX_ENTRY_SIZE;
    table.write(at + MESSAGE_ADDRESS.offset, MESSAGES, 4);
    table.write(at + MESSAGE_UPPER_ADDRESS.offset, 0, 4);
    table.write(at + MESSAGE_DATA.offset, vector, 4);
    table.write(at + VECTOR_CONTROL.offset, isAssigned ? 0 : VECTOR_CONTROL.mask.MASK, 4);
  }
}
