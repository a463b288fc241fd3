import { type BrokenDriver, breaking } from '../../../conformance/broken/broken-driver.ts';
import { brokenNic } from '../../../conformance/broken/broken-nic.ts';
import { MULTICAST, RECEIVED, SELDOM, STATION, VLAN } from '../../../conformance/reference/thorough.ts';
import { FRAME } from '../../../conformance/reference.ts';
import { type NicDriver, virtioNet } from '../../../guest/index.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import type { Machine } from '../../../machine/machine.ts';
import type { MachineOptions } from '../../../machine/options.ts';
import { NET_FEATURE } from '../../../virtio/net/registers.ts';
import type { ClauseId } from '../../index.ts';

type Offer = NonNullable<NonNullable<MachineOptions['nics']>[number]['offer']>;
type Use = (nic: NicDriver) => void;

/** Class and command, the data in one or two parts, the ack, the result. */
const [FIRST, SECOND, RESULT] = [1, 2, 3];
/** By the queues of one pair; with two pairs it is 4. */
const CONTROL = 2;
const MOST = 128;
/** No hash type, and no tunnel, that a card supports. */
const STRANGE = 1 << 15;
/** An undefined statistic. */
const UNKNOWN = 0x21;
const WHILE = 1_100_000_000;

const modern = (offer: Offer, more: MachineOptions = {}) => ({
  machine: () => gceN1({ virtio: 'modern', nics: [{ offer }], ...more }),
});
const legacy = (offer: Offer, more: MachineOptions = {}) => ({
  machine: () => gceN1({ nics: [{ offer }], ...more }),
});
const big = (offer: Offer) => legacy(offer, { guestEndian: 'big' });

/** A good driver, used wrongly. */
function misused(offer: Offer, use: Use, more: MachineOptions = {}) {
  const good = breaking(virtioNet({ interrupts: 'polled' }), use, modern(offer, more).machine);
  return (name: string, clause: ClauseId): BrokenDriver => good(name, clause, (port) => port);
}

const filter: Use = (nic) => nic.commands.filter([STATION], [MULTICAST]);
const steer: Use = (nic) => nic.commands.steer({ table: [0, 0] });
const getStatistics: Use = (nic) => nic.commands.statistics(0, RECEIVED);

/** The card changes, and the driver does no more than `use`. */
function ignores(offer: Offer, use: Use, change: (machine: Machine) => void) {
  const good = breaking(virtioNet({ interrupts: 'msix' }), use, modern(offer).machine);
  return (name: string, clause: ClauseId): BrokenDriver => ({
    ...good(name, clause, (port) => port),
    act: (machine, once) => {
      once();
      change(machine);
      for (let i = 0; i < 3; i++) {
        machine.port.wait(() => false, WHILE);
        once();
      }
    },
  });
}

const FILTERS: readonly BrokenDriver[] = [
  brokenNic(filter, { queue: CONTROL, position: SECOND, ...modern(['CTRL_RX']) })(
    'counts one group too many',
    'virtio/NET-MAC-D3',
    (groups) => groups.put(0, 2, 1),
  ),
  brokenNic(filter, { queue: CONTROL, position: FIRST, ...legacy(['CTRL_RX']) })(
    'puts the count of a table into a descriptor of its own',
    'virtio/NET-FRAME-LEG-D4',
    (stations) => stations.cut(4),
  ),
  brokenNic(filter, { queue: CONTROL, position: FIRST, ...legacy(['CTRL_RX']) })(
    'filters a group among stations',
    'virtio/NET-FRAME-LEG-D5',
    (stations) => stations.put(4, MULTICAST[0]!, 1),
  ),
  brokenNic(filter, { queue: CONTROL, position: SECOND, ...legacy(['CTRL_RX']) })(
    'filters a station among groups',
    'virtio/NET-FRAME-LEG-D6',
    (groups) => groups.put(4, STATION[0]!, 1),
  ),
];

/** Of a tag, the id and the lowest bit of the priority. */
const TAG = 0x1000 | VLAN;

const VALUES: readonly BrokenDriver[] = [
  brokenNic((nic) => nic.commands.receive('PROMISC', true), {
    queue: CONTROL,
    position: FIRST,
    ...modern(['CTRL_RX']),
  })('switches promiscuous mode on by ff', 'virtio/NET-RXMODE-IMP-1', (data) => data.put(0, 0xff, 1)),
  misused(['CTRL_RX', 'CTRL_MAC_ADDR'], (nic) => nic.commands.setMac(MULTICAST))(
    'gives its card the address of a group',
    'virtio/NET-MAC-IMP-1',
  ),
  brokenNic((nic) => nic.commands.vlan(VLAN, true), {
    queue: CONTROL,
    position: FIRST,
    ...modern(['CTRL_VLAN']),
  })('names a tag instead of a VLAN', 'virtio/NET-VLAN-IMP-1', (id) => id.put(0, TAG, 2)),
];

const STEERING: readonly BrokenDriver[] = [
  brokenNic((nic) => nic.commands.hash(2), { queue: CONTROL, position: FIRST, ...modern(['HASH_REPORT']) })(
    'takes reserved words for an indirection table',
    'virtio/NET-HASHCFG-D1',
    (data) => data.put(4, 1, 1),
  ),
  brokenNic(steer, { queue: CONTROL, position: FIRST, ...modern(['RSS']) })(
    'steers to a queue that there is not',
    'virtio/NET-RSS-D2',
    (data) => data.put(8, 5, 2),
  ),
  brokenNic(steer, { queue: CONTROL, position: FIRST, ...modern(['RSS']) })(
    'writes the length of the table instead of a mask',
    'virtio/NET-RSS-D3',
    (data) => data.put(4, 2, 2),
  ),
  misused(['RSS'], (nic) => nic.commands.steer({ table: new Array(2 * MOST).fill(0) }))(
    'has a table that is too long',
    'virtio/NET-RSS-D4',
  ),
  misused(['RSS'], (nic) => nic.commands.steer({ table: [0], hashTypes: STRANGE }))(
    'hashes what the card cannot',
    'virtio/NET-RSS-D5',
  ),
  brokenNic((nic) => nic.commands.addContext(1, { table: [0] }), {
    queue: CONTROL,
    position: FIRST,
    ...modern(['RSS_CONTEXT']),
  })('counts RSS contexts from 0', 'virtio/NET-RSSCTX-D2', (data) => {
    if (data.length > 2) data.put(0, 0, 2);
  }),
  misused(
    ['RSS_CONTEXT'],
    (nic) => {
      nic.commands.addContext(1, { table: [0] });
      nic.setPairs(2);
    },
    { vcpus: 2 },
  )('enables pairs while a context exists', 'virtio/NET-RSSCTX-D3'),
  misused(['HASH_TUNNEL'], (nic) => nic.commands.tunnels(STRANGE))(
    'hashes by tunnels that the card does not know',
    'virtio/NET-IHH-D2',
  ),
  misused(['HASH_TUNNEL'], (nic) => nic.commands.tunnels(nic.commands.supportedTunnels), {
    reservedFeatures: true,
  })('hashes by all tunnels that there may be', 'virtio/NET-IHH-D3'),
];

const COUNTS: readonly BrokenDriver[] = [
  misused(['VQ_NOTF_COAL'], (nic) => nic.commands.moderate(MOST, SELDOM))(
    'delays the interrupts of a queue that there is not',
    'virtio/NET-COAL-D1',
  ),
  misused(['VQ_NOTF_COAL'], (nic) => nic.commands.moderate(CONTROL, SELDOM))(
    'delays the interrupts of the control queue',
    'virtio/NET-COAL-D1',
  ),
  brokenNic(getStatistics, { queue: CONTROL, position: FIRST, ...modern(['DEVICE_STATS']) })(
    'asks for a statistic that the device did not announce',
    'virtio/NET-STAT-D1',
    (data) => data.put(8, UNKNOWN, 1),
  ),
  brokenNic(getStatistics, { queue: CONTROL, position: FIRST, ...modern(['DEVICE_STATS']) })(
    'asks a transmit queue what it received',
    'virtio/NET-STAT-D2',
    (data) => data.put(0, 1, 2),
  ),
  brokenNic(getStatistics, { queue: CONTROL, position: RESULT, ...modern(['DEVICE_STATS']) })(
    'has no room for statistics',
    'virtio/NET-STAT-D3',
    (result) => {
      result.length = 4;
    },
  ),
];

/** A cable is out for a moment. */
function cutFor({ nics: [nic] }: Machine): void {
  nic!.setLink(false);
  nic!.setLink(true);
}

/** Ignores changes, as `send` does. */
function sendBlindly(nic: NicDriver): void {
  nic.post(FRAME);
  nic.flush();
}

const CHANGES: readonly BrokenDriver[] = [
  ignores(
    ['GUEST_ANNOUNCE'],
    (nic) => nic.commands.acknowledge(),
    (machine) => machine.nics[0]!.announce(),
  )('acknowledges an announcement that it does not make', 'virtio/NET-ANN-D1'),
  ignores(['GUEST_ANNOUNCE'], sendBlindly, (machine) => machine.nics[0]!.announce())(
    'does not acknowledge an announcement',
    'virtio/NET-ANN-D2',
  ),
  ignores(['SPEED_DUPLEX'], sendBlindly, (machine) => machine.nics[0]!.setSpeed(100))(
    'takes the speed of a link to be what it was',
    'virtio/NET-CFG-D12',
  ),
  ignores(['SPEED_DUPLEX'], sendBlindly, cutFor)('takes a link to be up for ever', 'virtio/NET-CFG-D6'),
];

/** The numbers of a big-endian guest, in the other byte order. */
const SWAPPED: readonly BrokenDriver[] = [
  brokenNic(filter, { queue: CONTROL, ...big(['CTRL_RX']) })(
    'counts addresses in little-endian',
    'virtio/NET-MAC-LEG-D1',
    (table, position) => {
      if (position !== FIRST && position !== SECOND) return;
      table.put(0, 1, 1);
      table.put(3, 0, 1);
    },
  ),
  brokenNic((nic) => nic.commands.vlan(VLAN, true), {
    queue: CONTROL,
    position: FIRST,
    ...big(['CTRL_VLAN']),
  })('names a VLAN in little-endian', 'virtio/NET-VLAN-LEG-D1', (id) => {
    id.put(0, VLAN, 1);
    id.put(1, 0, 1);
  }),
  brokenNic((nic) => nic.setPairs(2), {
    queue: 4,
    position: FIRST,
    ...legacy([], { guestEndian: 'big', vcpus: 2 }),
  })('counts pairs in little-endian', 'virtio/NET-MQ-LEG-D1', (pairs) => {
    pairs.put(0, 2, 1);
    pairs.put(1, 0, 1);
  }),
  brokenNic((nic) => nic.setOffloads(1 << NET_FEATURE.GUEST_CSUM), {
    queue: CONTROL,
    position: FIRST,
    ...big([]),
  })('names offloads in little-endian', 'virtio/NET-OFFL-LEG-D1', (mask) => {
    mask.put(0, 1 << NET_FEATURE.GUEST_CSUM, 1);
    mask.put(7, 0, 1);
  }),
];

/** Drivers that use a card's commands, which its features allow, wrongly. */
export const MUTANTS: readonly BrokenDriver[] = [
  ...FILTERS,
  ...VALUES,
  ...STEERING,
  ...COUNTS,
  ...CHANGES,
  ...SWAPPED,
];
