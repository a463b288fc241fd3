import { ANSWER_LIES } from './answers.ts';
import { CARD_LIES } from './cards.ts';
import { FIELD_LIES } from './fields.ts';
import type { Lie } from './lie.ts';
import { NVME_LIES } from './nvme.ts';
import { PEER_LIES } from './peers.ts';
import { REGISTER_LIES } from './readings.ts';
import { RING_LIES } from './rings.ts';

/** The lies of devices, in the order in which a driver meets them. */
export const LIES: readonly Lie[] = [
  ...REGISTER_LIES,
  ...FIELD_LIES,
  ...RING_LIES,
  ...ANSWER_LIES,
  ...PEER_LIES,
  ...CARD_LIES,
  ...NVME_LIES,
];

/** The lie that a turn of the suite tells; none for an honest one. */
export function lieNamed(name: string): Lie | undefined {
  return LIES.find((lie) => lie.name === name);
}
