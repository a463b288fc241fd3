import { NET_DEPENDENCIES, NET_FEATURE } from '../../../virtio/net/registers.ts';
import { driverScripts } from '../scripted-driver.proof.ts';
import { NET_DEPENDENCY_RULES } from './dependencies.ts';

type Id = keyof typeof NET_DEPENDENCY_RULES;
type Name = keyof typeof NET_DEPENDENCIES;

/** The rules stand in the order of the table. */
const IDS = Object.keys(NET_DEPENDENCY_RULES) as Id[];
const NAMES = Object.keys(NET_DEPENDENCIES) as Name[];

const driver = (bits: readonly number[]) => {
  const word = bits.reduce((sum, bit) => sum + 2 ** bit, 2 ** 27);
  return `reset read=0 status=1 status=3 offer accept=${word.toString(16)} size queue=100 status=7`;
};

/** What `name` needs, and what that needs, the first of each. */
const needed = (name: Name): number[] => {
  const [first] = NET_DEPENDENCIES[name];
  const further = first in NET_DEPENDENCIES ? needed(first as Name) : [];
  return [NET_FEATURE[first], ...further];
};

const rows = IDS.map((id, i) => {
  const bit = NET_FEATURE[NAMES[i]!];
  return [id, [driver([bit]), driver([bit, ...needed(NAMES[i]!)])]] as const;
});

export const NET_DEPENDENCY_PROOFS = driverScripts<Id>(
  ['legacy'],
  Object.fromEntries(rows) as Record<Id, (typeof rows)[number][1]>,
);
