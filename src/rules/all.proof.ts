import { INTERRUPT_PROOFS, PIC_PROOFS } from './chipset/pic.proof.ts';
import { CONFIG_PROOFS } from './pci/config.proof.ts';
import { ENUMERATION_PROOFS } from './pci/enumeration.proof.ts';
import { FUNCTION_PROOFS } from './pci/function.proof.ts';
import type { Proof } from './script.proof.ts';
import { UART_PROOFS } from './serial/uart.proof.ts';

/** Every script there is, by its clause. */
export const PROOFS: Readonly<Record<string, Proof>> = {
  ...PIC_PROOFS,
  ...INTERRUPT_PROOFS,
  ...CONFIG_PROOFS,
  ...ENUMERATION_PROOFS,
  ...FUNCTION_PROOFS,
  ...UART_PROOFS,
};
