import type { GuestPort } from '../../core/guest-port.ts';
import {
  device_feature,
  device_feature_select,
  driver_feature,
  driver_feature_select,
} from '../../virtio/transport/modern/registers.ts';
import { answerCommon, CommonRegister, rewriteCommon } from './behind-modern.ts';

const BITS = 32;

/** The offered features go through `see` before the driver reads them, 32 bits at a time. */
function rewriteOffer(
  port: GuestPort,
  bdf: number,
  see: (offered: number, word: number) => number,
): GuestPort {
  const select = new CommonRegister(port, bdf, device_feature_select);
  return answerCommon(port, bdf, device_feature, (ask) => see(ask(), select.read()) >>> 0);
}

/** The accepted features go through `accept`, 32 bits at a time. */
export function rewriteAccepted(
  port: GuestPort,
  bdf: number,
  accept: (accepted: number, word: number) => number,
): GuestPort {
  const select = new CommonRegister(port, bdf, driver_feature_select);
  return rewriteCommon(port, bdf, driver_feature, (value) => accept(value, select.read()) >>> 0);
}

/** Those of `bits` that lie in one word of 32. */
function maskOf(bits: readonly number[], word: number): number {
  return bits
    .filter((bit) => Math.floor(bit / BITS) === word)
    .reduce((mask, bit) => mask | (1 << (bit % BITS)), 0);
}

/** The driver does not see `bit` in the offer. */
export function overlooks(port: GuestPort, bdf: number, bit: number): GuestPort {
  return rewriteOffer(port, bdf, (offered, word) => offered & ~maskOf([bit], word));
}

/** The driver accepts those of `bits` that are offered, whatever their meaning. */
export function takes(port: GuestPort, bdf: number, bits: readonly number[]): GuestPort {
  const offered: number[] = [];
  const noting = rewriteOffer(port, bdf, (seen, word) => {
    offered[word] = seen;
    return seen;
  });
  return rewriteAccepted(noting, bdf, (accepted, word) => accepted | (offered[word]! & maskOf(bits, word)));
}
