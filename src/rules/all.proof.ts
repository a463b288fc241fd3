import type { Proof } from './script.proof.ts';
import { UART_PROOFS } from './serial/uart.proof.ts';
import { NET_PROOFS } from './virtio/net/net.proof.ts';

/** Every script there is, by its clause. */
export const PROOFS: Readonly<Record<string, Proof>> = { ...UART_PROOFS, ...NET_PROOFS };
