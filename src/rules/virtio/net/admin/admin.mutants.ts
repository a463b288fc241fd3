import { type BrokenDriver, breaking } from '../../../../conformance/broken/broken-driver.ts';
import {
  addRule,
  CLASSIFIER,
  filter,
  GROUP,
  keysOf,
  selector,
} from '../../../../conformance/reference/thorough.ts';
import { type NicDriver, virtioNet } from '../../../../guest/index.ts';
import { gceN1 } from '../../../../machine/gce-n1.ts';
import { virtio_admin_cmd_cap_get_data } from '../../../../virtio/features/admin/registers.ts';
import { NET_CAP } from '../../../../virtio/net/capability-registers.ts';
import { FF_ACTION, FF_MASK_TYPE, type Selector } from '../../../../virtio/net/registers/flow-filters.ts';
import type { ClauseId } from '../../../index.ts';

const { ETH, IPV4, UDP } = FF_MASK_TYPE;

const machine = () => gceN1({ virtio: 'modern', nics: [{ offer: ['ADMIN_VQ'] }] });

/** A good driver, used wrongly. */
function misused(name: string, clause: ClauseId, use: (nic: NicDriver) => void): BrokenDriver {
  return breaking(virtioNet({ interrupts: 'polled' }), use, machine)(name, clause, (port) => port);
}

/** Makes a classifier of these selectors. */
const classify =
  (...selectors: readonly Selector[]) =>
  ({ admin }: NicDriver) => {
    admin.useFilters();
    admin.addClassifier(0, selectors);
  };

/** Adds a rule for UDP with one byte of its keys changed. */
const addSpoilt = (at: number, value: number) => (nic: NicDriver) => {
  filter(nic);
  const keys = keysOf(53);
  keys[at] = value;
  nic.admin.addRule(0, { group: GROUP, classifier: CLASSIFIER, priority: 1, keys, action: FF_ACTION.DROP });
};

/** Destroys the objects that a rule depends on, in that order. */
const removes = (...kinds: readonly ('FF_GROUP' | 'FF_CLASSIFIER' | 'FF_RULE')[]) => {
  const ids = { FF_GROUP: GROUP, FF_CLASSIFIER: CLASSIFIER, FF_RULE: 0 };
  return (nic: NicDriver) => {
    filter(nic);
    addRule(nic, 0, 1, 53);
    for (const kind of kinds) nic.admin.remove(kind, ids[kind]);
  };
};

const BYTE = selector(ETH, 0);
const TYPE = selector(ETH, 12, 13);

/** Two commands, and an undefined third. */
const [FEW, UNKNOWN] = [Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0), Uint8Array.of(7, 0, 0, 0, 0, 0, 0, 0)];

const COMMANDS: readonly BrokenDriver[] = [
  misused('asks for what it said that it does not use', 'virtio/ADMIN-IMP-1', ({ admin }) => {
    admin.ask('LIST_USE', FEW);
    admin.ask('CAP_ID_LIST_QUERY');
  }),
  misused('says that it uses a command that there is not', 'virtio/ADMIN-IMP-2', ({ admin }) =>
    admin.ask('LIST_USE', UNKNOWN),
  ),
  misused('makes two groups of one id', 'virtio/ADMIN-IMP-3', ({ admin }) => {
    admin.useFilters();
    admin.addGroup(GROUP, 1);
    admin.addGroup(GROUP, 2);
  }),
  misused('sets capabilities once more for each group', 'virtio/ADMIN-IMP-4', ({ admin }) => {
    admin.useFilters();
    admin.addGroup(GROUP, 1);
    admin.useFilters();
  }),
];

const FILTERS: readonly BrokenDriver[] = [
  misused('filters flows without saying that it will', 'virtio/NET-FF-D1', ({ admin }) =>
    admin.addGroup(GROUP, 1),
  ),
  misused('destroys a group and leaves its rules', 'virtio/NET-FF-D2', removes('FF_GROUP')),
  misused('destroys a group, and then its rules', 'virtio/NET-FF-D3', removes('FF_GROUP', 'FF_RULE')),
  misused('destroys a classifier and leaves its rules', 'virtio/NET-FF-D4', removes('FF_CLASSIFIER')),
  misused(
    'destroys a classifier, and then its rules',
    'virtio/NET-FF-D5',
    removes('FF_CLASSIFIER', 'FF_RULE'),
  ),
  misused('gives all rules one priority', 'virtio/NET-FF-D6', (nic) => {
    filter(nic);
    addRule(nic, 0, 1, 53);
    addRule(nic, 1, 1, 54);
  }),
  misused('gives rules that match the same one priority', 'virtio/NET-FF-D7', (nic) => {
    filter(nic);
    addRule(nic, 0, 1, 53);
    addRule(nic, 1, 1, 53);
  }),
  misused('matches UDP right behind Ethernet', 'virtio/NET-FF-D8', classify(TYPE, selector(UDP, 2, 3))),
  misused(
    'matches UDP of any protocol',
    'virtio/NET-FF-D9',
    classify(TYPE, selector(IPV4), selector(UDP, 2, 3)),
  ),
  misused('writes the EtherType in the order of the host', 'virtio/NET-FF-D10', addSpoilt(12, 0)),
  misused('leaves the protocol of a key out', 'virtio/NET-FF-D11', addSpoilt(14 + 9, 0)),
  misused('matches one byte of an address, and has no flag for it', 'virtio/NET-FF-D12', (nic) => {
    setsWholeFields(nic);
    nic.admin.addClassifier(0, [BYTE]);
  }),
];

/** Assumes that partial masks are supported, without saying that it uses them. */
function setsWholeFields({ admin }: NicDriver): void {
  admin.useFilters();
  const about = virtio_admin_cmd_cap_get_data.encode({ id: NET_CAP.FF_SELECTOR });
  const one = Uint8Array.of(
    1,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    ETH,
    0,
    0,
    0,
    14,
    0,
    0,
    0,
    ...new Uint8Array(14).fill(0xff),
  );
  admin.ask('DRIVER_CAP_SET', Uint8Array.of(...about, ...one));
}

/** Mistakes of drivers that have an administration virtqueue. */
export const MUTANTS: readonly BrokenDriver[] = [...COMMANDS, ...FILTERS];
