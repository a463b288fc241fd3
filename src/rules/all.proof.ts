import type { Proof } from './script.proof.ts';
import { UART_PROOFS } from './serial/uart.proof.ts';
import { RING_PROOFS } from './virtio/queue/rings.proof.ts';
import { STORES_PROOFS } from './virtio/stores/stores.proof.ts';

/** Every script there is, by its clause. */
export const PROOFS: Readonly<Record<string, Proof>> = { ...UART_PROOFS, ...RING_PROOFS, ...STORES_PROOFS };
