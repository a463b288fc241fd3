import { addRule, CLASSIFIER, filter, GROUP } from '../../src/conformance/reference/thorough.ts';
import { type NicDriver, virtioNet } from '../../src/guest/index.ts';
import { gceN1 } from '../../src/index.ts';
import { type Case, judged, known } from './play.ts';

/** Where a driver that breaks one of these breaks what follows from it, too, on its own machine. */
const AT_HOME = [
  'gvnic/AQ-RELEASE',
  'nvme/SHUT-QUIET',
  'virtio/INIT-D3',
  'virtio/NET-RXB-D4',
  'virtio/NET-TX-D12',
  'virtio/NET-TX-D14',
  'virtio/NET-TX-D17',
  'virtio/NET-TX-D34',
  'virtio/VQ-IMP-39',
  'virtio/VQ-SPLIT-LEG-D2',
];

type Kind = 'FF_GROUP' | 'FF_CLASSIFIER' | 'FF_RULE';
const IDS = { FF_GROUP: GROUP, FF_CLASSIFIER: CLASSIFIER, FF_RULE: 0 };

/** Has a rule, and then removes these. */
const removing =
  (...kinds: readonly Kind[]) =>
  (nic: NicDriver) => {
    filter(nic);
    addRule(nic, 0, 1, 53);
    for (const kind of kinds) nic.admin.remove(kind, IDS[kind]);
  };
/** Has two rules that match the same, of these priorities. */
const ruling =
  (...priorities: readonly number[]) =>
  (nic: NicDriver) => {
    filter(nic);
    for (const [id, priority] of priorities.entries()) addRule(nic, id, priority, 53);
  };

/** A card with filters, used wrongly and rightly. */
function filtering(name: string, wrong: (nic: NicDriver) => void, right: (nic: NicDriver) => void): Case {
  const using = (use: (nic: NicDriver) => void) => ({
    name,
    drivers: [virtioNet({ interrupts: 'polled' })],
    run: (_port: unknown, [nic]: readonly unknown[]) => use(nic as NicDriver),
  });
  const machine = () => gceN1({ virtio: 'modern', nics: [{ offer: ['ADMIN_VQ'] }] });
  return { broken: using(wrong), mended: using(right), play: judged({ machine }) };
}

export const OTHER_CASES: readonly Case[] = [
  ...known(AT_HOME, judged),
  filtering(
    'removes a group before its rules',
    removing('FF_GROUP', 'FF_RULE'),
    removing('FF_RULE', 'FF_GROUP'),
  ),
  filtering(
    'removes a classifier before its rules',
    removing('FF_CLASSIFIER', 'FF_RULE'),
    removing('FF_RULE', 'FF_CLASSIFIER'),
  ),
  filtering('gives two rules one priority', ruling(1, 1), ruling(1, 2)),
];
