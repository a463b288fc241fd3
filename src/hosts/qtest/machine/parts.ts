import { MisuseError } from '../../../core/misuse.ts';
import type { PciFunction } from '../../../pci/pci-function.ts';

/** A device of the command line, or one added later. */
export interface Part {
  /** Its `id` in `-device`; null is none. */
  readonly id: string | null;
  readonly driver: string;
  /** Null for a device that is not on a PCI bus. */
  readonly fn: PciFunction | null;
  /** Takes it out; null if it cannot be removed. */
  readonly remove: (() => void) | null;
}

/** All of them. */
export class Parts {
  private readonly all = new Set<Part>();

  get count(): number {
    return this.all.size;
  }

  add(part: Part): void {
    this.all.add(part);
  }

  /** @throws MisuseError for an id that is taken. */
  checkFree(id: string | undefined): void {
    if (id !== undefined && this.find(id) !== undefined)
      throw new MisuseError('device.id', id, 'an id that no other device has');
  }

  find(id: string): Part | undefined {
    return [...this.all].find((part) => part.id === id);
  }

  inSlot(slot: number): Part[] {
    return [...this.all].filter(({ fn }) => fn !== null && fn.bdf >> 3 === slot);
  }

  remove(part: Part): void {
    this.all.delete(part);
    part.remove?.();
  }
}
