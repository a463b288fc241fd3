import type { Proof } from './script.proof.ts';
import { UART_PROOFS } from './serial/uart.proof.ts';
import { BALLOON_PROOFS } from './virtio/balloon/balloon.proof.ts';
import { RNG_PROOFS } from './virtio/rng/rng.proof.ts';
import { SCSI_PROOFS } from './virtio/scsi/scsi.proof.ts';

/** Every script there is, by its clause. */
export const PROOFS: Readonly<Record<string, Proof>> = {
  ...UART_PROOFS,
  ...SCSI_PROOFS,
  ...BALLOON_PROOFS,
  ...RNG_PROOFS,
};
