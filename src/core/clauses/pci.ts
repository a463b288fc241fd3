import type { Clause } from './shape.ts';

/** Rules of the PCI bus for whoever enumerates it. */
export const pci = {
  'pci/CONFADD-ALIGN': {
    strength: 'NOTE',
    where: 'PCI 3.0, 3.2.2.3.2',
    text: 'The register number in CONFADD is that of a doubleword: bits 1 and 0 are zero',
    advice: 'Put the low two bits of the register number into the data port instead: 0xCFC + (register & 3).',
  },
  'pci/FUNCTIONS': {
    strength: 'MUST',
    where: 'PCI 3.0, 6.1',
    text: 'Enumeration finds every function of the bus, those behind a multi-function header included',
    advice:
      'If bit 7 of the header type of function 0 is set, look at functions 1 to 7 whatever lies between.',
  },
  'pci/MULTI-FUNCTION': {
    strength: 'SHOULD',
    where: 'PCI 3.0, 6.2.1',
    text: 'Functions 1 to 7 are looked at only where function 0 says that it is one of several',
    advice: 'Read the header type of function 0 first: a single-function device may answer for all eight.',
  },
  'pci/BAR-SIZE': {
    strength: 'MUST',
    where: 'PCI 3.0, 6.2.5.1',
    text: 'The size of a base address is the lowest writable address bit, read back after all ones',
    advice:
      'Write ffffffff, read, mask off bits 1:0 (I/O) or 3:0 (memory), negate; then restore the address.',
  },
  'pci/BAR-RESTORE': {
    strength: 'MUST',
    where: 'PCI 3.0, 6.2.5.1',
    text: 'A base address written for sizing gets an address again before decoding is on',
    advice: 'Clear I/O and memory space in Command, size, write the address back, then enable.',
  },
  'pci/BAR-DECODE': {
    strength: 'SHOULD',
    where: 'PCI 3.0, 6.2.5.1',
    text: 'Decoding is off while a base address holds all ones for sizing',
    advice: 'Clear bits 0 and 1 of Command around the sizing: for a moment the function answers elsewhere.',
  },
  'pci/BUS-MASTER': {
    strength: 'MUST',
    where: 'PCI 3.0, 6.2.2',
    text: 'Bus mastering is on before a device is asked to reach memory or to send a message',
    advice: 'Set bit 2 of Command when the driver takes the function; firmware need not have done so.',
  },
  'pci/MSIX-ACCESS': {
    strength: 'MUST',
    where: 'PCI 3.0, 6.8.2',
    text: 'The MSI-X table and pending bits are accessed as aligned doublewords or quadwords',
  },
  'pci/MSIX-MASKED': {
    strength: 'MUST',
    where: 'PCI 3.0, 6.8.2.1',
    text: 'The address and data of an MSI-X entry change only while it is masked',
    advice: 'Set the mask bit of the entry or of the function, write address and data, then clear it.',
  },
  'pci/MSIX-PBA': {
    strength: 'MUST NOT',
    where: 'PCI 3.0, 6.8.2.9',
    text: 'Software does not write the pending bits',
  },
} as const satisfies Record<string, Clause>;
