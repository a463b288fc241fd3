import type { Described, Region } from '../../../core/access.ts';
import { registerBlock } from '../../../core/register-block.ts';
import type { Part, Parts } from './parts.ts';
import { PCI_HOTPLUG_SIZE, PCID, PCIEJ, PCIRMV, PCIU } from './registers.ts';

const REGISTERS = registerBlock([PCIU, PCID, PCIEJ, PCIRMV]);
const SLOTS = 32;

/** PCI hotplug by ACPI: a device is removed when the guest ejects it, or at a reset of the machine. */
export class PciHotplug implements Region {
  readonly name = 'pcihp';
  readonly size = PCI_HOTPLUG_SIZE;
  readonly widths = 4;
  private readonly parts: Parts;
  private readonly onGone: (part: Part) => void;
  private up = 0;
  private down = 0;

  /** @param onGone called with each ejected function. */
  constructor(parts: Parts, onGone: (part: Part) => void) {
    this.parts = parts;
    this.onGone = onGone;
  }

  read(offset: number): number {
    if (offset === PCID.offset) return this.down;
    if (offset === PCIRMV.offset) return this.removable();
    if (offset !== PCIU.offset) return 0;
    const { up } = this;
    this.up = 0;
    return up;
  }

  write(offset: number, value: number): void {
    if (offset === PCIEJ.offset) this.eject(value);
  }

  came(slot: number): void {
    this.up = (this.up | (1 << slot)) >>> 0;
  }

  asksToGo(slot: number): void {
    this.down = (this.down | (1 << slot)) >>> 0;
  }

  /** No guest is left to eject the devices that were to be removed. */
  reset(): void {
    this.eject(this.down);
    this.up = 0;
  }

  describe(access: Described): string {
    return REGISTERS.describe(access, this.name);
  }

  private eject(slots: number): void {
    this.down = (this.down & ~slots) >>> 0;
    for (let slot = 0; slot < SLOTS; slot++) {
      if (((slots >>> slot) & 1) === 0) continue;
      for (const part of this.parts.inSlot(slot)) {
        if (part.remove === null) continue;
        this.parts.remove(part);
        this.onGone(part);
      }
    }
  }

  private removable(): number {
    let slots = 0;
    for (let slot = 0; slot < SLOTS; slot++)
      if (this.parts.inSlot(slot).some(({ remove }) => remove !== null)) slots |= 1 << slot;
    return slots >>> 0;
  }
}
