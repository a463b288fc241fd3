import { register } from '../../core/register.ts';

/** The address of an interrupt message: a write to FEExxxxx. */
export const MSI_ADDRESS = register('MSI_ADDRESS', 0, 4, {
  DM: { at: 2, doc: 'destination is logical' },
  RH: { at: 3, doc: 'redirection hint: the CPU of lowest priority' },
  DEST: { at: [19, 12], doc: 'destination APIC' },
  BASE: { at: [31, 20], doc: 'FEE' },
});

/** Its data. */
export const MSI_DATA = register('MSI_DATA', 0, 4, {
  VECTOR: { at: [7, 0] },
  DELMOD: { at: [10, 8], doc: '0 fixed, 1 lowest priority, 2 SMI, 4 NMI, 5 INIT, 7 ExtINT' },
  ASSERT: { at: 14, doc: 'level interrupts: asserted' },
  TRIGGER: { at: 15, doc: 'level' },
});

/** Bits 31:20 of every interrupt message's address. */
export const MESSAGE_BASE = 0xfee;
