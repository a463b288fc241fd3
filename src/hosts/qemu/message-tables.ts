import { isMessageAddress } from '../../chipset/local-apic.ts';
import type { Gpa, Width } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { barAddress, findCapability, functionsOf, readRegister } from '../../guest/index.ts';
import {
  CAPABILITY_ID,
  MESSAGE_ADDRESS,
  MSIX_CONTROL,
  MSIX_ENTRY_SIZE,
  MSIX_TABLE,
} from '../../pci/registers.ts';
import type { QemuRam } from './qemu-ram.ts';

/** An MSI-X table as a function's base address and capability have it. */
interface TablePlace {
  readonly base: Gpa;
  readonly bytes: number;
}

/** Where messages of one entry arrive, and the address that its driver wants; null while that is not a local APIC. */
interface Redirected {
  readonly slot: Gpa;
  wanted: Gpa | null;
}

const SLOT = 4;

/** The MSI-X tables of every function that has one with an address. */
export function findTables(port: GuestPort): TablePlace[] {
  return functionsOf(port).flatMap((bdf) => {
    const capability = findCapability(port, bdf, CAPABILITY_ID.MSIX);
    if (capability === null) return [];
    const { BIR, OFFSET } = MSIX_TABLE.mask;
    const table = readRegister(port, bdf, MSIX_TABLE, capability);
    const bar = barAddress(port, bdf, table & BIR);
    if (bar === null) return [];
    const control = readRegister(port, bdf, MSIX_CONTROL, capability);
    const entries = MSIX_CONTROL.decode(control).TABLE_SIZE + 1;
    return [{ base: bar.address + ((table & OFFSET) >>> 0), bytes: entries * MSIX_ENTRY_SIZE }];
  });
}

/**
 * MSI-X over a wire that shows no messages: an entry that a driver points at the local APIC is redirected to a slot in
 * RAM, where QEMU then writes the message. The driver reads back its own value.
 */
export class MessageTables {
  private readonly ram: QemuRam;
  private readonly slots: Gpa;
  private readonly scan: () => readonly TablePlace[];
  private places: readonly TablePlace[] | null = null;
  private readonly redirected = new Map<Gpa, Redirected>();

  /** @param slots a page of RAM that no driver uses. @param scan finds the tables. */
  constructor(ram: QemuRam, slots: Gpa, scan: () => readonly TablePlace[]) {
    this.ram = ram;
    this.slots = slots;
    this.scan = scan;
  }

  /** A base address or a Command register was written. */
  moved(): void {
    this.places = null;
  }

  /** @returns the address to give QEMU for a write to `address`. */
  written(address: Gpa, value: number, width: Width): number {
    if (width !== 4 || !this.isAddress(address)) return value;
    const known = this.redirected.get(address);
    const wanted = isMessageAddress(value >>> 0) ? value >>> 0 : null;
    if (known !== undefined) known.wanted = wanted;
    if (wanted === null) return value;
    const entry = known ?? { slot: this.slots + SLOT * this.redirected.size, wanted };
    this.redirected.set(address, entry);
    return entry.slot;
  }

  /** The value that a driver reads at `address`, if it differs from QEMU's. */
  shown(address: Gpa): number | null {
    return this.redirected.get(address)?.wanted ?? null;
  }

  /** Delivers each message that arrived. */
  take(deliver: (address: Gpa, data: number) => void): void {
    if (this.redirected.size === 0) return;
    const bytes = new Uint8Array(SLOT * this.redirected.size);
    this.ram.read(this.slots, bytes);
    const view = new DataView(bytes.buffer);
    for (const { slot, wanted } of this.redirected.values()) {
      const data = view.getUint32(slot - this.slots, true);
      if (data === 0) continue;
      // First: a later store is another message.
      this.ram.store(slot, 0, SLOT);
      if (wanted !== null) deliver(wanted, data);
    }
  }

  private isAddress(address: Gpa): boolean {
    this.places ??= this.scan();
    return this.places.some(
      ({ base, bytes }) =>
        address >= base &&
        address < base + bytes &&
        (address - base) % MSIX_ENTRY_SIZE === MESSAGE_ADDRESS.offset,
    );
  }
}
