import { register } from '../../../core/register.ts';

// QEMU's ports for PCI hotplug by ACPI, at AE00 of a `pc`. Source: QEMU, docs/specs/acpi_pci_hotplug.

/** Slots that were filled; a read clears it. */
export const PCIU = register('PCIU', 0x00, 4, { SLOTS: { at: [31, 0], access: 'rc' } });
/** Slots that are to be ejected. */
export const PCID = register('PCID', 0x04, 4, { SLOTS: { at: [31, 0], access: 'ro' } });
/** A one ejects the function in its slot. */
export const PCIEJ = register('PCIEJ', 0x08, 4, { SLOTS: { at: [31, 0], access: 'wo' } });
/** Slots that can be emptied. */
export const PCIRMV = register('PCIRMV', 0x0c, 4, { SLOTS: { at: [31, 0], access: 'ro' } });

export const PCI_HOTPLUG_BASE = 0xae00;
export const PCI_HOTPLUG_SIZE = 0x10;
