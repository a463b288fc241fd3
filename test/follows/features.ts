import type { BrokenDriver } from '../../src/conformance/broken/broken-driver.ts';
import { CLAUSE_IDS, CLAUSES } from '../../src/rules/index.ts';
import { NET_NEEDS } from '../../src/virtio/net/dependency-registers.ts';
import { NET_FEATURE } from '../../src/virtio/net/registers.ts';
import { type Case, judged, known } from './play.ts';

/** Of a card, those that need others. */
const NEEDY: readonly number[] = Object.entries(NET_FEATURE).flatMap(([name, bit]) =>
  name in NET_NEEDS ? [bit] : [],
);

/** A card that offers no feature that needs others. */
function offersFew({ machine }: BrokenDriver) {
  return () => {
    const made = machine!();
    const card = made.virtio.find(({ name }) => name === 'net0')!;
    card.offer({ without: card.features.filter((bit) => NEEDY.includes(bit)) });
    return made;
  };
}

/** Each takes one feature without what that needs, and here it is not offered either. */
export const FEATURE_CASES: readonly Case[] = known(
  CLAUSE_IDS.filter((id) => CLAUSES[id].follows?.includes('virtio/FEAT-D1')),
  (broken) => judged({ machine: offersFew(broken) }),
);
