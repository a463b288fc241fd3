import { BitSet } from '../../../core/bit-set.ts';
import { NET_NEEDS, withNeeds } from '../../../virtio/net/dependency-registers.ts';
import { NET_FEATURE } from '../../../virtio/net/registers.ts';
import { FEATURE } from '../../../virtio/registers.ts';
import { driverScripts } from '../scripted-driver.proof.ts';
import { NET_FEATURE_RULES } from './features.ts';

type Id = keyof typeof NET_FEATURE_RULES;
type Name = keyof typeof NET_FEATURE;

/** What a driver should take of a card. */
const TAKEN = {
  'virtio/NET-CFG-D2': 'MAC',
  'virtio/NET-CFG-D7': 'MTU',
  'virtio/NET-CFG-D10': 'STANDBY',
  'virtio/NET-TX-D32': 'GUEST_HDRLEN',
} as const satisfies { readonly [Clause in Id]?: Name };

const USUAL: readonly Name[] = Object.values(TAKEN);
const WORDS = [0, 1, 2];
/** The other rules are in the order of the table. */
const NAMES = Object.keys(NET_NEEDS) as Name[];
const IDS = (Object.keys(NET_FEATURE_RULES) as Id[]).filter((id) => !(id in TAKEN));

/** A modern driver by the book that accepts these. */
function driver(names: readonly Name[]): string {
  const { words } = BitSet.of([FEATURE.VERSION_1, ...names.map((name) => NET_FEATURE[name])]);
  const offers = WORDS.map((word) => `offer-word=${word} offer`).join(' ');
  const accepts = WORDS.map((word) => `word=${word} accept=${words[word]!.toString(16)}`).join(' ');
  const rings = 'desc=1000 driver=2000 device=3000 enable=1';
  return `reset read=0 status=1 status=3 ${offers} ${accepts} status=b read=b ${rings} status=f`;
}

/** All that `name` needs, except the last. */
function alone(name: Name): readonly Name[] {
  const last = NET_NEEDS[name]!.at(-1)!;
  return [...withNeeds(NET_NEEDS[name]!.slice(0, -1).map(([first]) => first!)), name].filter(
    (one) => !last.includes(one),
  );
}

const rows = [
  ...IDS.map((id, i) => {
    const name = NAMES[i]!;
    return [id, [driver([...USUAL, ...alone(name)]), driver([...USUAL, ...withNeeds([name])])]] as const;
  }),
  ...Object.entries(TAKEN).map(
    ([id, name]) => [id as Id, [driver(USUAL.filter((one) => one !== name)), driver(USUAL)]] as const,
  ),
];

export const NET_FEATURE_PROOFS = driverScripts<Id>(
  ['modern'],
  Object.fromEntries(rows) as Record<Id, (typeof rows)[number][1]>,
  [FEATURE.VERSION_1, ...Object.values(NET_FEATURE)],
);
