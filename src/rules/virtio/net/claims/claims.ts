import { CHECKSUMS } from './checksums.ts';
import { CUTS } from './cuts.ts';

/** What a driver says of a frame, against the frame. */
export const CLAIMS = { ...CHECKSUMS, ...CUTS } as const;
