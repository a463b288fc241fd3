import { GCE_PROOFS } from './gce/gce.proof.ts';
import type { Proof } from './script.proof.ts';
import { UART_PROOFS } from './serial/uart.proof.ts';
import {
  FEATURES_PROOFS,
  INIT_PROOFS,
  MODERN_FEATURES_PROOFS,
  MODERN_INIT_PROOFS,
} from './virtio/init/init.proof.ts';
import { NET_DEPENDENCY_PROOFS } from './virtio/net/dependencies.proof.ts';
import {
  INTERFACE_PROOFS,
  KICK_PROOFS,
  LAYOUT_PROOFS,
  QUEUE_SETUP_PROOFS,
} from './virtio/transport/transport.proof.ts';

/** Every script there is, by its clause. */
export const PROOFS: Readonly<Record<string, Proof>> = {
  ...UART_PROOFS,
  ...INIT_PROOFS,
  ...MODERN_INIT_PROOFS,
  ...FEATURES_PROOFS,
  ...MODERN_FEATURES_PROOFS,
  ...LAYOUT_PROOFS,
  ...QUEUE_SETUP_PROOFS,
  ...KICK_PROOFS,
  ...INTERFACE_PROOFS,
  ...NET_DEPENDENCY_PROOFS,
  ...GCE_PROOFS,
};
