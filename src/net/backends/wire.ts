import type { NetBackend } from './backend.ts';

/** What lies behind a card's socket. */
export interface Wire {
  /** The link. */
  up: boolean;
  /** Called with each frame on the wire; `sent` is the guest's. The frame is valid only during the call. */
  onFrame: ((frame: Uint8Array, sent: boolean) => void) | null;
  backend: NetBackend | null;
}
