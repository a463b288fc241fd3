/**
 * The 8259A pair. The even address takes ICW1, OCW2 and OCW3 and reads IRR or ISR; the odd one takes ICW2 to ICW4
 * and OCW1, the interrupt mask.
 */
export const PIC_MASTER = { even: 0x20, odd: 0x21 } as const;
export const PIC_SLAVE = { even: 0xa0, odd: 0xa1 } as const;

/** PIIX4 edge/level control: bit n makes IRQ n (ELCR2: n + 8) level triggered. */
export const ELCR1 = 0x4d0;
export const ELCR2 = 0x4d1;

/** Where a PC has its serial ports, in the order of their names. */
export const COM_PORTS = [0x3f8, 0x2f8, 0x3e8, 0x2e8] as const;
