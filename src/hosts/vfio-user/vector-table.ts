import type { Region } from '../../core/access.ts';
import {
  MESSAGE_ADDRESS,
  MESSAGE_DATA,
  MESSAGE_UPPER_ADDRESS,
  MSIX_ENTRY_SIZE,
  VECTOR_CONTROL,
} from '../../pci/registers.ts';
import type { Vectors } from './commands/irq-files.ts';

/** Where messages are sent on a PC. */
const MESSAGES = 0xfee0_0000;

/**
 * The function's MSI-X table, as the client has it instead of the guest: the client keeps the guest's entries and their
 * masks for itself. An entry with an eventfd is unmasked, and its message has the function and the number.
 */
export class VectorTable implements Vectors {
  private readonly table: Region;
  private readonly bdf: number;

  constructor(table: Region, bdf: number) {
    this.table = table;
    this.bdf = bdf;
  }

  assigned(vector: number, isAssigned: boolean): void {
    const { table } = this;
    const at = vector * MSIX_ENTRY_SIZE;
    table.write(at + MESSAGE_ADDRESS.offset, MESSAGES, 4);
    table.write(at + MESSAGE_UPPER_ADDRESS.offset, 0, 4);
    table.write(at + MESSAGE_DATA.offset, messageOf(this.bdf, vector), 4);
    table.write(at + VECTOR_CONTROL.offset, isAssigned ? 0 : VECTOR_CONTROL.mask.MASK, 4);
  }
}

const VECTORS = 0x1_0000;

function messageOf(bdf: number, vector: number): number {
  return bdf * VECTORS + vector;
}

/** The function and number of a message. */
export function senderOf(data: number): { readonly bdf: number; readonly vector: number } {
  return { bdf: Math.floor(data / VECTORS), vector: data % VECTORS };
}
