import { GCE_PROOFS } from './gce/gce.proof.ts';
import type { Proof } from './script.proof.ts';
import { UART_PROOFS } from './serial/uart.proof.ts';

/** Every script there is, by its clause. */
export const PROOFS: Readonly<Record<string, Proof>> = { ...UART_PROOFS, ...GCE_PROOFS };
