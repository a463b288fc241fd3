import { ADDRESSES } from './addresses.ts';
import { CHECKSUMS } from './checksums.ts';
import { CUTS } from './cuts.ts';
import { SECURED_LENGTH } from './secured.ts';
import { TUNNEL_SUMS } from './tunnel-sums.ts';
import { TUNNELS } from './tunnels.ts';

/** What a driver says of a frame, against the frame. */
export const CLAIMS = {
  ...CHECKSUMS,
  ...CUTS,
  ...ADDRESSES,
  ...SECURED_LENGTH,
  ...TUNNELS,
  ...TUNNEL_SUMS,
} as const;
